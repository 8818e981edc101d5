import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Rootfs } from '../../src/model/rootfs.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { bindSymbols } from '../../src/resolve/symbols/index.js';
import { unboundIn } from './symbols.oracle.js';
import { linuxRootfs } from './symbols.rootfs.js';
import { workFolder } from './support/work.js';

/**
 * Which symbols nobody defines, for every program and library of this machine and of the Debian roots of other suites,
 * against what the loader of each says: with lazy binding those that end the start, with LD_BIND_NOW all of them.
 */
const LOADER = '/lib64/ld-linux-x86-64.so.2';

function elfPaths(rootfs: Rootfs): readonly string[] {
  return [...rootfs.entries()].flatMap(({ path, content }) => {
    if (content?.kind !== 'binary' || content.binary.format !== 'elf') return [];
    const { machine, bits, kind, interpreter } = content.binary;
    const isMusl = interpreter?.includes('ld-musl') === true;
    const isLoaded = ['pie', 'executable', 'shared-object'].includes(kind);
    return machine === 'x86_64' && bits === 64 && isLoaded && !isMusl ? [path] : [];
  });
}

/** Our answer in the words of the oracle. */
function ours(rootfs: Rootfs, path: string, now: boolean, theirs: ReadonlySet<string>): readonly string[] {
  const entry = rootfs.entry(path);
  const interpreter = rootfs.lookup(LOADER);
  if (entry === null || !interpreter.found) throw new Error(`${path} or ${LOADER} is not there`);
  const context = { rootfs, environment: now ? { LD_BIND_NOW: '1' } : {}, workingDir: '/', secure: false };
  const closure = resolveClosure(entry, { ...context, interpreter: { path: LOADER, entry: interpreter.entry } });
  const { missing } = bindSymbols(closure, context, Infinity);
  const symbols = [...missing].flatMap(([object, each]) =>
    each
      .filter(({ when }) => when === 'start')
      .map(({ name, version, provider, providerPath }) => {
        const words = [name, version ?? '-', object.path].join(' ');
        const plain = [name, '-', object.path].join(' ');
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

function compareAll(root: string, rootfs: Rootfs, paths: readonly string[], now: boolean): Count {
  const theirs = unboundIn(root, paths, { loader: LOADER, now });
  const count: Count = { files: 0, ended: 0, symbols: 0, withSymbols: 0, different: [] };
  for (const path of paths) {
    const expected = theirs.get(path);
    if (expected === undefined) throw new Error(`the loader says nothing of ${path}`);
    if (expected.ended !== null) {
      count.ended += 1;
      continue;
    }
    const actual = ours(rootfs, path, now, new Set(expected.symbols));
    count.files += 1;
    count.symbols += expected.symbols.length;
    count.withSymbols += expected.symbols.length > 0 ? 1 : 0;
    const more = actual.filter((each) => !expected.symbols.includes(each));
    const fewer = expected.symbols.filter((each) => !actual.includes(each));
    if (more.length + fewer.length > 0) {
      count.different.push(
        `${path}: ours only ${more.length} ${more.slice(0, 3).join('; ')} theirs only ${fewer.length} ${fewer.slice(0, 3).join('; ')}`,
      );
    }
  }
  return count;
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
      const { different, ...counts } = compareAll(root, rootfs, paths, now);
      console.log(`${root}${now ? ' at once' : ' lazily'}: ${JSON.stringify(counts)}, ${different.length} differ`);
      expect(different).toEqual([]);
    }
  });
});
