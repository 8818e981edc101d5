import { copy, lay, put, remove } from '../overlay.js';
import { unpackedPackages } from '../debian.js';
import { entrypoint, type Pair } from '../pair.js';
import { esbuild, hello, helloStatic } from '../programs.js';
import { join } from 'node:path';

const HELLO = /^hello from/;
const ESBUILD = /^0\.25\.0$/;

/** esbuild alone in an image. */
function esbuildOnly(platform: string, architecture: string, rest: Partial<Pair>): Pair {
  return {
    name: `esbuild of ${platform} alone, image says ${architecture}`,
    cause: 'machine',
    base: 'empty',
    layers: [[copy(esbuild(platform), '/esbuild')]],
    config: entrypoint('/esbuild', '--version'),
    architecture,
    prints: ESBUILD,
    ...rest,
  };
}

function busybox(base: 'arm64' | 'armhf' | 'i386', architecture: string, rest: Partial<Pair> = {}): Pair {
  return {
    name: `busybox of Debian ${base}, image says ${architecture}`,
    cause: 'machine',
    base,
    layers: [],
    config: entrypoint('busybox', 'echo', 'hello from busybox'),
    architecture,
    prints: HELLO,
    ...rest,
  };
}

/** The dynamic busybox of another machine as a file. */
const foreignBusybox = (machine: string): string =>
  join(unpackedPackages('bookworm', machine, ['libc6', 'dash', 'busybox']), 'bin/busybox');

export const machines = (): readonly Pair[] => [
  busybox('arm64', 'arm64'),
  busybox('arm64', 'amd64'),
  busybox('armhf', 'arm'),
  busybox('i386', '386'),
  busybox('i386', 'amd64'),
  busybox('arm64', 'arm64', {
    name: 'script of an arm64 image',
    layers: [[put('/run.sh', '#!/bin/sh\necho hello from script\n')]],
    config: entrypoint('/run.sh'),
  }),
  busybox('arm64', 'arm64', {
    name: 'script with CRLF in an arm64 image',
    cause: 'script',
    layers: [[put('/run.sh', '#!/bin/sh\r\necho hello from script\r\n')]],
    config: entrypoint('/run.sh'),
    culprit: '/bin/sh',
  }),
  busybox('arm64', 'arm64', {
    name: 'arm64 image whose libc.so.6 was removed',
    cause: 'library',
    layers: [[remove('/lib/aarch64-linux-gnu/libc.so.6')]],
  }),
  busybox('armhf', 'arm', {
    name: 'armhf image whose loader was removed',
    cause: 'loader',
    layers: [[remove('/lib/ld-linux-armhf.so.3')]],
    culprit: '/lib/ld-linux-armhf.so.3',
  }),
  busybox('i386', '386', {
    name: 'i386 image whose libresolv.so.2 was removed',
    cause: 'library',
    layers: [[remove('/lib/i386-linux-gnu/libresolv.so.2')]],
  }),
  {
    name: 'busybox of Debian arm64 copied into an amd64 image',
    cause: 'machine',
    base: 'bookworm',
    layers: [[copy(foreignBusybox('arm64'), '/app/busybox')]],
    config: entrypoint('/app/busybox', 'true'),
    culprit: '/lib/ld-linux-aarch64.so.1',
  },
  {
    name: 'busybox of Debian i386 copied into an amd64 image',
    cause: 'loader',
    base: 'bookworm',
    layers: [[copy(foreignBusybox('i386'), '/app/busybox')]],
    config: entrypoint('/app/busybox', 'true'),
    culprit: '/lib/ld-linux.so.2',
  },
  {
    name: 'i386 loader and libraries beside those of amd64',
    cause: 'machine',
    base: 'bookworm',
    layers: [
      [
        lay(unpackedPackages('bookworm', 'i386', ['libc6', 'dash', 'busybox']), '/tmp/i386'),
        copy(foreignBusybox('i386'), '/app/busybox'),
        (root) => {
          lay(join(root, 'tmp/i386/lib'), '/usr/lib')(root);
        },
      ],
    ],
    config: entrypoint('/app/busybox', 'echo', 'hello from busybox'),
    prints: HELLO,
  },
  {
    name: 'amd64 program in an image that says arm64',
    cause: 'machine',
    base: 'empty',
    layers: [[copy(helloStatic(), '/hello')]],
    config: entrypoint('/hello'),
    architecture: 'arm64',
    prints: HELLO,
  },
  {
    name: 'shebang names a program of another machine',
    cause: 'machine',
    base: 'bookworm',
    layers: [[copy(esbuild('linux-arm64'), '/opt/interpreter'), put('/start', '#!/opt/interpreter --version\n')]],
    config: entrypoint('/start'),
    culprit: '/opt/interpreter',
    // Executed with an emulator, it prints its version.
    prints: ESBUILD,
  },
  {
    name: 'the library is there for arm64 only',
    cause: 'library',
    base: 'bookworm',
    layers: [
      [
        remove('/usr/lib/x86_64-linux-gnu/libtinfo.so.6'),
        lay(unpackedPackages('bookworm', 'arm64', ['libtinfo6']), '/tmp/arm64'),
        (root) => {
          lay(join(root, 'tmp/arm64/lib/aarch64-linux-gnu'), '/usr/lib/x86_64-linux-gnu')(root);
        },
      ],
    ],
    config: entrypoint('bash', '--version'),
  },
  {
    name: 'interpreter path leads to a loader of another machine',
    cause: 'loader',
    base: 'empty',
    layers: [
      [
        copy(hello(), '/hello'),
        copy(
          join(
            unpackedPackages('bookworm', 'arm64', ['libc6', 'dash', 'busybox']),
            'lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
          ),
          '/lib64/ld-linux-x86-64.so.2',
        ),
      ],
    ],
    config: entrypoint('/hello'),
    culprit: '/lib64/ld-linux-x86-64.so.2',
  },
  esbuildOnly('linux-x64', 'amd64', {}),
  esbuildOnly('linux-ia32', '386', {}),
  esbuildOnly('linux-arm64', 'amd64', {}),
  esbuildOnly('linux-arm', 'arm', {}),
  esbuildOnly('linux-riscv64', 'riscv64', {}),
  esbuildOnly('linux-s390x', 's390x', {}),
  esbuildOnly('linux-ppc64', 'ppc64le', {}),
  esbuildOnly('linux-mips64el', 'mips64le', {}),
  esbuildOnly('linux-loong64', 'loong64', {}),
  esbuildOnly('win32-x64', 'amd64', { cause: 'format', culprit: '/esbuild' }),
  esbuildOnly('win32-arm64', 'arm64', { cause: 'format', culprit: '/esbuild' }),
  esbuildOnly('darwin-x64', 'amd64', { cause: 'format', culprit: '/esbuild' }),
  esbuildOnly('darwin-arm64', 'arm64', { cause: 'format', culprit: '/esbuild' }),
  esbuildOnly('freebsd-x64', 'amd64', { cause: 'format', culprit: '/esbuild' }),
];
