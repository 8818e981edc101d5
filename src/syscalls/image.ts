import type { FormatError } from '../model/gap.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { atDoor, badValue, PartReader, withinLimit } from '../binary/door.js';
import { entryOf, readDynamicEntries, readStringTable, type DynamicSection } from '../binary/elf/dynamic.js';
import { openElf, type ElfFile } from '../binary/elf/header.js';
import { machineOf } from '../binary/elf/machine.js';
import { AddressMap, readProgramHeaders, type ProgramHeader } from '../binary/elf/program-headers.js';
import { readSections, type Section } from '../binary/elf/sections.js';
import { ET_DYN, PF_W, PF_X, PT_LOAD } from '../binary/elf/constants.js';

/** Largest file whose code is looked at, in bytes: Node and Chromium are below 300 MB. */
export const MAX_CODE_FILE_BYTES = 512 * 2 ** 20;

/** A PT_LOAD segment with numbers for addresses: no Linux program is linked above 2^53. */
export interface Segment {
  readonly address: number;
  readonly end: number;
  readonly offset: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** Machines whose code is followed. */
export type CodeMachine = 'x86_64' | 'aarch64';

/** One ELF file in memory, opened for a look at its code. */
export interface CodeImage {
  readonly machine: CodeMachine;
  readonly bytes: Uint8Array;
  readonly fields: DataView;
  readonly file: ElfFile;
  readonly map: AddressMap;
  readonly headers: readonly ProgramHeader[];
  readonly sections: readonly Section[];
  readonly dynamic: DynamicSection;
  readonly segments: readonly Segment[];
  readonly entry: number;
  /** ET_DYN: pointers in data have relocations. ET_EXEC: they are plain numbers. */
  readonly relocatable: boolean;
}

/** Opens a 64-bit little-endian file for x86-64 or arm64. */
export function openCode(view: FileView): Result<CodeImage, FormatError> {
  return atDoor(() => {
    const file = openElf(view);
    const machine = machineOf(file.header);
    if (machine !== 'x86_64' && machine !== 'aarch64') throw badValue(18, 'e_machine', file.header.e_machine);
    if (!file.wide || file.header.endianness !== 'little') throw badValue(4, 'EI_CLASS', file.header.bits);
    withinLimit(view.size, MAX_CODE_FILE_BYTES, 0, 'bytes');
    const bytes = new Uint8Array(view.read(0, view.size));
    const parts = new PartReader();
    const headers = readProgramHeaders(file, parts);
    const map = new AddressMap(headers);
    const entries = parts.read('dynamic section', null, () => readDynamicEntries(file, headers)) ?? [];
    const strings = parts.read('dynamic section', null, () => readStringTable(file, map, entries));
    return {
      machine,
      bytes,
      fields: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      file,
      map,
      headers,
      sections: readSections(file, parts),
      dynamic: { entries, strings },
      segments: segmentsOf(headers, bytes.length),
      entry: Number(file.header.e_entry),
      relocatable: file.header.e_type === ET_DYN,
    };
  });
}

function segmentsOf(headers: readonly ProgramHeader[], size: number): readonly Segment[] {
  return headers.flatMap(({ p_type, p_vaddr, p_offset, p_filesz, p_flags }): readonly Segment[] => {
    const address = Number(p_vaddr);
    const length = Math.min(p_filesz, size - p_offset);
    if (p_type !== PT_LOAD || length <= 0 || !Number.isSafeInteger(address + length)) return [];
    const executable = (p_flags & PF_X) !== 0;
    return [{ address, end: address + length, offset: p_offset, executable, writable: (p_flags & PF_W) !== 0 }];
  });
}

/** The segment that holds an address in the file; null where none does. */
export function segmentAt({ segments }: CodeImage, address: number): Segment | null {
  for (const segment of segments) if (address >= segment.address && address < segment.end) return segment;
  return null;
}

/** File offset of an address; -1 where no segment has it. */
export function offsetOf(image: CodeImage, address: number): number {
  const segment = segmentAt(image, address);
  return segment === null ? -1 : segment.offset + address - segment.address;
}

/** Value of a tag of the dynamic section as a number; null where it is absent. */
export function dynamicValue({ dynamic }: CodeImage, tag: bigint): number | null {
  const entry = entryOf(dynamic.entries, tag);
  return entry === null ? null : Number(entry.value);
}

/** Reads a 64-bit word as a number; above 2^53 it is no address and comes out as Infinity. */
export function wordAt({ fields }: CodeImage, offset: number): number {
  if (offset < 0 || offset + 8 > fields.byteLength) return Infinity;
  const high = fields.getUint32(offset + 4, true);
  return high > 0x1fffff ? Infinity : high * 2 ** 32 + fields.getUint32(offset, true);
}
