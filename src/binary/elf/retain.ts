import type { ByteRange } from '../../model/collector.js';
import type { ElfFile } from './header.js';
import type { ProgramHeader } from './program-headers.js';
import { atDoor, PartReader } from '../door.js';
import { memoryView } from '../../model/view.js';
import {
  PF_W,
  PF_X,
  PT_ARM_ATTRIBUTES,
  PT_DYNAMIC,
  PT_GNU_PROPERTY,
  PT_INTERP,
  PT_LOAD,
  PT_NOTE,
} from './constants.js';
import { openElf, programHeaderTable, sectionHeaderTable } from './header.js';
import { readProgramHeaders } from './program-headers.js';

const MIB = 2 ** 20;
/** Up to this size a file is kept as a whole. */
const WHOLE_BYTES = 8 * MIB;
/** All ranges together, so that one file cannot fill the memory of the reader. */
const MAX_RETAINED_BYTES = 44 * MIB;
/** The first segment starts with the header, then come dynamic symbols, strings and relocations, whatever its flags. */
const FIRST_SEGMENT_BYTES = 16 * MIB;
/** Writable segments start with pointers, `.dynamic` and, where Go links, its blob; else that is behind `.data`. */
const WRITABLE_START_BYTES = 4 * MIB;
const WRITABLE_END_BYTES = 6 * MIB;
/** `.rodata`, with the strings that are scanned. */
const READ_ONLY_BYTES = 24 * MIB;
/** `.comment` and `.ARM.attributes` come right behind the last segment. */
const BEHIND_SEGMENTS_BYTES = MIB / 4;
/** Names of sections stand before the table of section headers, with lld in front of the names of symbols. */
const BEFORE_SECTIONS_BYTES = 6 * MIB;
const TAIL_BYTES = MIB / 4;

/**
 * What must be kept of a file that passes by in a stream, so that every header fact is exact. Most wanted comes first:
 * when the limit is reached, the rest is left out.
 */
export function retainElf(head: Uint8Array, size: number): 'whole' | readonly ByteRange[] {
  if (size <= WHOLE_BYTES) return 'whole';
  // The head is read as a file that ends where the head does.
  const wanted = atDoor(() => wantedRanges(openElf(memoryView(head)), size));
  return withinBudget(wanted.ok ? wanted.value : [{ from: 0, to: head.length }], size);
}

function wantedRanges(file: ElfFile, size: number): ByteRange[] {
  const headers = readProgramHeaders(file, new PartReader());
  const loads = headers.filter((header) => header.p_type === PT_LOAD && header.p_filesz > 0);
  const writable = loads.filter((header) => (header.p_flags & PF_W) !== 0);
  const loadEnd = loads.reduce((end, header) => Math.max(end, header.p_offset + header.p_filesz), 0);
  return [
    ...tableRanges(file),
    ...headers.filter(isSmallPart).map((header) => startOf(header, BEHIND_SEGMENTS_BYTES)),
    { from: size - TAIL_BYTES, to: size },
    { from: loadEnd, to: loadEnd + BEHIND_SEGMENTS_BYTES },
    { from: 0, to: FIRST_SEGMENT_BYTES },
    ...writable.map((header) => startOf(header, WRITABLE_START_BYTES)),
    ...writable.map((header) => endOf(header, WRITABLE_END_BYTES)),
    ...loads
      .filter((header) => (header.p_flags & (PF_W | PF_X)) === 0)
      .map((header) => startOf(header, READ_ONLY_BYTES)),
  ];
}

/** The tables of headers, with what stands before the section headers. */
function tableRanges(file: ElfFile): ByteRange[] {
  const ranges: ByteRange[] = [{ from: 0, to: file.reader.size }];
  const programs = atDoor(() => programHeaderTable(file));
  if (programs.ok && programs.value !== null) {
    const { offset, count, entrySize } = programs.value;
    ranges.push({ from: offset, to: offset + count * entrySize });
  }
  const sections = atDoor(() => sectionHeaderTable(file));
  if (sections.ok && sections.value !== null) {
    const { offset, count, entrySize } = sections.value;
    ranges.push({ from: offset - BEFORE_SECTIONS_BYTES, to: offset + count * entrySize });
  } else if (file.header.e_shoff > 0n && file.header.e_shoff < BigInt(Number.MAX_SAFE_INTEGER)) {
    // The count is in the table itself.
    const offset = Number(file.header.e_shoff);
    ranges.push({ from: offset - BEFORE_SECTIONS_BYTES, to: offset + BEFORE_SECTIONS_BYTES });
  }
  return ranges;
}

function isSmallPart({ p_type }: ProgramHeader): boolean {
  return [PT_DYNAMIC, PT_NOTE, PT_INTERP, PT_GNU_PROPERTY, PT_ARM_ATTRIBUTES].includes(p_type);
}

function startOf({ p_offset, p_filesz }: ProgramHeader, limit: number): ByteRange {
  return { from: p_offset, to: p_offset + Math.min(p_filesz, limit) };
}

function endOf({ p_offset, p_filesz }: ProgramHeader, limit: number): ByteRange {
  const to = p_offset + p_filesz;
  return { from: Math.max(p_offset, to - limit), to };
}

/** Takes ranges in their order while the limit holds, and gives them sorted and joined. */
function withinBudget(wanted: readonly ByteRange[], size: number): readonly ByteRange[] {
  let taken: readonly ByteRange[] = [];
  for (const range of wanted) {
    const left = MAX_RETAINED_BYTES - taken.reduce((sum, { from, to }) => sum + to - from, 0);
    const from = Math.max(0, range.from);
    const to = Math.min(range.to, size, from + left);
    if (from < to) taken = join([...taken, { from, to }]);
  }
  return taken;
}

function join(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = ranges.toSorted((a, b) => a.from - b.from);
  const joined: ByteRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else {
      joined.push(range);
    }
  }
  return joined;
}
