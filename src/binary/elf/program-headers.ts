import type { LoadSegment } from '../../model/binary.js';
import type { ElfFile } from './header.js';
import { vaddr } from '../../model/brand.js';
import { atDoor, badValue, truncated, type PartReader } from '../door.js';
import { MAX_BROKEN_ENTRIES, PF_R, PF_W, PF_X, PT_GNU_STACK, PT_LOAD } from './constants.js';
import { programHeaderTable } from './header.js';

/**
 * Program header (gABI 4.1, Figure 5-1). Offsets are bytes from the start of the entry.
 *
 *   field      ELF32  ELF64
 *   p_type         0      0
 *   p_flags       24      4
 *   p_offset       4      8
 *   p_vaddr        8     16
 *   p_filesz      16     32
 *   p_memsz       20     40
 *   p_align       28     48
 */
export interface ProgramHeader {
  readonly index: number;
  /** Offset of the entry itself, for gaps. */
  readonly at: number;
  readonly p_type: number;
  readonly p_flags: number;
  readonly p_offset: number;
  readonly p_vaddr: bigint;
  readonly p_filesz: number;
  readonly p_memsz: number;
  readonly p_align: number;
}

/** Reads as many program headers as are there; the first that cannot be read is the gap. */
export function readProgramHeaders(file: ElfFile, parts: PartReader): readonly ProgramHeader[] {
  const table = parts.read('program headers', null, () => programHeaderTable(file));
  if (table === null) return [];
  const headers: ProgramHeader[] = [];
  let broken = 0;
  for (let index = 0; index < table.count && broken < MAX_BROKEN_ENTRIES; index += 1) {
    const at = table.offset + index * table.entrySize;
    const entry = atDoor(() => readEntry(file, index, at));
    if (entry.ok) {
      headers.push(entry.value);
      continue;
    }
    if (broken === 0) parts.add('program headers', entry.error);
    broken += 1;
    if (entry.error.kind !== 'bad-value') break;
  }
  return headers;
}

function readEntry(file: ElfFile, index: number, at: number): ProgramHeader {
  const { reader, wide } = file;
  return {
    index,
    at,
    p_align: file.offset(at + (wide ? 48 : 28), 'p_align'),
    p_type: reader.u32(at),
    p_flags: reader.u32(at + (wide ? 4 : 24)),
    p_offset: file.offset(at + (wide ? 8 : 4), 'p_offset'),
    p_vaddr: file.address(at + (wide ? 16 : 8)),
    p_filesz: file.offset(at + (wide ? 32 : 16), 'p_filesz'),
    p_memsz: file.offset(at + (wide ? 40 : 20), 'p_memsz'),
  };
}

/** PT_LOAD entries as the model has them. */
export function loadSegmentsOf(headers: readonly ProgramHeader[]): readonly LoadSegment[] {
  return headers
    .filter((header) => header.p_type === PT_LOAD)
    .map((header) => ({
      index: header.index,
      offset: header.p_offset,
      vaddr: vaddr(header.p_vaddr),
      fileSize: header.p_filesz,
      memorySize: header.p_memsz,
      alignBytes: header.p_align,
      readable: (header.p_flags & PF_R) !== 0,
      writable: (header.p_flags & PF_W) !== 0,
      executable: (header.p_flags & PF_X) !== 0,
    }));
}

/** Reports the first segment of which the file does not have all bytes. */
export function checkSegments(headers: readonly ProgramHeader[], size: number, parts: PartReader): void {
  parts.read('segments', null, () => {
    for (const header of headers) {
      if (header.p_type !== PT_LOAD || header.p_filesz === 0) continue;
      if (header.p_offset + header.p_filesz > size) {
        throw truncated(header.p_offset, header.p_filesz, size - header.p_offset);
      }
    }
    return null;
  });
}

/** PT_GNU_STACK: true executable, false not, null no such header. The last one counts, as for Linux. */
export function executableStackOf(headers: readonly ProgramHeader[]): boolean | null {
  const stack = headers.findLast((header) => header.p_type === PT_GNU_STACK);
  return stack === undefined ? null : (stack.p_flags & PF_X) !== 0;
}

/** Finds where the bytes of an address are in the file. */
export class AddressMap {
  private readonly loads: readonly ProgramHeader[];

  constructor(headers: readonly ProgramHeader[]) {
    this.loads = headers.filter((header) => header.p_type === PT_LOAD);
  }

  /** File offset of an address; null where no segment has it in the file. */
  find(address: bigint): number | null {
    for (const load of this.loads) {
      const inside = address - load.p_vaddr;
      if (inside >= 0n && inside < BigInt(load.p_filesz)) return load.p_offset + Number(inside);
    }
    return null;
  }

  /** The same where there must be one; `at` is the place of the field that holds the address. */
  offset(address: bigint, at: number, field: string): number {
    const found = this.find(address);
    if (found === null) throw badValue(at, field, address);
    return found;
  }
}
