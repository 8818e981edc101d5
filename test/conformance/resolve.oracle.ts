import { spawnSync } from 'node:child_process';
import type { Closure } from '../../src/model/resolution.js';

/** What a loader maps, in the words of `--list`. */
export interface Listing {
  /** Paths in the order of the link map, without the program and the loader. */
  readonly paths: readonly string[];
  /** Names that were not found, sorted. */
  readonly missing: readonly string[];
  /** `provider version object`, sorted. */
  readonly versions: readonly string[];
  /** The loader gave up: a file is there and is no library. */
  readonly fatal: boolean;
}

export interface OracleOptions {
  readonly loader: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Further words for the loader, before the program. */
  readonly options?: readonly string[];
  readonly workingDir?: string;
}

const MARK = '@@next@@';

/**
 * Asks the loader inside the root, for many programs in one process. LD_TRACE_LOADED_OBJECTS lists on past what is
 * missing, where `--list` ends.
 */
export function listings(root: string, programs: readonly string[], how: OracleOptions): ReadonlyMap<string, Listing> {
  const script = `read -r dir; cd "$dir"; while read -r p; do echo "${MARK} $p"; "$@" "$p" 2>&1; done`;
  const words = [how.loader, ...(how.options ?? [])];
  const shell = [
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'chroot',
    root,
    '/bin/sh',
    '-c',
    wrapped(script, how),
    'sh',
    ...words,
  ];
  const run = spawnSync(shell[0] ?? '', shell.slice(1), {
    input: `${how.workingDir ?? '/'}\n${programs.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status === null || run.stdout === '') throw new Error(`chroot ${root}: ${run.stderr}`);
  return parseAll(run.stdout, how.loader);
}

/** The environment is the loader's alone: the shell around it needs its own libraries. */
function wrapped(script: string, { environment }: OracleOptions): string {
  const all = { ...environment, LD_TRACE_LOADED_OBJECTS: '1', LD_WARN: '1' };
  const assignments = Object.entries(all).map(([name, value]) => `${name}='${value}'`);
  return script.replace('"$@"', () => `${assignments.join(' ')} "$@"`);
}

/** Asks musl's loader, one program after another: a root of musl has no shell. */
export function muslListing(root: string, program: string, how: OracleOptions): Listing {
  const run = spawnSync('chroot', [root, how.loader, '--list', program], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...how.environment },
  });
  if (run.error !== undefined) throw run.error;
  const lines = `${run.stdout}${run.stderr}`.split('\n');
  return {
    paths: lines.flatMap((line) => {
      const path = /^\t.* => (\S+) \(0x/.exec(line)?.[1];
      return path === undefined || path === how.loader ? [] : [path];
    }),
    missing: lines.flatMap((line) => /^Error loading shared library (\S+?): /.exec(line)?.[1] ?? []).sort(),
    versions: [],
    fatal: false,
  };
}

function parseAll(output: string, loader: string): ReadonlyMap<string, Listing> {
  const found = new Map<string, Listing>();
  for (const block of output.split(`${MARK} `).slice(1)) {
    const [program = '', ...lines] = block.split('\n');
    found.set(program, parseListing(lines, loader));
  }
  return found;
}

function parseListing(lines: readonly string[], loader: string): Listing {
  const paths: string[] = [];
  const missing = new Set<string>();
  const versions = new Set<string>();
  for (const line of lines) {
    const [, needed, place] = /^\t(.*?) => (.*?)(?: \(0x[0-9a-f]+\))?$/.exec(line) ?? [];
    const bare = /^\t(\S+) \(0x[0-9a-f]+\)$/.exec(line)?.[1];
    const version = /: (\S+): version `(.*)' not found \(required by (.*)\)$/.exec(line);
    if (needed !== undefined && place === 'not found') missing.add(needed);
    else if (place !== undefined && !isLoader(place, loader)) paths.push(place);
    else if (bare !== undefined && !isLoader(bare, loader) && bare !== 'linux-vdso.so.1') paths.push(bare);
    if (version !== null) versions.add(version.slice(1).join(' '));
  }
  const fatal = lines.some((line) => line.includes('error while loading shared libraries'));
  return { paths, missing: [...missing].sort(), versions: [...versions].sort(), fatal };
}

function isLoader(path: string, loader: string): boolean {
  return path === loader || /\/ld-linux[\w-]*\.so\.\d$/.test(path);
}

/** Our closure in the same words. */
export function listingOf(closure: Closure, loader: string): Listing {
  const [, ...others] = closure.objects;
  const needed = closure.objects.flatMap((object) => object.needed);
  const missing = new Set(needed.filter(({ status }) => status === 'missing').map((each) => each.needed));
  const fatal = needed.some(
    ({ status, trail }) => status === 'missing' && trail.some(({ saw }) => saw === 'not-a-binary'),
  );
  const versions = closure.objects.flatMap((object) =>
    object.missingVersions
      .filter(({ weak }) => !weak)
      .map(({ providerPath, version }) => `${providerPath} ${version} ${object.path}`),
  );
  return {
    paths: others.map(({ path }) => path).filter((path) => !isLoader(path, loader)),
    missing: [...missing].sort(),
    versions: [...new Set(versions)].sort(),
    fatal,
  };
}
