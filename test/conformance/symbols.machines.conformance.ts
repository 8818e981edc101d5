import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/model/binary.js';
import type { Rootfs, RootfsEntry } from '../../src/model/rootfs.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { elfOf } from '../../src/resolve/loader.js';
import { bindSymbols } from '../../src/resolve/symbols/index.js';
import { unpackedPackages } from './pairs/debian.js';
import { parseUnbound } from './symbols.oracle.js';
import { linuxRootfs } from './symbols.rootfs.js';

/**
 * The same question as in symbols.conformance.ts, for machines that this one is not: their loaders run in qemu-user.
 * Some packages are left out on purpose, so that much is missing.
 */
const PACKAGES = [
  'libc6',
  'libgcc-s1',
  'libstdc++6',
  'zlib1g',
  'libssl3',
  'openssl',
  'libglib2.0-0',
  'libpython3.11',
  'libpython3.11-minimal',
  'libpython3.11-stdlib',
  'perl-base',
  'libgnutls30',
  'libcurl4',
  'coreutils',
  'bash',
];

interface Port {
  readonly architecture: string;
  readonly machine: Machine;
  readonly qemu: string;
  readonly loader: string;
}

const PORTS: readonly Port[] = [
  { architecture: 'arm64', machine: 'aarch64', qemu: 'aarch64', loader: '/lib/ld-linux-aarch64.so.1' },
  { architecture: 'armhf', machine: 'arm', qemu: 'arm', loader: '/lib/ld-linux-armhf.so.3' },
  { architecture: 'i386', machine: 'i386', qemu: 'i386', loader: '/lib/ld-linux.so.2' },
  { architecture: 'ppc64el', machine: 'ppc64le', qemu: 'ppc64le', loader: '/lib64/ld64.so.2' },
  { architecture: 's390x', machine: 's390x', qemu: 's390x', loader: '/lib/ld64.so.1' },
];

interface Count {
  files: number;
  ended: number;
  symbols: number;
  withSymbols: number;
  readonly different: string[];
}

describe.each(PORTS)('$architecture', (port) => {
  const emulator = `/usr/bin/qemu-${port.qemu}-static`;

  test.skipIf(!existsSync(emulator))('every file binds as its loader binds', () => {
    const root = unpackedPackages('bookworm', port.architecture, PACKAGES);
    copyFileSync(emulator, join(root, 'qemu'));
    const rootfs = linuxRootfs(root);
    const count: Count = { files: 0, ended: 0, symbols: 0, withSymbols: 0, different: [] };
    for (const entry of rootfs.entries()) {
      const binary = elfOf(entry);
      if (binary?.machine !== port.machine || binary.needed.length === 0) continue;
      for (const now of [false, true]) compare(root, rootfs, entry, { ...port, now }, count);
    }
    const { different, ...counts } = count;
    console.log(`${port.architecture}: ${JSON.stringify(counts)}, ${different.length} differ`);
    expect(counts.files).toBeGreaterThan(100);
    expect(different).toEqual([]);
  });
});

function compare(root: string, rootfs: Rootfs, entry: RootfsEntry, how: Port & { now: boolean }, count: Count): void {
  const variables = ['LD_TRACE_LOADED_OBJECTS=1', 'LD_WARN=1', ...(how.now ? ['LD_BIND_NOW=1'] : [])];
  const settings = variables.flatMap((each) => ['-E', each]);
  const run = spawnSync('chroot', [root, '/qemu', ...settings, how.loader, entry.path], { encoding: 'utf8' });
  const expected = parseUnbound(`${run.stdout}${run.stderr}`.split('\n'));
  if (expected.ended !== null || run.signal !== null) {
    count.ended += 1;
    return;
  }
  // Versions are compared by symbols.conformance.ts; here the libraries that define them are missing.
  const theirs = [...new Set(expected.symbols.map((each) => each.replace(/ \S+ /, ' ')))].sort();
  const ours = unbound(rootfs, entry, how);
  count.files += 1;
  count.symbols += theirs.length;
  count.withSymbols += theirs.length > 0 ? 1 : 0;
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return;
  const only = (a: readonly string[], b: readonly string[]): string => a.filter((each) => !b.includes(each)).join('; ');
  count.different.push(`${entry.path} ${String(how.now)}: ours ${only(ours, theirs)} theirs ${only(theirs, ours)}`);
}

function unbound(rootfs: Rootfs, entry: RootfsEntry, { loader, now }: Port & { now: boolean }): readonly string[] {
  const interpreter = rootfs.lookup(loader);
  if (!interpreter.found) throw new Error(`${loader} is not there`);
  const context = { rootfs, environment: now ? { LD_BIND_NOW: '1' } : {}, workingDir: '/', secure: false };
  const closure = resolveClosure(entry, { ...context, interpreter: { path: loader, entry: interpreter.entry } });
  const found = [...bindSymbols(closure, context, Infinity).missing].flatMap(([object, each]) =>
    each.filter(({ when }) => when === 'start').map(({ name }) => `${name} ${object.path}`),
  );
  return [...new Set(found)].sort();
}
