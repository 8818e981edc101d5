import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Rootfs } from '../../src/model/rootfs.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { bindSymbols } from '../../src/resolve/symbols/index.js';
import { unboundIn, unboundInMusl, type Unbound } from './symbols.oracle.js';
import { linuxRootfs } from './symbols.rootfs.js';
import { workFolder } from './support/work.js';

/**
 * Which symbols nobody defines, for every program and library of this machine and of the Debian roots of other suites,
 * against what the loader of each says: with lazy binding those that end the start, with LD_BIND_NOW all of them.
 */
const LOADER = '/lib64/ld-linux-x86-64.so.2';
const MUSL_LOADER = '/lib/ld-musl-x86_64.so.1';

function elfPaths(rootfs: Rootfs): readonly string[] {
  return [...rootfs.entries()].flatMap(({ path, content }) => {
    if (content?.kind !== 'binary' || content.binary.format !== 'elf') return [];
    const { machine, bits, kind, interpreter } = content.binary;
    const isMusl = interpreter?.includes('ld-musl') === true;
    const isLoaded = ['pie', 'executable', 'shared-object'].includes(kind);
    return machine === 'x86_64' && bits === 64 && isLoaded && !isMusl ? [path] : [];
  });
}

interface How {
  readonly loader: string;
  readonly now: boolean;
  readonly libraryPath?: string;
}

/** Our answer in the words of the oracle. */
function ours(rootfs: Rootfs, path: string, how: How, theirs: ReadonlySet<string>): readonly string[] {
  const entry = rootfs.entry(path);
  const interpreter = rootfs.lookup(how.loader);
  if (entry === null || !interpreter.found) throw new Error(`${path} or ${how.loader} is not there`);
  const environment = {
    ...(how.now ? { LD_BIND_NOW: '1' } : {}),
    ...(how.libraryPath === undefined ? {} : { LD_LIBRARY_PATH: how.libraryPath }),
  };
  const context = { rootfs, environment, workingDir: '/', secure: false };
  const closure = resolveClosure(entry, { ...context, interpreter: { path: how.loader, entry: interpreter.entry } });
  const { missing } = bindSymbols(closure, context, Infinity);
  const symbols = [...missing].flatMap(([object, each]) =>
    each
      .filter(({ when }) => when === 'start')
      .map(({ name, version, provider, providerPath }) => {
        const words = [name, version ?? '-', object.path].join(' ');
        const plain = [name, '-', object.path].join(' ');
        if (closure.loader === 'musl') return plain;
        // While it only lists, the loader does not count the versions of a library that is not there, and may lose one.
        return provider !== null && providerPath === null && !theirs.has(words) && theirs.has(plain) ? plain : words;
      }),
  );
  return [...new Set(symbols)].sort();
}

interface Count {
  files: number;
  ended: number;
  symbols: number;
  withSymbols: number;
  readonly different: string[];
}

function compareAll(rootfs: Rootfs, paths: readonly string[], theirs: ReadonlyMap<string, Unbound>, how: How): Count {
  const count: Count = { files: 0, ended: 0, symbols: 0, withSymbols: 0, different: [] };
  for (const path of paths) {
    const expected = theirs.get(path);
    if (expected === undefined) throw new Error(`the loader says nothing of ${path}`);
    if (expected.ended !== null) {
      count.ended += 1;
      continue;
    }
    const actual = ours(rootfs, path, how, new Set(expected.symbols));
    count.files += 1;
    count.symbols += expected.symbols.length;
    count.withSymbols += expected.symbols.length > 0 ? 1 : 0;
    count.different.push(...differences(path, actual, expected.symbols));
  }
  return count;
}

function differences(path: string, actual: readonly string[], expected: readonly string[]): readonly string[] {
  const more = actual.filter((each) => !expected.includes(each));
  const fewer = expected.filter((each) => !actual.includes(each));
  if (more.length + fewer.length === 0) return [];
  const some = (list: readonly string[]): string => `${list.length} (${list.slice(0, 3).join('; ')})`;
  return [`${path}: ours only ${some(more)}, theirs only ${some(fewer)}`];
}

function report(title: string, { different, ...counts }: Count): void {
  console.log(`${title}: ${JSON.stringify(counts)}, ${different.length} differ`);
  expect(different).toEqual([]);
}

const SUITES = existsSync(workFolder('roots'))
  ? readdirSync(workFolder('roots'))
      .map((name) => join(workFolder('roots'), name))
      .filter((root) => readdirSync(root).includes('lib64'))
  : [];

describe.each(['/', ...SUITES])('every program and library of %s', (root) => {
  test('binds as its loader binds', () => {
    const rootfs = linuxRootfs(root);
    const paths = elfPaths(rootfs);
    for (const now of [false, true]) {
      const how = { loader: LOADER, now };
      report(`${root}${now ? ' at once' : ' lazily'}`, compareAll(rootfs, paths, unboundIn(root, paths, how), how));
    }
  });
});

describe.each(SUITES)('programs and libraries of %s', (root) => {
  test.each(SUITES.filter((other) => other !== root))('with the libraries of %s', (other) => {
    const mixed = workFolder('symbols', 'mixed');
    rmSync(mixed, { recursive: true, force: true });
    execFileSync('cp', ['-al', root, mixed]);
    copyLibraries(other, join(mixed, 'other'));
    const rootfs = linuxRootfs(mixed);
    const paths = elfPaths(rootfs).filter((path) => !path.startsWith('/other/'));
    const how = { loader: LOADER, now: true, libraryPath: '/other' };
    const title = `${basename(root)} with ${basename(other)}`;
    report(title, compareAll(rootfs, paths, unboundIn(mixed, paths, how), how));
  });
});

/** All but the parts of glibc, which fit their own loader only. */
function copyLibraries(from: string, to: string): void {
  mkdirSync(to);
  const folder = join(from, 'usr/lib/x86_64-linux-gnu');
  const ofGlibc = /^(?:ld-|lib(?:c|m|mvec|dl|rt|pthread|util|resolv|nsl|anl|nss_\w+|thread_db|BrokenLocale|crypt)[.-])/;
  for (const name of readdirSync(folder)) {
    if (/\.so\.\d/.test(name) && !ofGlibc.test(name)) execFileSync('cp', ['-L', join(folder, name), to]);
  }
}

describe('programs for glibc under musl', () => {
  test('ask for what musl says that they ask for', () => {
    const rootfs = linuxRootfs('/');
    const paths = elfPaths(rootfs);
    const how = { loader: MUSL_LOADER, now: true, libraryPath: '/usr/lib/x86_64-linux-gnu' };
    report('musl', compareAll(rootfs, paths, unboundInMusl('/', paths, how), how));
  });
});
