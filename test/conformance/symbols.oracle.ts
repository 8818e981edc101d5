import { spawnSync } from 'node:child_process';

/** What a loader says of the symbols of one program: `name version object`, each once, sorted. */
export interface Unbound {
  readonly symbols: readonly string[];
  /** It ended before it bound anything: why. */
  readonly ended: string | null;
}

const MARK = '@@next@@';

/**
 * Asks glibc's loader inside the root which symbols nobody defines (`ldd -d`; with `now`, `ldd -r`), for many programs
 * and libraries in one process.
 */
export function unboundIn(
  root: string,
  paths: readonly string[],
  how: { readonly loader: string; readonly now: boolean; readonly libraryPath?: string },
): ReadonlyMap<string, Unbound> {
  const variables = ['LD_TRACE_LOADED_OBJECTS=1', 'LD_WARN=1', ...(how.now ? ['LD_BIND_NOW=1'] : [])];
  if (how.libraryPath !== undefined) variables.push(`LD_LIBRARY_PATH='${how.libraryPath}'`);
  const script = `cd /; while read -r p; do echo "${MARK} $p"; ${variables.join(' ')} ${how.loader} "$p" 2>&1; done`;
  const found = new Map<string, Unbound>();
  for (const [path, lines] of blocksOf(root, script, paths)) found.set(path, parseUnbound(lines));
  return found;
}

/** Lines of the script's output for each path that it reads. */
function blocksOf(
  root: string,
  script: string,
  paths: readonly string[],
): readonly (readonly [string, readonly string[]])[] {
  const run = spawnSync('env', ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'chroot', root, '/bin/sh', '-c', script], {
    input: `${paths.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  if (run.status === null || run.stdout === '') throw new Error(`chroot ${root}: ${run.stderr}`);
  return run.stdout
    .split(`${MARK} `)
    .slice(1)
    .map((block) => {
      const [path = '', ...lines] = block.split('\n');
      return [path, lines] as const;
    });
}

/** Lines after which nothing comes, or on which nothing depends. */
const ENDED = /error while loading shared libraries|^Inconsistency detected|^Fatal |: Assertion `|^Segmentation/;

export function parseUnbound(lines: readonly string[]): Unbound {
  const symbols = new Set<string>();
  for (const line of lines) {
    const [, name, version, object] = /^undefined symbol: (\S*?)(?:, version (\S*))?\t\((.*)\)$/.exec(line) ?? [];
    if (name !== undefined)
      symbols.add([name, version === undefined || version === '' ? '-' : version, object].join(' '));
  }
  const ended = lines.find((line) => ENDED.test(line));
  return { symbols: [...symbols].sort(), ended: ended ?? null };
}

/**
 * Asks musl's loader, which lists a program and binds it before it ends. `version` is `-`: it knows of none. Where it
 * does not find a library it goes on.
 */
export function unboundInMusl(
  root: string,
  paths: readonly string[],
  how: { readonly loader: string; readonly libraryPath: string },
): ReadonlyMap<string, Unbound> {
  const script = `cd /; while read -r p; do echo "${MARK} $p"; LD_LIBRARY_PATH='${how.libraryPath}' ${how.loader} --list "$p" 2>&1; echo "ended $?"; done`;
  const found = new Map<string, Unbound>();
  for (const [path, lines] of blocksOf(root, script, paths)) {
    const symbols = lines.flatMap((line) => {
      const [, object, name] = /^Error relocating (.*): (\S+): symbol not found$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, '-', object].join(' ')];
    });
    const ended = lines.some((line) => /^ended (?:0|127)$/.test(line)) ? null : 'it crashed';
    const refused = lines.find((line) => /Not a valid dynamic program|Exec format/.test(line));
    found.set(path, { symbols: [...new Set(symbols)].sort(), ended: refused ?? ended });
  }
  return found;
}
