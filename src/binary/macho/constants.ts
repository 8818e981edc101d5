import type { MachoSlice, Machine } from '../../model/binary.js';

/** mach/machine.h: the number without CPU_ARCH_ABI64 and CPU_ARCH_ABI64_32. */
export const CPU_ARCH_ABI64 = 0x01000000;
export const CPU_ARCH_ABI64_32 = 0x02000000;

export const MACHINES: ReadonlyMap<number, Machine> = new Map<number, Machine>([
  [6, 'm68k'],
  [7, 'i386'],
  [7 | CPU_ARCH_ABI64, 'x86_64'],
  [8, 'mips'],
  [11, 'hppa'],
  [12, 'arm'],
  [12 | CPU_ARCH_ABI64, 'aarch64'],
  [12 | CPU_ARCH_ABI64_32, 'aarch64'],
  [14, 'sparc'],
  [16, 'alpha'],
  [18, 'ppc'],
  [18 | CPU_ARCH_ABI64, 'ppc64'],
]);

/** mach-o/loader.h, `filetype`; a dynamic linker (7) and debug symbols (10) are `other`. */
export const KINDS: ReadonlyMap<number, MachoSlice['kind']> = new Map<number, MachoSlice['kind']>([
  [1, 'object'],
  [2, 'executable'],
  [4, 'core'],
  [6, 'dylib'],
  [8, 'bundle'],
  [9, 'dylib'],
]);

/** mach-o/loader.h, `PLATFORM_*` of LC_BUILD_VERSION. */
export const PLATFORMS: ReadonlyMap<number, string> = new Map([
  [1, 'macos'],
  [2, 'ios'],
  [3, 'tvos'],
  [4, 'watchos'],
  [5, 'bridgeos'],
  [6, 'mac-catalyst'],
  [7, 'ios-simulator'],
  [8, 'tvos-simulator'],
  [9, 'watchos-simulator'],
  [10, 'driverkit'],
  [11, 'visionos'],
  [12, 'visionos-simulator'],
]);

/** LC_VERSION_MIN_*, which LC_BUILD_VERSION replaced. */
export const VERSION_MIN: ReadonlyMap<number, string> = new Map([
  [0x24, 'macos'],
  [0x25, 'ios'],
  [0x2f, 'tvos'],
  [0x30, 'watchos'],
]);

export const LC_BUILD_VERSION = 0x32;
export const LC_SEGMENT = 0x1;
export const LC_SEGMENT_64 = 0x19;
export const GO_SECTION = '__go_buildinfo';

/** LC_LOAD_DYLIB, LC_LAZY_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB, LC_LOAD_UPWARD_DYLIB. */
export const LOADS_DYLIB: ReadonlySet<number> = new Set([0xc, 0x20, 0x80000018, 0x8000001f, 0x80000023]);

export const MAX_SLICES = 44;
export const MAX_LOAD_COMMANDS = 1 << 16;
export const MAX_LOAD_COMMAND_BYTES = 1 << 24;
export const MAX_NAME_BYTES = 4096;
/** The section is padded to a page at most where Go links. */
export const MAX_GO_SECTION_BYTES = 1 << 18;
