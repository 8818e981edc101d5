import { atDoor, withinLimit } from '../door.js';
import type { ByteRange } from '../../model/collector.js';
import type { FormatError } from '../../model/gap.js';
import type { Result } from '../../model/result.js';
import type { FileView } from '../../model/view.js';
import { metadataStreams } from './clr.js';
import { IMAGE_SCN_MEM_EXECUTE } from './constants.js';
import { peReader, readHeader } from './header.js';
import { PeImage, readSections, type PeSection } from './sections.js';

/** Sections of addresses and unwind tables, in which a text is an accident. */
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['.reloc', '.pdata', '.xdata', '.tls', '.idata', '.edata', '.didat']);
/** Debug information of GNU tools: `.debug_info`, or `/4` where the name did not fit. */
const DEBUG_SECTION = /^\.?(?:z?debug|\/\d)/u;
/** The heap of string literals: UTF-16LE (ECMA-335, II.24.2.4). */
const LITERAL_HEAP = '#US';
const MAX_HEAP_BYTES = 1 << 28;

/** Where a PE file keeps texts that its code uses: sections without code, and the literals of a managed assembly. */
export function stringSections(view: FileView): Result<readonly ByteRange[], FormatError> {
  return atDoor(() => {
    const reader = peReader(view);
    const header = readHeader(reader);
    const sections = readSections(reader, header);
    const ranges = sections.filter(mayHoldText).map((section) => rangeOf(section, view.size));
    const heap = atDoor(() => literalHeap(new PeImage(reader, header, sections)));
    const literals = heap.ok ? heap.value : [];
    const outside = literals.filter((one) => !ranges.some((range) => range.from <= one.from && one.to <= range.to));
    return [...ranges, ...outside].filter((range) => range.to > range.from).sort((a, b) => a.from - b.from);
  });
}

function mayHoldText(section: PeSection): boolean {
  if ((section.Characteristics & IMAGE_SCN_MEM_EXECUTE) !== 0) return false;
  return !WITHOUT_TEXT.has(section.name) && !DEBUG_SECTION.test(section.name);
}

function rangeOf(section: PeSection, fileSize: number): ByteRange {
  const from = Math.min(section.PointerToRawData, fileSize);
  return { from, to: Math.min(fileSize, from + section.SizeOfRawData) };
}

function literalHeap(image: PeImage): readonly ByteRange[] {
  return metadataStreams(image)
    .filter((stream) => stream.name === LITERAL_HEAP && stream.size > 0)
    .map((stream) => {
      const from = image.offsetOf(stream.rva, 1, LITERAL_HEAP);
      const size = withinLimit(stream.size, MAX_HEAP_BYTES, from, 'bytes of literals');
      return { from, to: Math.min(image.reader.size, from + size) };
    });
}
