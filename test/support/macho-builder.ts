/** Builds Mach-O files from mach-o/loader.h and mach-o/fat.h, to be read by tests. */
export interface MachoParts {
  /** A name, or the number of the header. Default `aarch64`. */
  readonly machine?: keyof typeof CPU_TYPE | number;
  readonly cpuSubtype?: number;
  /** Default 2, an executable. */
  readonly filetype?: number;
  /** Default: little, and big for ppc. */
  readonly endianness?: 'little' | 'big';
  /** LC_BUILD_VERSION, or the command LC_VERSION_MIN_MACOSX with `old`. */
  readonly platform?: {
    readonly number: number;
    readonly minimum: readonly [number, number, number];
    readonly old?: boolean;
  };
  readonly dylibs?: readonly string[];
  readonly weakDylibs?: readonly string[];
  /** LC_ID_DYLIB: the name of the library itself. */
  readonly installName?: string;
}

const CPU_TYPE = { i386: 7, x86_64: 0x01000007, arm: 12, aarch64: 0x0100000c, ppc: 18 } as const;
const CPU_ARCH_ABI64 = 0x01000000;
const LC_ID_DYLIB = 0xd;
const LC_LOAD_DYLIB = 0xc;
const LC_LOAD_WEAK_DYLIB = 0x80000018;
const LC_BUILD_VERSION = 0x32;
const LC_VERSION_MIN_MACOSX = 0x24;

/** A thin file: header and load commands. */
export function macho(parts: MachoParts = {}): Uint8Array {
  const cpuType = typeof parts.machine === 'number' ? parts.machine : CPU_TYPE[parts.machine ?? 'aarch64'];
  const endianness = parts.endianness ?? (cpuType === CPU_TYPE.ppc ? 'big' : 'little');
  const words = (...values: readonly number[]): Uint8Array => wordsOf(values, endianness === 'little');
  const commands = commandsOf(parts, words);
  const body = Buffer.concat(commands);
  const is64 = (cpuType & CPU_ARCH_ABI64) !== 0;
  const magic = is64 ? 0xfeedfacf : 0xfeedface;
  const fields = [magic, cpuType, parts.cpuSubtype ?? 0, parts.filetype ?? 2, commands.length, body.length, 0];
  return Uint8Array.from([...words(...fields, ...(is64 ? [0] : [])), ...body]);
}

function commandsOf(parts: MachoParts, words: Words): readonly Uint8Array[] {
  return [
    ...(parts.installName === undefined ? [] : [dylib(LC_ID_DYLIB, parts.installName, words)]),
    ...platformCommand(parts.platform, words),
    ...(parts.dylibs ?? []).map((name) => dylib(LC_LOAD_DYLIB, name, words)),
    ...(parts.weakDylibs ?? []).map((name) => dylib(LC_LOAD_WEAK_DYLIB, name, words)),
  ];
}

/** A fat file (fat64 with 64-bit offsets) of thin ones, each at a multiple of 4096. */
export function fatMacho(slices: readonly Uint8Array[], options: { readonly fat64?: boolean } = {}): Uint8Array {
  const fat64 = options.fat64 === true;
  const entryWords = fat64 ? 8 : 5;
  const total = 4096 + slices.reduce((sum, slice) => sum + Math.ceil(slice.length / 4096) * 4096, 0);
  const bytes = new Uint8Array(total);
  bytes.set(wordsOf([fat64 ? 0xcafebabf : 0xcafebabe, slices.length], false));
  let offset = 4096;
  slices.forEach((slice, index) => {
    const entry = fat64 ? [0, 0, 0, offset, 0, slice.length, 12, 0] : [0, 0, offset, slice.length, 12];
    bytes.set(wordsOf(entry, false), 8 + index * entryWords * 4);
    bytes.set(slice, offset);
    offset += Math.ceil(slice.length / 4096) * 4096;
  });
  return bytes;
}

type Words = (...values: readonly number[]) => Uint8Array;

/** Name at 24, padded to eight bytes. */
function dylib(command: number, name: string, words: Words): Uint8Array {
  const text = Buffer.from(`${name}\0`);
  const size = 24 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(size);
  bytes.set(words(command, size, 24, 2, 0x10000, 0x10000));
  bytes.set(text, 24);
  return bytes;
}

function platformCommand(platform: MachoParts['platform'], words: Words): readonly Uint8Array[] {
  if (platform === undefined) return [];
  const [major, minor, patch] = platform.minimum;
  const version = (major << 16) | (minor << 8) | patch;
  if (platform.old === true) return [words(LC_VERSION_MIN_MACOSX, 16, version, version)];
  return [words(LC_BUILD_VERSION, 24, platform.number, version, version, 0)];
}

function wordsOf(values: readonly number[], little: boolean): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value >>> 0, little));
  return bytes;
}
