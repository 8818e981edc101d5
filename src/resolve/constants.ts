import type { Machine } from '../model/binary.js';

/** What glibc's loader has compiled in for one machine and word size. */
export interface GlibcPort {
  readonly machine: Machine;
  readonly bits: 32 | 64;
  /** Debian's multiarch triplets; the first that the image has is taken. */
  readonly triplets: readonly string[];
  /** Name of the library directory upstream: `lib64` in `/lib64` and for `$LIB`. */
  readonly lib: string;
  /** Value of `flags` in ld.so.cache (glibc, dl-cache.h of each port, `_DL_CACHE_DEFAULT_ID`); others that serve behind it. */
  readonly cacheFlags: readonly number[];
  /** Subdirectories of `glibc-hwcaps`, best first; they depend on the processor. */
  readonly hwcaps: readonly string[];
}

const port = (
  machine: Machine,
  bits: 32 | 64,
  triplets: readonly string[],
  lib: string,
  cacheFlags: readonly number[],
  hwcaps: readonly string[] = [],
): GlibcPort => ({ machine, bits, triplets, lib, cacheFlags, hwcaps });

/** Low byte of a cache entry's flags: a library of the libc.so.6 kind, or one that says nothing (FLAG_ELF). */
const LIBC6 = 3;
const ANY_ELF = 1;

export const GLIBC_PORTS: readonly GlibcPort[] = [
  port('x86_64', 64, ['x86_64-linux-gnu'], 'lib64', [0x303], ['x86-64-v4', 'x86-64-v3', 'x86-64-v2']),
  port('x86_64', 32, ['x86_64-linux-gnux32'], 'libx32', [0x803], ['x86-64-v4', 'x86-64-v3', 'x86-64-v2']),
  port('i386', 32, ['i386-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('aarch64', 64, ['aarch64-linux-gnu'], 'lib64', [0xa03]),
  port('arm', 32, ['arm-linux-gnueabihf', 'arm-linux-gnueabi'], 'lib', [0x903, LIBC6, 0xb03]),
  port('riscv64', 64, ['riscv64-linux-gnu'], 'lib64/lp64d', [0x1003]),
  port('s390x', 64, ['s390x-linux-gnu'], 'lib64', [0x403], ['z17', 'z16', 'z15', 'z14', 'z13']),
  port('ppc64le', 64, ['powerpc64le-linux-gnu'], 'lib64', [0x503], ['power11', 'power10', 'power9']),
  port('ppc64', 64, ['powerpc64-linux-gnu'], 'lib64', [0x503]),
  port('ppc', 32, ['powerpc-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('loongarch64', 64, ['loongarch64-linux-gnu'], 'lib64', [0x1203]),
  port('mips64', 64, ['mips64el-linux-gnuabi64', 'mips64-linux-gnuabi64'], 'lib64', [0x703]),
  port('mips', 64, ['mips64el-linux-gnuabi64', 'mips64-linux-gnuabi64'], 'lib64', [0x703]),
  port('mips', 32, ['mipsel-linux-gnu', 'mips-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('sparc64', 64, ['sparc64-linux-gnu'], 'lib64', [0x103]),
  port('ia64', 64, ['ia64-linux-gnu'], 'lib', [0x203]),
  port('alpha', 64, ['alpha-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('hppa', 32, ['hppa-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('m68k', 32, ['m68k-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
  port('sh4', 32, ['sh4-linux-gnu'], 'lib', [LIBC6, ANY_ELF]),
];

/** The port of a program; a machine that is not listed is taken for a plain one. */
export function glibcPort(machine: Machine, bits: 32 | 64): GlibcPort {
  const known = GLIBC_PORTS.find((candidate) => candidate.machine === machine && candidate.bits === bits);
  return known ?? port(machine, bits, [], bits === 64 ? 'lib64' : 'lib', [LIBC6, ANY_ELF]);
}

/** Names that musl's loader answers itself, whatever follows the dot (musl, ldso/dynlink.c, `reserved`). */
export const MUSL_RESERVED: readonly string[] = [
  'libc.',
  'libpthread.',
  'librt.',
  'libm.',
  'libdl.',
  'libutil.',
  'libxnet.',
];

/** musl, ldso/dynlink.c, `sys_path` where there is no path file. */
export const MUSL_DEFAULT_PATH = '/lib:/usr/local/lib:/usr/lib';

/** `LDSO_ARCH` of musl by machine and word size, as in the name of its loader. */
export const MUSL_MACHINES: Readonly<Partial<Record<Machine, readonly string[]>>> = {
  x86_64: ['x86_64', 'x32'],
  i386: ['i386'],
  aarch64: ['aarch64', 'aarch64_be'],
  arm: ['armhf', 'arm', 'armebhf', 'armeb'],
  riscv64: ['riscv64', 'riscv64-sf'],
  riscv32: ['riscv32'],
  s390x: ['s390x'],
  ppc64le: ['powerpc64le'],
  ppc64: ['powerpc64'],
  ppc: ['powerpc'],
  mips: ['mips', 'mipsel', 'mips-sf', 'mipsel-sf'],
  mips64: ['mips64', 'mips64el'],
  loongarch64: ['loongarch64'],
};

/** Where glibc's loader lies by convention (`ld.so(8)`, "FILES"; ABI supplements). */
export const GLIBC_INTERPRETERS: Readonly<Partial<Record<Machine, readonly string[]>>> = {
  x86_64: ['/lib64/ld-linux-x86-64.so.2', '/libx32/ld-linux-x32.so.2'],
  i386: ['/lib/ld-linux.so.2'],
  aarch64: ['/lib/ld-linux-aarch64.so.1'],
  arm: ['/lib/ld-linux-armhf.so.3', '/lib/ld-linux.so.3'],
  riscv64: ['/lib/ld-linux-riscv64-lp64d.so.1', '/lib/ld-linux-riscv64-lp64.so.1'],
  s390x: ['/lib/ld64.so.1'],
  ppc64le: ['/lib64/ld64.so.2'],
  ppc64: ['/lib64/ld64.so.1'],
  ppc: ['/lib/ld.so.1'],
  mips: ['/lib/ld.so.1'],
  mips64: ['/lib64/ld.so.1', '/lib/ld.so.1'],
  loongarch64: ['/lib64/ld-linux-loongarch-lp64d.so.1'],
  sparc64: ['/lib64/ld-linux.so.2'],
  ia64: ['/lib/ld-linux-ia64.so.2'],
};
