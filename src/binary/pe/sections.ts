import { badValue, decodeText, truncated, withinLimit, type ByteReader } from '../door.js';
import { MAX_NAME_BYTES, MAX_TEXT_BYTES, PAGE_BYTES, SECTOR_BYTES } from './constants.js';
import type { PeHeader } from './header.js';

/**
 * One entry of the section table (PE Format, "Section Table (Section Headers)"), 40 bytes each: Name 0,
 * VirtualSize 8, VirtualAddress 12, SizeOfRawData 16, PointerToRawData 20, Characteristics 36.
 */
export interface PeSection {
  /** At most eight bytes, up to the first NUL. */
  readonly name: string;
  readonly VirtualAddress: number;
  readonly VirtualSize: number;
  readonly PointerToRawData: number;
  readonly SizeOfRawData: number;
  readonly Characteristics: number;
}

const SECTION_HEADER_BYTES = 40;
/** Bytes read ahead of a name: names stand next to each other. */
const NAME_WINDOW_BYTES = 8192;
/** A header may reach into the part of its section that is not in the file; a large table may not. */
const MAX_ZERO_FILL_BYTES = 4096;

export function readSections(reader: ByteReader, header: PeHeader): readonly PeSection[] {
  return Array.from({ length: header.NumberOfSections }, (_, index) => {
    const at = header.sectionTableAt + index * SECTION_HEADER_BYTES;
    const name = decodeText(reader.bytes(at, 8));
    const nul = name.indexOf('\0');
    return {
      name: nul === -1 ? name : name.slice(0, nul),
      VirtualSize: reader.u32(at + 8),
      VirtualAddress: reader.u32(at + 12),
      SizeOfRawData: reader.u32(at + 16),
      PointerToRawData: reader.u32(at + 20),
      Characteristics: reader.u32(at + 36),
    };
  });
}

/** Where the bytes of one stretch of the image are in the file. */
interface Mapping {
  readonly rva: number;
  /** Bytes of the image; what goes beyond `inFile` is zero. */
  readonly inMemory: number;
  readonly offset: number;
  /** Bytes that the file should have: it may end before. */
  readonly inFile: number;
}

/** The image as the loader maps it: bytes by their address relative to the image base. */
export class PeImage {
  readonly reader: ByteReader;
  readonly header: PeHeader;
  private readonly mappings: readonly Mapping[];
  private last: Mapping | null = null;
  private textBytes = 0;
  private window: Uint8Array = new Uint8Array(0);
  private windowAt = 0;

  constructor(reader: ByteReader, header: PeHeader, sections: readonly PeSection[]) {
    this.reader = reader;
    this.header = header;
    const headers = Math.min(header.SizeOfHeaders, reader.size);
    this.mappings = [
      ...sections.map((section) => mappingOf(section, header)),
      { rva: 0, inMemory: headers, offset: 0, inFile: headers },
    ];
  }

  /** File offset of an address whose first `length` bytes are in the file. `field` names what points there. */
  offsetOf(rva: number, length: number, field: string): number {
    const mapping = this.mappingAt(rva, field);
    const inside = rva - mapping.rva;
    if (inside + length > mapping.inFile) throw truncated(mapping.offset + inside, length, mapping.inFile - inside);
    return mapping.offset + inside;
  }

  /** A copy of `length` bytes; zeros where the section has no bytes in the file. Limit `length` before. */
  bytes(rva: number, length: number, field: string): Uint8Array {
    const mapping = this.mappingAt(rva, field);
    const inside = rva - mapping.rva;
    if (inside + length > mapping.inMemory) throw truncated(mapping.offset + inside, length, mapping.inMemory - inside);
    const inFile = Math.max(0, Math.min(length, mapping.inFile - inside));
    if (inFile === length) return this.reader.bytes(mapping.offset + inside, length);
    if (length > MAX_ZERO_FILL_BYTES) throw truncated(mapping.offset + inside, length, inFile);
    const bytes = new Uint8Array(length);
    if (inFile > 0) bytes.set(this.reader.bytes(mapping.offset + inside, inFile));
    return bytes;
  }

  fields(rva: number, length: number, field: string): DataView {
    const bytes = this.bytes(rva, length, field);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes from an address to the end of its section in memory. */
  available(rva: number, field: string): number {
    const mapping = this.mappingAt(rva, field);
    return mapping.inMemory - (rva - mapping.rva);
  }

  /** Text up to the first NUL. */
  name(rva: number, field: string): string {
    const mapping = this.mappingAt(rva, field);
    const inside = rva - mapping.rva;
    if (inside >= mapping.inFile) return '';
    const at = mapping.offset + inside;
    const bytes = this.untilNul(at, mapping, field);
    this.textBytes += bytes.length;
    withinLimit(this.textBytes, MAX_TEXT_BYTES, at, 'bytes of names');
    return decodeText(bytes);
  }

  /** What lies behind the bytes of the file in a section is zero, and ends a name too. */
  private untilNul(at: number, mapping: Mapping, field: string): Uint8Array {
    const inFile = mapping.offset + mapping.inFile;
    const end = Math.min(inFile, this.reader.size);
    const zeroBehind = end === inFile && mapping.inMemory > mapping.inFile;
    if (at >= end) throw truncated(at, 1, 0);
    let length = NAME_WINDOW_BYTES;
    for (;;) {
      const bytes = this.ahead(at, Math.min(length, end - at));
      const isLast = bytes.length === end - at;
      const nul = bytes.indexOf(0);
      if (nul === -1 && isLast && !zeroBehind) throw truncated(at, bytes.length + 1, bytes.length);
      if (nul !== -1 || isLast) {
        const found = nul === -1 ? bytes.length : nul;
        return bytes.subarray(0, withinLimit(found, MAX_NAME_BYTES, at, `bytes of ${field}`));
      }
      length = withinLimit(length * 2, MAX_NAME_BYTES * 2, at, `bytes of ${field}`);
    }
  }

  /** Bytes from `at`: what is left of the window where a NUL is in it, else up to `length` bytes in a new window. */
  private ahead(at: number, length: number): Uint8Array {
    const inside = at - this.windowAt;
    if (inside >= 0 && inside < this.window.length) {
      const rest = this.window.subarray(inside, Math.min(this.window.length, inside + length));
      if (rest.length === length || rest.includes(0)) return rest;
    }
    this.window = this.reader.bytes(at, length);
    this.windowAt = at;
    return this.window;
  }

  private mappingAt(rva: number, field: string): Mapping {
    if (this.last !== null && contains(this.last, rva)) return this.last;
    const mapping = this.mappings.find((candidate) => contains(candidate, rva));
    if (mapping === undefined) throw badValue(0, `address of ${field}`, rva);
    this.last = mapping;
    return mapping;
  }
}

function contains(mapping: Mapping, rva: number): boolean {
  return rva >= mapping.rva && rva - mapping.rva < mapping.inMemory;
}

/** VirtualSize 0 means SizeOfRawData, as old linkers wrote it. */
function mappingOf(section: PeSection, header: PeHeader): Mapping {
  const { VirtualAddress, PointerToRawData, SizeOfRawData } = section;
  const inMemory = section.VirtualSize === 0 ? SizeOfRawData : section.VirtualSize;
  const aligned = header.SectionAlignment >= PAGE_BYTES;
  const offset = aligned ? PointerToRawData - (PointerToRawData % SECTOR_BYTES) : PointerToRawData;
  const raw = PointerToRawData === 0 ? 0 : SizeOfRawData;
  // Bytes behind VirtualSize in its last page are mapped too.
  const paged = aligned ? Math.ceil(inMemory / PAGE_BYTES) * PAGE_BYTES : inMemory;
  return {
    rva: VirtualAddress,
    inMemory: Math.max(inMemory, Math.min(raw, paged)),
    offset,
    inFile: Math.min(raw, paged),
  };
}
