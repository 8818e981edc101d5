import { offsetOf, segmentAt, wordAt, type CodeImage } from './image.js';
import type { CodeRange } from './eh-frame.js';

/**
 * Header of Go's table of functions (Go source, runtime/symtab.go, `pcHeader`), from Go 1.18 on. Offsets in bytes:
 *
 *   magic 0 (4)   minLC 6   ptrSize 7   nfunc 8   nfiles 16   textStart 24   funcnameOffset 32   … pclnOffset 64
 *
 * Up to Go 1.17 there is no textStart, and entries are addresses, not offsets from it.
 */
const MAGIC = { go12: 0xfffffffb, go116: 0xfffffffa, go118: 0xfffffff0, go120: 0xfffffff1 } as const;
const MAX_FUNCTIONS = 2 ** 21;
const SECTIONS = ['.gopclntab', '.data.rel.ro.gopclntab'];

/** A function with the offset of its name in the file, -1 where it is not known. */
export interface NamedRange extends CodeRange {
  readonly nameAt: number;
}

/** Every function that the Go linker kept; empty where the file has no such table. */
export function goFunctions(image: CodeImage): readonly NamedRange[] {
  const at = tableOffset(image);
  if (at === null || at + 72 > image.fields.byteLength) return [];
  const magic = image.fields.getUint32(at, true);
  if (magic === MAGIC.go118 || magic === MAGIC.go120) return functions118(image, at);
  return magic === MAGIC.go116 ? functions116(image, at) : [];
}

/** Place of the table: its section, else the magic number on a boundary of a page's sixteenth in a read-only segment. */
function tableOffset({ sections, segments, fields }: CodeImage): number | null {
  const section = sections.find(({ name }) => SECTIONS.includes(name));
  if (section !== undefined) return section.sh_offset;
  if (sections.length > 0) return null;
  const magics: readonly number[] = Object.values(MAGIC);
  for (const { offset, address, end, executable } of segments) {
    if (executable) continue;
    const last = offset + end - address - 72;
    for (let at = (offset + 31) & ~31; at < last; at += 32) {
      if (fields.getUint32(at + 4, true) >>> 24 !== 8 || !magics.includes(fields.getUint32(at, true))) continue;
      if (fields.getUint16(at + 4, true) === 0) return at;
    }
  }
  return null;
}

function functions118(image: CodeImage, at: number): readonly NamedRange[] {
  const { fields } = image;
  const count = Math.min(wordAt(image, at + 8), MAX_FUNCTIONS);
  const written = wordAt(image, at + 24);
  const text = segmentAt(image, written)?.executable === true ? written : textStart(image);
  const names = at + wordAt(image, at + 32);
  const table = at + wordAt(image, at + 64);
  const ranges: NamedRange[] = [];
  for (let index = 0; index < count && table + 8 * index + 12 <= fields.byteLength; index++) {
    const entry = table + 8 * index;
    const start = text + fields.getUint32(entry, true);
    const end = text + fields.getUint32(entry + 8, true);
    const described = table + fields.getUint32(entry + 4, true);
    const nameAt = described + 8 <= fields.byteLength ? names + fields.getInt32(described + 4, true) : -1;
    if (end > start) ranges.push({ start, end, nameAt });
  }
  return ranges;
}

/** Position-independent programs leave textStart to a relocation, and from Go 1.26 on it is unused: it is .text. */
function textStart({ sections, segments }: CodeImage): number {
  const section = sections.find(({ name }) => name === '.text');
  return section === undefined
    ? (segments.find(({ executable }) => executable)?.address ?? 0)
    : Number(section.sh_addr);
}

/** Go 1.16 and 1.17: names at 24, the table at 56, entries of two words, addresses as they are. */
function functions116(image: CodeImage, at: number): readonly NamedRange[] {
  const count = Math.min(wordAt(image, at + 8), MAX_FUNCTIONS);
  const names = at + wordAt(image, at + 24);
  const table = at + wordAt(image, at + 56);
  const ranges: NamedRange[] = [];
  for (let index = 0; index < count && table + 16 * index + 24 <= image.fields.byteLength; index++) {
    const start = wordAt(image, table + 16 * index);
    const end = wordAt(image, table + 16 * index + 16);
    const described = table + wordAt(image, table + 16 * index + 8);
    const isRead = Number.isSafeInteger(described) && described + 12 <= image.fields.byteLength;
    const nameAt = isRead ? names + image.fields.getInt32(described + 8, true) : -1;
    if (end > start && offsetOf(image, start) >= 0) ranges.push({ start, end, nameAt });
  }
  return ranges;
}
