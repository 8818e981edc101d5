import { elfFormat, readDynamicSymbols } from '../../../src/binary/elf/index.js';
import type { BinaryFormat } from '../../../src/binary/format.js';
import { classifyHead } from '../../../src/binary/head.js';
import { parseJar, parseManifest } from '../../../src/binary/jar.js';
import { parseLdCache } from '../../../src/binary/ld-cache.js';
import { machoFormat } from '../../../src/binary/macho/index.js';
import { peFormat } from '../../../src/binary/pe/index.js';
import { parseShebang } from '../../../src/binary/shebang.js';
import { stringSections } from '../../../src/binary/string-sections.js';
import { memoryView, NotRetained } from '../../../src/model/view.js';
import { elf } from '../../support/elf-builder.js';
import { fatMacho, macho } from '../../support/macho-builder.js';
import { pe } from '../../support/pe-builder.js';
import { retainedView } from '../../support/retained-view.js';
import { zip } from '../../support/zip-builder.js';
import { bytesOf, projectFiles, realFiles, smallestIn, startsWith } from '../seeds.js';
import type { Target } from '../target.js';

/** Parses the whole file, and again what a stream would have kept of it. */
function parseBoth(format: BinaryFormat, bytes: Uint8Array): unknown {
  const whole = memoryView(bytes);
  const head = bytes.subarray(0, 4096);
  const sniffed = format.sniff(head);
  const kept = sniffed ? format.retain(head, bytes.length) : 'whole';
  const streamed =
    kept === 'whole'
      ? null
      : orNotRetained(() => format.parse(retainedView(whole, [{ from: 0, to: head.length }, ...kept])));
  return { sniffed, parsed: format.parse(whole), streamed, strings: sniffed ? stringSections(format.id, whole) : [] };
}

function orNotRetained(read: () => unknown): unknown {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof NotRetained) return { kind: 'not-retained' };
    throw cause;
  }
}

const elfTarget: Target = {
  name: 'elf',
  maxBytes: 128 * 1024,
  boundMs: 250,
  seeds: () => [
    elf({
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      needed: ['libc.so.6'],
      runpath: '$ORIGIN/../lib',
      abiTag: { os: 'linux', kernel: '3.2.0' },
      x86IsaNeeded: 2,
      symbols: [{ name: 'printf', version: 'GLIBC_2.2.5' }],
      versionNeeds: [{ file: 'libc.so.6', versions: [{ name: 'GLIBC_2.2.5', weak: false }] }],
      buildId: 'abcdef',
    }),
    elf({
      soname: 'libx.so.1',
      hash: 'sysv',
      versionDefinitions: [
        { name: 'libx.so.1', base: true, weak: false, parents: [] },
        { name: 'X_1', base: false, weak: false, parents: [] },
        { name: 'X_2', base: false, weak: true, parents: ['X_1'] },
      ],
      symbols: [{ name: 'x', version: 'X_2', defined: true }],
    }),
    elf({
      machine: 'arm',
      interpreter: '/lib/ld-linux-armhf.so.3',
      arm: { cpuName: 'ARM v7', cpuArch: 10, cpuProfile: 'A', fpArch: 3, simdArch: 1, vfpArgs: 1 },
    }),
    elf({ machine: 'ppc64', needed: ['libc.so.6'], endianness: 'big' }),
    elf({ machine: 'i386', sections: false, needed: ['libc.so.6'] }),
    elf({ go: { version: 'go1.21.4', modinfo: 'path\tcmd/x\nmod\tx\t(devel)\t\nbuild\tGOARCH=amd64\n' } }),
    elf({ go: { version: 'go1.16', modinfo: 'path\tcmd/x\n', form: 'pointers' }, comment: 'rustc version 1.75.0' }),
    ...realFiles(
      '/usr/bin/true',
      '/usr/bin/yes',
      '/lib/x86_64-linux-gnu/libdl.so.2',
      '/lib/x86_64-linux-gnu/libpthread.so.0',
    ),
    ...smallestIn('/usr/lib/x86_64-linux-gnu', 12, startsWith('\x7fELF')),
  ],
  run: (bytes) => [parseBoth(elfFormat, bytes), readDynamicSymbols(memoryView(bytes))],
};

const peTarget: Target = {
  name: 'pe',
  maxBytes: 128 * 1024,
  boundMs: 250,
  seeds: () => [
    pe({
      imports: { 'KERNEL32.dll': ['ExitProcess', 12] },
      delayImports: { 'USER32.dll': ['MessageBoxW'] },
      manifest:
        '<assembly><dependency><dependentAssembly><assemblyIdentity name="a" version="1.0.0.0"/></dependentAssembly></dependency></assembly>',
    }),
    pe({ dll: true, exports: [{ name: 'A' }, { name: 'B', forwarder: 'OTHER.B' }, { ordinal: 9 }], machine: 'i386' }),
    pe({ clr: { targetFramework: '.NETFramework,Version=v4.8', modules: ['kernel32.dll'], literals: ['a', 'b'] } }),
    pe({ hybrid: true, machine: 'aarch64', oldDelayImports: true, delayImports: { 'A.dll': ['x'] } }),
    ...smallestIn('/usr/lib/x86_64-linux-gnu/wine/x86_64-windows', 12, startsWith('MZ')),
  ],
  run: (bytes) => parseBoth(peFormat, bytes),
};

const machoTarget: Target = {
  name: 'macho',
  maxBytes: 32 * 1024,
  boundMs: 250,
  seeds: () => [
    macho({ dylibs: ['/usr/lib/libSystem.B.dylib'], platform: { number: 1, minimum: [12, 0, 0] } }),
    macho({ machine: 'ppc', installName: '@rpath/x.dylib', weakDylibs: ['y'] }),
    macho({ machine: 'x86_64', platform: { number: 1, minimum: [10, 9, 0], old: true } }),
    fatMacho([macho({ machine: 'x86_64' }), macho()]),
    fatMacho([macho({ machine: 'x86_64' }), macho()], { fat64: true }),
  ],
  run: (bytes) => parseBoth(machoFormat, bytes),
};

const jarTarget: Target = {
  name: 'jar',
  maxBytes: 64 * 1024,
  boundMs: 250,
  seeds: () => [
    zip([
      {
        name: 'META-INF/MANIFEST.MF',
        content: 'Manifest-Version: 1.0\r\nMain-Class: a.Main\r\nClass-Path: b.jar\r\n  c.jar\r\n',
      },
      { name: 'x/libx.so', content: 'x' },
    ]),
    zip([{ name: 'META-INF/MANIFEST.MF', stored: true, content: 'Main-Class: a\n' }], { zip64: true, comment: 'PK' }),
    zip([{ name: 'META-INF/MANIFEST.MF', content: 'A: b\n'.repeat(500) }], {
      prefix: '#!/bin/sh\nexec java -jar "$0"\n',
    }),
    ...smallestIn('/usr/share/java', 4, startsWith('PK')),
  ],
  run: (bytes) => ({
    jar: parseJar(memoryView(bytes)),
    manifest: [...parseManifest(Buffer.from(bytes).toString('latin1'))],
  }),
};

const ldCacheTarget: Target = {
  name: 'ld-cache',
  maxBytes: 96 * 1024,
  boundMs: 250,
  seeds: () => [
    ...realFiles('/etc/ld.so.cache'),
    ...realFiles('/etc/ld.so.cache').map((bytes) => bytes.subarray(0, 4096)),
    bytesOf('ld.so-1.7.0\0glibc-ld.so.cache1.1'),
  ],
  run: (bytes) => parseLdCache(memoryView(bytes)),
};

const headTarget: Target = {
  name: 'head',
  maxBytes: 8 * 1024,
  boundMs: 50,
  text: true,
  words: [
    '#!',
    '#!/bin/sh',
    '\r\n',
    '\n',
    ' ',
    '\t',
    '\0',
    '\xef\xbb\xbf',
    '\xff\xfe',
    'PK\x03\x04',
    '<!DOCTYPE html',
    'version https://git-lfs',
    '\x1f\x8b',
    '/usr/bin/env -S ',
  ],
  seeds: () => [
    ...[
      '#!/bin/sh\necho\n',
      '#! /usr/bin/env -S python3 -u\r\n',
      '\xef\xbb\xbf#!/bin/sh\n',
      '',
      '<html>',
      'version https://git-lfs.github.com/spec/v1\n',
    ].map(bytesOf),
    ...projectFiles('fixtures/images', '.tar'),
  ],
  run: (bytes) => ({
    head: classifyHead(bytes, bytes.length),
    large: classifyHead(bytes, 2 ** 40),
    shebang: parseShebang(bytes),
    short: parseShebang(bytes, 128),
  }),
};

export const binaryTargets: readonly Target[] = [
  elfTarget,
  peTarget,
  machoTarget,
  jarTarget,
  ldCacheTarget,
  headTarget,
];
