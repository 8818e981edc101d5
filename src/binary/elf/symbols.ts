import type { DynamicSymbol } from '../../model/binary.js';
import type { AddressMap } from './program-headers.js';
import type { DynamicEntry, DynamicSection, StringTable } from './dynamic.js';
import type { ElfFile } from './header.js';
import type { Section } from './sections.js';
import { badValue, withinLimit } from '../door.js';
import { DT, EM, MAX_DYNAMIC_SYMBOLS, SHT_DYNSYM } from './constants.js';
import { entryOf } from './dynamic.js';
import { VERSYM_HIDDEN } from './versions.js';

/**
 * Symbol (gABI 4.1, Figure 4-15). Offsets are bytes from the start of the entry.
 *
 *   field      ELF32  ELF64
 *   st_name        0      0
 *   st_info       12      4
 *   st_other      13      5
 *   st_shndx      14      6
 */
export interface SymbolTable {
  readonly bytes: Uint8Array;
  /** File offset of the first entry. */
  readonly from: number;
  readonly entrySize: number;
  readonly count: number;
  readonly strings: StringTable;
}

/** What is needed to find the dynamic symbols of a file. */
export interface SymbolSource {
  readonly file: ElfFile;
  readonly map: AddressMap;
  readonly dynamic: DynamicSection;
  readonly sections: readonly Section[];
}

/** Reads DT_SYMTAB; null where there is none. */
export function readSymbolTable(source: SymbolSource): SymbolTable | null {
  const { file, map, dynamic } = source;
  const table = entryOf(dynamic.entries, DT.SYMTAB);
  if (table === null) return null;
  const entrySize = file.wide ? 24 : 16;
  const written = entryOf(dynamic.entries, DT.SYMENT);
  if (written !== null && written.value !== BigInt(entrySize)) throw badValue(written.at, 'DT_SYMENT', written.value);
  const count = countSymbols(source, table, entrySize);
  // A table with the undefined entry 0 only needs no names and often has no address.
  if (count <= 1) return null;
  const from = map.offset(table.value, table.at, 'DT_SYMTAB');
  withinLimit(count, MAX_DYNAMIC_SYMBOLS, table.at, 'dynamic symbols');
  if (dynamic.strings === null) throw badValue(table.at, 'DT_STRTAB', 'none');
  return { bytes: file.reader.bytes(from, count * entrySize), from, entrySize, count, strings: dynamic.strings };
}

/**
 * No entry says how many symbols there are. In the order of trust: MIPS writes it down; DT_HASH has a chain entry for
 * each; the last chain of DT_GNU_HASH ends at the last one. A file that exports nothing has no chains: then its
 * section or the table behind it tells where the symbols end.
 */
function countSymbols(source: SymbolSource, table: DynamicEntry, entrySize: number): number {
  const { file, map, dynamic } = source;
  const written = file.header.e_machine === EM.MIPS ? entryOf(dynamic.entries, DT.MIPS_SYMTABNO) : null;
  if (written !== null) return countIn(written.value, written.at);
  const hash = entryOf(dynamic.entries, DT.HASH);
  if (hash !== null) return sysvHashCount(file, map.offset(hash.value, hash.at, 'DT_HASH'));
  const gnuHash = entryOf(dynamic.entries, DT.GNU_HASH);
  const hashed = gnuHash === null ? null : gnuHashCount(file, map.offset(gnuHash.value, gnuHash.at, 'DT_GNU_HASH'));
  if (hashed !== null && hashed.ends) return hashed.count;
  return sectionCount(source, table, entrySize) ?? boundedCount(dynamic, table, entrySize) ?? hashed?.count ?? 0;
}

function countIn(value: bigint, at: number): number {
  const count = value > BigInt(MAX_DYNAMIC_SYMBOLS) ? MAX_DYNAMIC_SYMBOLS + 1 : Number(value);
  return withinLimit(count, MAX_DYNAMIC_SYMBOLS, at, 'dynamic symbols');
}

/** nchain (gABI 4.1, Figure 5-12). Entries are of 8 bytes on Alpha and s390x (their psABI), else of 4. */
function sysvHashCount(file: ElfFile, at: number): number {
  const { e_machine } = file.header;
  const wideEntries = file.wide && (e_machine === EM.S390 || e_machine === EM.ALPHA);
  return countIn(wideEntries ? file.reader.u64(at + 8) : BigInt(file.reader.u32(at + 4)), at);
}

/** DT_GNU_HASH: nbuckets, symoffset, bloom_size, bloom_shift, words of the filter, buckets, chains. */
function gnuHashCount(file: ElfFile, at: number): { count: number; ends: boolean } {
  const { reader } = file;
  const buckets = withinLimit(reader.u32(at), MAX_DYNAMIC_SYMBOLS, at, 'hash buckets');
  const first = reader.u32(at + 4);
  const bucketsAt = at + 16 + reader.u32(at + 8) * file.word;
  let last = 0;
  for (let index = 0; index < buckets; index += 1) last = Math.max(last, reader.u32(bucketsAt + 4 * index));
  if (last < first || last === 0) return { count: first, ends: false };
  const chains = bucketsAt + 4 * buckets;
  // The lowest bit marks the end of a chain.
  while (reader.u32(chains + 4 * (last - first)) % 2 === 0) {
    last += 1;
    withinLimit(last, MAX_DYNAMIC_SYMBOLS, at, 'dynamic symbols');
  }
  return { count: last + 1, ends: true };
}

function sectionCount({ sections }: SymbolSource, table: DynamicEntry, entrySize: number): number | null {
  const section = sections.find(({ sh_type, sh_addr }) => sh_type === SHT_DYNSYM && sh_addr === table.value);
  return section === undefined ? null : Math.floor(section.sh_size / entrySize);
}

/** Tags whose value is the address of a table. */
const TABLES = [DT.STRTAB, DT.HASH, DT.GNU_HASH, DT.VERSYM, DT.VERDEF, DT.VERNEED, DT.RELA, DT.REL, DT.JMPREL, DT.INIT];

function boundedCount(dynamic: DynamicSection, table: DynamicEntry, entrySize: number): number | null {
  const addresses = dynamic.entries
    .filter(({ tag, value }) => TABLES.some((known) => known === tag) && value > table.value)
    .map(({ value }) => value);
  const [first, ...rest] = addresses;
  if (first === undefined) return null;
  const end = rest.reduce((least, address) => (address < least ? address : least), first);
  const count = (end - table.value) / BigInt(entrySize);
  return count > BigInt(MAX_DYNAMIC_SYMBOLS) ? null : Number(count);
}

const BINDINGS: Readonly<Record<number, DynamicSymbol['binding']>> = { 0: 'local', 2: 'weak', 10: 'unique' };
const TYPES: Readonly<Record<number, DynamicSymbol['type']>> = {
  0: 'none',
  1: 'object',
  2: 'function',
  3: 'section',
  4: 'file',
  5: 'common',
  6: 'tls',
  10: 'ifunc',
};
const VISIBILITIES = ['default', 'internal', 'hidden', 'protected'] as const;

/** `.gnu.version`, one index a symbol; null where the file has none. */
export function readSymbolVersions(source: SymbolSource, table: SymbolTable): Uint16Array | null {
  const { file, map, dynamic } = source;
  const versym = entryOf(dynamic.entries, DT.VERSYM);
  if (versym === null) return null;
  const bytes = file.reader.bytes(map.offset(versym.value, versym.at, 'DT_VERSYM'), 2 * table.count);
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = file.header.endianness === 'little';
  return Uint16Array.from({ length: table.count }, (_, index) => fields.getUint16(2 * index, little));
}

/** Every symbol but the undefined entry 0. */
export function symbolsOf(
  file: ElfFile,
  table: SymbolTable,
  versions: Uint16Array | null,
  names: ReadonlyMap<number, string>,
): readonly DynamicSymbol[] {
  const { bytes, from, entrySize, count, strings } = table;
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = file.header.endianness === 'little';
  const infoAt = file.wide ? 4 : 12;
  return Array.from({ length: Math.max(0, count - 1) }, (_, position) => {
    const index = position + 1;
    const at = index * entrySize;
    const info = fields.getUint8(at + infoAt);
    const defined = fields.getUint16(at + infoAt + 2, little) !== 0;
    const version = versions?.[index] ?? 0;
    return {
      name: strings.text(fields.getUint32(at, little), from + at, 'st_name'),
      binding: BINDINGS[info >> 4] ?? 'global',
      type: TYPES[info & 0xf] ?? 'other',
      visibility: VISIBILITIES[fields.getUint8(at + infoAt + 1) & 3] ?? 'default',
      defined,
      version: names.get(version & ~VERSYM_HIDDEN) ?? null,
      versionHidden: defined && (version & VERSYM_HIDDEN) !== 0,
    };
  });
}
