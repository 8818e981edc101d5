import { atDoor } from '../door.js';
import type { ByteRange } from '../../model/collector.js';
import { memoryView } from '../../model/view.js';
import { DIRECTORY, IMAGE_SCN_MEM_EXECUTE } from './constants.js';
import { peReader, readHeader, type DataDirectory, type PeHeader } from './header.js';
import { readSections, type PeSection } from './sections.js';

const MIB = 2 ** 20;
/** Files up to this size are kept whole. */
const MAX_WHOLE_BYTES = 32 * MIB;
/** All ranges together, so that one file cannot fill the memory of the reader. */
const MAX_RETAINED_BYTES = 48 * MIB;
/** Of a larger file, sections with a directory that is read are kept whole up to this size. */
const MAX_SECTION_BYTES = 16 * MIB;
/** Of a larger section, what lies behind the start of the directory. */
const DIRECTORY_BYTES = 8 * MIB;

const NEEDED_DIRECTORIES: readonly number[] = Object.values(DIRECTORY);

/**
 * What must be kept of a PE file in a stream. Most wanted comes first: headers, then what directories point into, then
 * data with texts; when the limit is reached, the rest is left out. Without a readable section table, only the start.
 */
export function retainPe(head: Uint8Array, size: number): 'whole' | readonly ByteRange[] {
  if (size <= MAX_WHOLE_BYTES) return 'whole';
  const layout = atDoor(() => {
    const start = memoryView(head);
    const reader = peReader({ size, read: (at, length) => start.read(at, length) });
    const header = readHeader(reader);
    return { header, sections: readSections(reader, header) };
  });
  if (!layout.ok) return [{ from: 0, to: DIRECTORY_BYTES }];
  const { header, sections } = layout.value;
  const wanted = [
    { from: 0, to: Math.max(head.length, Math.min(header.SizeOfHeaders, DIRECTORY_BYTES)) },
    ...sections.flatMap((section) => directoryRanges(section, header)),
    ...sections.filter((section) => (section.Characteristics & IMAGE_SCN_MEM_EXECUTE) === 0).map(startOf),
  ];
  return merge(withinTotal(wanted.map(({ from, to }) => ({ from, to: Math.min(to, size) }))));
}

function directoryRanges(section: PeSection, header: PeHeader): readonly ByteRange[] {
  const starts = NEEDED_DIRECTORIES.flatMap((index) => startIn(section, header.directories[index]));
  if (starts.length === 0) return [];
  if (section.SizeOfRawData <= MAX_SECTION_BYTES) return [startOf(section)];
  const end = section.PointerToRawData + section.SizeOfRawData;
  return starts.map((inside) => {
    const from = section.PointerToRawData + inside;
    return { from, to: Math.min(end, from + DIRECTORY_BYTES) };
  });
}

function startIn(section: PeSection, directory: DataDirectory | undefined): readonly number[] {
  if (directory === undefined || directory.rva === 0) return [];
  const inside = directory.rva - section.VirtualAddress;
  return inside >= 0 && inside < section.SizeOfRawData ? [inside] : [];
}

function startOf({ PointerToRawData, SizeOfRawData }: PeSection): ByteRange {
  return { from: PointerToRawData, to: PointerToRawData + Math.min(SizeOfRawData, MAX_SECTION_BYTES) };
}

/** Cuts the range with which the limit is reached, and leaves out what follows. */
function withinTotal(ranges: readonly ByteRange[]): readonly ByteRange[] {
  let room = MAX_RETAINED_BYTES;
  return ranges.map(({ from, to }) => {
    const length = Math.min(Math.max(0, to - from), room);
    room -= length;
    return { from, to: from + length };
  });
}

/** Sorted, without overlaps. */
function merge(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else merged.push(range);
  }
  return merged;
}
