import type { ElfFile, HeaderTable } from './header.js';
import { decodeText, type PartReader, withinLimit } from '../door.js';
import { MAX_SECTION_NAME_BYTES, MAX_SECTION_NAMES_BYTES, SHT_NOBITS } from './constants.js';
import { sectionHeaderTable, sectionNameIndex } from './header.js';

/**
 * Section header (gABI 4.1, Figure 4-8). Offsets are bytes from the start of the entry.
 *
 *   field         ELF32  ELF64
 *   sh_name           0      0
 *   sh_type           4      4
 *   sh_flags          8      8
 *   sh_addr          12     16
 *   sh_offset        16     24
 *   sh_size          20     32
 *   sh_addralign     32     48
 *   sh_entsize       36     56
 */
export interface Section {
  /** Empty where the table of names could not be read. */
  readonly name: string;
  readonly sh_type: number;
  readonly sh_addr: bigint;
  readonly sh_offset: number;
  readonly sh_size: number;
  readonly sh_addralign: number;
}

/** Section headers with their names; empty where there are none or they could not be read. */
export function readSections(file: ElfFile, parts: PartReader): readonly Section[] {
  const part = 'section headers';
  const table = parts.read(part, null, () => sectionHeaderTable(file));
  if (table === null) return [];
  const entries = parts.read(part, [], () => readEntries(file, table));
  const names = parts.read(part, null, () => readNames(file, table, entries));
  return entries.map(({ sh_name, ...section }) => ({ ...section, name: nameAt(names, sh_name) }));
}

interface RawSection extends Omit<Section, 'name'> {
  readonly sh_name: number;
}

function readEntries(file: ElfFile, table: HeaderTable): RawSection[] {
  const { reader, wide } = file;
  const last = table.offset + table.count * table.entrySize - 1;
  reader.u8(last);
  return Array.from({ length: table.count }, (_, index) => {
    const at = table.offset + index * table.entrySize;
    return {
      sh_name: reader.u32(at),
      sh_type: reader.u32(at + 4),
      sh_addr: file.address(at + (wide ? 16 : 12)),
      sh_offset: file.offset(at + (wide ? 24 : 16), 'sh_offset'),
      sh_size: file.offset(at + (wide ? 32 : 20), 'sh_size'),
      sh_addralign: file.offset(at + (wide ? 48 : 32), 'sh_addralign'),
    };
  });
}

function readNames(file: ElfFile, table: HeaderTable, entries: readonly RawSection[]): Uint8Array | null {
  const index = sectionNameIndex(file);
  const names = entries[index];
  // SHN_UNDEF: the file has no section names.
  if (index === 0 || names === undefined) return null;
  withinLimit(names.sh_size, MAX_SECTION_NAMES_BYTES, table.offset + index * table.entrySize, 'bytes of section names');
  return file.reader.bytes(names.sh_offset, names.sh_size);
}

function nameAt(names: Uint8Array | null, at: number): string {
  if (names === null || at >= names.length) return '';
  const name = names.subarray(at, at + MAX_SECTION_NAME_BYTES);
  const end = name.indexOf(0);
  return decodeText(end === -1 ? name : name.subarray(0, end));
}

/** The first section of that name; null where there is none, or it has no bytes in the file. */
export function sectionNamed(sections: readonly Section[], name: string): Section | null {
  return sections.find((section) => section.name === name && section.sh_type !== SHT_NOBITS) ?? null;
}

/** Sections that a program cannot do without; without bytes the file holds debug information only. */
const CONTENT = ['.text', '.interp', '.dynamic'];

/** True for what `objcopy --only-keep-debug` leaves: program headers that lead to bytes of something else. */
export function isDebugOnly(sections: readonly Section[]): boolean {
  return sections.some((section) => section.sh_type === SHT_NOBITS && CONTENT.includes(section.name));
}
