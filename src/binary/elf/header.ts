import type { FileView } from '../../model/view.js';
import type { Endianness } from '../door.js';
import { ByteReader, badValue, withinLimit } from '../door.js';
import {
  EI,
  ELFCLASS32,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFDATA2MSB,
  MAX_PROGRAM_HEADERS,
  MAX_SECTIONS,
  PN_XNUM,
  SHN_XINDEX,
} from './constants.js';

/**
 * ELF header (gABI 4.1, Figure 4-3). Offsets are bytes from the start of the file.
 *
 *   field        ELF32  ELF64  size (32/64)
 *   e_type          16     16  2
 *   e_machine       18     18  2
 *   e_version       20     20  4
 *   e_entry         24     24  4 / 8
 *   e_phoff         28     32  4 / 8
 *   e_shoff         32     40  4 / 8
 *   e_flags         36     48  4
 *   e_ehsize        40     52  2
 *   e_phentsize     42     54  2
 *   e_phnum         44     56  2
 *   e_shentsize     46     58  2
 *   e_shnum         48     60  2
 *   e_shstrndx      50     62  2
 */
export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly endianness: Endianness;
  readonly osAbi: number;
  readonly abiVersion: number;
  readonly e_type: number;
  readonly e_machine: number;
  readonly e_entry: bigint;
  readonly e_phoff: bigint;
  readonly e_shoff: bigint;
  readonly e_flags: number;
  readonly e_phentsize: number;
  readonly e_phnum: number;
  readonly e_shentsize: number;
  readonly e_shnum: number;
  readonly e_shstrndx: number;
}

/** A file whose class and byte order are known: fields of one word are 4 or 8 bytes. */
export class ElfFile {
  readonly reader: ByteReader;
  readonly header: ElfHeader;
  readonly wide: boolean;
  /** Bytes of an address. */
  readonly word: 4 | 8;

  constructor(reader: ByteReader, header: ElfHeader) {
    this.reader = reader;
    this.header = header;
    this.wide = header.bits === 64;
    this.word = header.bits === 64 ? 8 : 4;
  }

  /** Elf32_Addr or Elf64_Addr, Elf32_Word or Elf64_Xword. */
  address(at: number): bigint {
    return this.wide ? this.reader.u64(at) : BigInt(this.reader.u32(at));
  }

  /** A word that must be an offset, a size or a count. */
  offset(at: number, field: string): number {
    return this.wide ? this.reader.safe64(at, field) : this.reader.u32(at);
  }
}

/** True where a file starts as ELF does. */
export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** Reads e_ident and the header behind it; throws where there is no such header. */
export function openElf(view: FileView): ElfFile {
  const identity = new ByteReader(view, 'little').bytes(0, EI.NIDENT);
  if (!isElf(identity)) throw badValue(0, 'magic', hex(identity.subarray(0, 4)));
  const bits = bitsOf(identity[EI.CLASS] ?? 0);
  const reader = new ByteReader(view, endiannessOf(identity[EI.DATA] ?? 0));
  const osAbi = identity[EI.OSABI] ?? 0;
  const abiVersion = identity[EI.ABIVERSION] ?? 0;
  return new ElfFile(reader, readFields(reader, bits, osAbi, abiVersion));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function bitsOf(value: number): 32 | 64 {
  if (value === ELFCLASS32) return 32;
  if (value === ELFCLASS64) return 64;
  throw badValue(EI.CLASS, 'EI_CLASS', value);
}

function endiannessOf(value: number): Endianness {
  if (value === ELFDATA2LSB) return 'little';
  if (value === ELFDATA2MSB) return 'big';
  throw badValue(EI.DATA, 'EI_DATA', value);
}

function readFields(reader: ByteReader, bits: 32 | 64, osAbi: number, abiVersion: number): ElfHeader {
  const wide = bits === 64;
  const address = (at: number): bigint => (wide ? reader.u64(at) : BigInt(reader.u32(at)));
  const tail = wide ? 48 : 36;
  return {
    bits,
    endianness: reader.endianness,
    osAbi,
    abiVersion,
    // The last field first: a header that is cut off is reported as a whole.
    e_shstrndx: reader.u16(tail + 14),
    e_type: reader.u16(16),
    e_machine: reader.u16(18),
    e_entry: address(24),
    e_phoff: address(wide ? 32 : 28),
    e_shoff: address(wide ? 40 : 32),
    e_flags: reader.u32(tail),
    e_phentsize: reader.u16(tail + 6),
    e_phnum: reader.u16(tail + 8),
    e_shentsize: reader.u16(tail + 10),
    e_shnum: reader.u16(tail + 12),
  };
}

/** A table of headers: where it is and how many entries it has. */
export interface HeaderTable {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

/** Place of the program headers; null where there are none. The count may be in section header 0 (PN_XNUM). */
export function programHeaderTable(file: ElfFile): HeaderTable | null {
  const { header, wide } = file;
  if (header.e_phnum === 0 || header.e_phoff === 0n) return null;
  const entrySize = wide ? 56 : 32;
  // Linux and glibc refuse any other size.
  if (header.e_phentsize !== entrySize) throw badValue(wide ? 54 : 42, 'e_phentsize', header.e_phentsize);
  const offset = tableOffset(header.e_phoff, wide ? 32 : 28, 'e_phoff');
  const count = header.e_phnum === PN_XNUM ? file.reader.u32(firstSection(file) + (wide ? 44 : 28)) : header.e_phnum;
  withinLimit(count, MAX_PROGRAM_HEADERS, wide ? 56 : 44, 'program headers');
  return { offset, entrySize, count };
}

/** Place of the section headers; null where there are none. The count may be in section header 0 (e_shnum = 0). */
export function sectionHeaderTable(file: ElfFile): HeaderTable | null {
  const { header, wide } = file;
  if (header.e_shoff === 0n) return null;
  const entrySize = wide ? 64 : 40;
  if (header.e_shentsize !== entrySize) throw badValue(wide ? 58 : 46, 'e_shentsize', header.e_shentsize);
  const offset = firstSection(file);
  const count = header.e_shnum === 0 ? file.offset(offset + (wide ? 32 : 20), 'sh_size') : header.e_shnum;
  withinLimit(count, MAX_SECTIONS, wide ? 60 : 48, 'section headers');
  return count === 0 ? null : { offset, entrySize, count };
}

/** Index of the section that holds the names of sections. */
export function sectionNameIndex(file: ElfFile): number {
  const { header, wide } = file;
  return header.e_shstrndx === SHN_XINDEX ? file.reader.u32(firstSection(file) + (wide ? 40 : 24)) : header.e_shstrndx;
}

function firstSection(file: ElfFile): number {
  return tableOffset(file.header.e_shoff, file.wide ? 40 : 32, 'e_shoff');
}

function tableOffset(value: bigint, at: number, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badValue(at, field, value);
  return Number(value);
}
