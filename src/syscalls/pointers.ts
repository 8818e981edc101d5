import { DT } from '../binary/elf/constants.js';
import { dynamicValue, offsetOf, segmentAt, wordAt, type CodeImage } from './image.js';
import type { CodeSymbol } from './symbols.js';

/** What a word of data points to when the program runs: an address of this file, or a symbol by its name. */
export type PointerTarget =
  { readonly kind: 'address'; readonly address: number } | { readonly kind: 'symbol'; readonly symbol: CodeSymbol };

/** Words that hold pointers, by address, ascending. */
export interface Pointers {
  readonly at: readonly number[];
  readonly targets: readonly PointerTarget[];
  /** Target of the word at exactly this address; null where there is none. */
  target(address: number): PointerTarget | null;
  /** Index of the first word at or behind an address. */
  from(address: number): number;
}

/** Tags that binary/elf does not need (gABI 4.1, Figure 5-10; RELR: gABI 4.3, 5.2). */
const TAG = { PLTRELSZ: 2n, RELASZ: 8n, RELR: 36n, RELRSZ: 35n } as const;
const SHT_RELA = 4;
const RELA_BYTES = 24;
const MAX_RELOCATIONS = 2 ** 22;

/** Relocation types by what they put into the word (psABI x86-64 table 4.9; AAELF64 5.7.14). */
const TYPES: Readonly<Record<CodeImage['machine'], Readonly<Record<number, 'address' | 'symbol'>>>> = {
  x86_64: { 1: 'symbol', 5: 'symbol', 6: 'symbol', 7: 'symbol', 8: 'address', 37: 'address' },
  aarch64: { 257: 'symbol', 1024: 'symbol', 1025: 'symbol', 1026: 'symbol', 1027: 'address', 1032: 'address' },
};

/** Collects the pointers of a file from its relocations, and without them from the words themselves. */
export function readPointers(image: CodeImage, symbols: readonly CodeSymbol[]): Pointers {
  const found = new Map<number, PointerTarget>();
  if (!image.relocatable) scanWords(image, found);
  readRelr(image, found);
  for (const [offset, size] of relaTables(image)) readRela(image, symbols, offset, size, found);
  const at = [...found.keys()].sort((left, right) => left - right);
  const targets = at.flatMap((address) => found.get(address) ?? []);
  return {
    at,
    targets,
    target: (address) => found.get(address) ?? null,
    from: (address) => lowerBound(at, address),
  };
}

/** Index of the first value that is not below `wanted`. */
export function lowerBound(sorted: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** File offset and size of DT_RELA and DT_JMPREL; a static program has them as sections only. */
function relaTables(image: CodeImage): readonly (readonly [number, number])[] {
  const pairs = [
    [DT.RELA, TAG.RELASZ],
    [DT.JMPREL, TAG.PLTRELSZ],
  ] as const;
  const dynamic = pairs.flatMap(([place, length]): readonly (readonly [number, number])[] => {
    const address = dynamicValue(image, place);
    const size = dynamicValue(image, length);
    const offset = address === null ? -1 : offsetOf(image, address);
    return offset < 0 || size === null ? [] : [[offset, size]];
  });
  if (dynamic.length > 0) return dynamic;
  return image.sections.flatMap(({ sh_type, sh_addr, sh_offset, sh_size }) =>
    sh_type === SHT_RELA && sh_addr > 0n ? [[sh_offset, sh_size] as const] : [],
  );
}

function readRela(
  image: CodeImage,
  symbols: readonly CodeSymbol[],
  offset: number,
  size: number,
  found: Map<number, PointerTarget>,
): void {
  const { fields } = image;
  const end = Math.min(offset + size, fields.byteLength, offset + MAX_RELOCATIONS * RELA_BYTES);
  for (let at = offset; at + RELA_BYTES <= end; at += RELA_BYTES) {
    const kind = TYPES[image.machine][fields.getUint32(at + 8, true)];
    if (kind === undefined) continue;
    const place = wordAt(image, at);
    const addend = Number(fields.getBigInt64(at + 16, true));
    if (kind === 'address') found.set(place, { kind: 'address', address: addend });
    else addSymbol(symbols[fields.getUint32(at + 12, true)], addend, place, found);
  }
}

/** A symbol of the file itself with an addend is an address; others are bound by name. */
function addSymbol(
  symbol: CodeSymbol | undefined,
  addend: number,
  place: number,
  found: Map<number, PointerTarget>,
): void {
  if (symbol === undefined) return;
  const isOwn = symbol.defined && (!symbol.exported || addend !== 0);
  if (isOwn || symbol.name === '') found.set(place, { kind: 'address', address: symbol.address + addend });
  else found.set(place, { kind: 'symbol', symbol });
}

/** Packed relative relocations: an address, then bitmaps of the 63 words behind it; the words hold the addends. */
function readRelr(image: CodeImage, found: Map<number, PointerTarget>): void {
  const address = dynamicValue(image, TAG.RELR);
  const size = dynamicValue(image, TAG.RELRSZ);
  if (address === null || size === null) return;
  const from = offsetOf(image, address);
  if (from < 0) return;
  const { fields } = image;
  const end = Math.min(from + size, fields.byteLength);
  let base = 0;
  for (let at = from; at + 8 <= end && found.size < MAX_RELOCATIONS; at += 8) {
    const entry = fields.getBigUint64(at, true);
    if ((entry & 1n) === 0n) {
      addWord(image, Number(entry), found);
      base = Number(entry) + 8;
      continue;
    }
    for (let bit = 0; bit < 63; bit++) if ((entry >> BigInt(bit + 1)) & 1n) addWord(image, base + 8 * bit, found);
    base += 63 * 8;
  }
}

function addWord(image: CodeImage, place: number, found: Map<number, PointerTarget>): void {
  const address = wordAt(image, offsetOf(image, place));
  if (address !== Infinity) found.set(place, { kind: 'address', address });
}

/** Without relocations a word that holds an address of the file is taken for a pointer. */
function scanWords(image: CodeImage, found: Map<number, PointerTarget>): void {
  const lowest = Math.min(...image.segments.map(({ address }) => address));
  const highest = Math.max(...image.segments.map(({ end }) => end));
  const { fields } = image;
  for (const segment of image.segments) {
    if (segment.executable) continue;
    const first = segment.offset + ((8 - (segment.address & 7)) & 7);
    const last = segment.offset + segment.end - segment.address - 8;
    for (let at = first; at <= last && found.size < MAX_RELOCATIONS; at += 8) {
      if (fields.getUint32(at + 4, true) > 0x1fffff) continue;
      const value = wordAt(image, at);
      if (value < lowest || value >= highest || segmentAt(image, value) === null) continue;
      found.set(segment.address + at - segment.offset, { kind: 'address', address: value });
    }
  }
}
