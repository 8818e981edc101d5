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
  how: { readonly loader: string; readonly now: boolean; readonly preload?: string },
): ReadonlyMap<string, Unbound> {
  const variables = ['LD_TRACE_LOADED_OBJECTS=1', 'LD_WARN=1', ...(how.now ? ['LD_BIND_NOW=1'] : [])];
  if (how.preload !== undefined) variables.push(`LD_PRELOAD='${how.preload}'`);
  const script = `cd /; while read -r p; do echo "${MARK} $p"; ${variables.join(' ')} ${how.loader} "$p" 2>&1; done`;
  const run = spawnSync('env', ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'chroot', root, '/bin/sh', '-c', script], {
    input: `${paths.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  if (run.status === null || run.stdout === '') throw new Error(`chroot ${root}: ${run.stderr}`);
  const found = new Map<string, Unbound>();
  for (const block of run.stdout.split(`${MARK} `).slice(1)) {
    const [path = '', ...lines] = block.split('\n');
    found.set(path, parseUnbound(lines));
  }
  return found;
}

/** Lines after which nothing comes, or on which nothing depends. */
const ENDED = /error while loading shared libraries|^Inconsistency detected|^Fatal |: Assertion `|^Segmentation/;

function parseUnbound(lines: readonly string[]): Unbound {
  const symbols = new Set<string>();
  for (const line of lines) {
    const [, name, version, object] = /^undefined symbol: (\S*?)(?:, version (\S+))?\t\((.*)\)$/.exec(line) ?? [];
    if (name !== undefined) symbols.add([name, version ?? '-', object].join(' '));
  }
  const ended = lines.find((line) => ENDED.test(line));
  return { symbols: [...symbols].sort(), ended: ended ?? null };
}

/** Names that musl's loader cannot bind when it starts a program or lists a library: `name object`, sorted. */
export function unboundInMusl(root: string, loader: string, path: string): readonly string[] {
  const run = spawnSync('chroot', [root, loader, '--list', path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (run.error !== undefined) throw run.error;
  const lines = `${run.stdout}${run.stderr}`.split('\n');
  const found = lines.flatMap((line) => {
    const [, object, name] = /^Error relocating (.*): (\S+): symbol not found$/.exec(line) ?? [];
    return name === undefined ? [] : [`${name} ${object}`];
  });
  return [...new Set(found)].sort();
}
