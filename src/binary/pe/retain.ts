import { atDoor } from '../door.js';
import type { ByteRange } from '../../model/collector.js';
import { memoryView } from '../../model/view.js';
import { DIRECTORY } from './constants.js';
import { peReader, readHeader, type DataDirectory, type PeHeader } from './header.js';
import { readSections, type PeSection } from './sections.js';

/** Files up to this size are kept whole. */
const MAX_WHOLE_BYTES = 32 << 20;
/** Of a larger file, sections with a directory that is read are kept whole up to this size. */
const MAX_SECTION_BYTES = 16 << 20;
/** Of a larger section, what lies behind the start of the directory. */
const DIRECTORY_BYTES = 8 << 20;

const NEEDED_DIRECTORIES: readonly number[] = Object.values(DIRECTORY);

/** What must be kept of a PE file in a stream. Without a readable section table, only its start. */
export function retainPe(head: Uint8Array, size: number): 'whole' | readonly ByteRange[] {
  if (size <= MAX_WHOLE_BYTES) return 'whole';
  const layout = atDoor(() => {
    const start = memoryView(head);
    const reader = peReader({ size, read: (at, length) => start.read(at, length) });
    const header = readHeader(reader);
    return { header, sections: readSections(reader, header) };
  });
  const start = { from: 0, to: Math.min(size, Math.max(head.length, DIRECTORY_BYTES)) };
  if (!layout.ok) return [start];
  const { header, sections } = layout.value;
  const headers = {
    from: 0,
    to: Math.min(size, Math.max(head.length, Math.min(header.SizeOfHeaders, DIRECTORY_BYTES))),
  };
  return merge([headers, ...sections.flatMap((section) => rangesOf(section, header, size))]);
}

function rangesOf(section: PeSection, header: PeHeader, size: number): readonly ByteRange[] {
  const starts = NEEDED_DIRECTORIES.flatMap((index) => startIn(section, header.directories[index]));
  if (starts.length === 0) return [];
  const end = Math.min(size, section.PointerToRawData + section.SizeOfRawData);
  if (section.SizeOfRawData <= MAX_SECTION_BYTES) return [{ from: section.PointerToRawData, to: end }];
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

/** Sorted, without overlaps. */
function merge(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: ByteRange[] = [];
  for (const range of ranges.filter((one) => one.to > one.from).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && range.from <= last.to)
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else merged.push(range);
  }
  return merged;
}
