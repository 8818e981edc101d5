import type { ElfBinary } from './binary.js';

/**
 * Dynamic symbols as a loader uses them, packed: an image has a million. What is defined is kept as hashes of the
 * names, what is looked up with its name too. A plain value: it can be sent between threads and stored.
 */
export interface ElfSymbols {
  /**
   * Names that are looked up, each ended by NUL: the undefined symbols in table order, then those of copy relocations
   * and others that the file defines.
   */
  readonly names: string;
  /** SYMBOL_WORDS words a name: its two hashes, then the version with the flags of LOOKUP. */
  readonly lookups: Uint32Array;
  /** SYMBOL_WORDS words a definition that others can bind to, sorted by hash: as above, with the flags of DEFINITION. */
  readonly definitions: Uint32Array;
  /** False: the file has no `.gnu.version`. */
  readonly versioned: boolean;
  /** False: which symbols relocations use is not known. */
  readonly usesKnown: boolean;
}

export const SYMBOL_WORDS = 3;

/** Low 15 bits of the third word: 1 + position among the versions of all needs, then of all definitions; 0 for none. */
export const VERSION_MASK = 0x7fff;

/** Flags of a name that is looked up. */
export const LOOKUP = {
  /** STB_WEAK: nothing happens where nobody defines it. */
  weak: 1 << 16,
  /** A relocation that is processed before the program runs uses it. */
  start: 1 << 17,
  /** A relocation of DT_JMPREL uses it, so that it may wait for the first call. */
  call: 1 << 18,
  /** A copy relocation: the file itself defines it, and the bytes come from another. */
  copy: 1 << 19,
  /** The file itself defines it, in a way that musl does not find: as an old version or an indirect function. */
  own: 1 << 20,
} as const;

/** Flags of a definition. */
export const DEFINITION = {
  /** Bit 15 of the version index: only a reference that names the version finds it. */
  hidden: 1 << 16,
  /** Version index 0, 1 or 2: what a reference without a version takes first. */
  oldest: 1 << 17,
  /** STT_GNU_IFUNC */
  indirect: 1 << 18,
  /** An undefined function whose address is taken: its PLT entry stands for it, but not for calls. */
  plt: 1 << 19,
  /** SHN_ABS with value 0: glibc takes it, musl does not. */
  zero: 1 << 20,
} as const;

/** Longest version number; files with more versions have none. */
export const MAX_VERSION_NUMBER = VERSION_MASK;

export const NO_SYMBOLS: ElfSymbols = {
  names: '',
  lookups: new Uint32Array(0),
  definitions: new Uint32Array(0),
  versioned: false,
  usesKnown: true,
};

const HASH_START = 5381;
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The hash of DT_GNU_HASH. */
export function firstHash(name: Uint8Array): number {
  let hash = HASH_START;
  for (const byte of name) hash = (Math.imul(hash, 33) + byte) | 0;
  return hash >>> 0;
}

/** FNV-1a: names with the same first hash differ in this one. */
export function secondHash(name: Uint8Array): number {
  let hash = FNV_START;
  for (const byte of name) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** Names that are looked up, in the order of `lookups`. */
export function lookupNames({ names }: ElfSymbols): readonly string[] {
  return names === '' ? [] : names.slice(0, -1).split('\0');
}

/** Names of undefined dynamic symbols, in table order. */
export function importedNames({ symbols }: ElfBinary): readonly string[] {
  const names = lookupNames(symbols);
  const defined = names.findIndex((_, index) => (flagsAt(symbols.lookups, index) & (LOOKUP.copy | LOOKUP.own)) !== 0);
  return defined === -1 ? names : names.slice(0, defined);
}

/** Version number and flags of the symbol at an index. */
export function flagsAt(words: Uint32Array, index: number): number {
  return words[index * SYMBOL_WORDS + 2] ?? 0;
}
