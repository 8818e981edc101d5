import { atDoor, badValue, ByteReader, PartReader } from '../door.js';
import type { BinaryFormat } from '../format.js';
import type { MachoBinary } from '../../model/binary.js';
import type { ByteRange } from '../../model/collector.js';
import type { FormatError } from '../../model/gap.js';
import type { Result } from '../../model/result.js';
import type { FileView } from '../../model/view.js';
import { memoryView } from '../../model/view.js';
import { MAX_LOAD_COMMAND_BYTES } from './constants.js';
import { readFatSlices, type FatSlice } from './fat.js';
import { machoMagic } from './magic.js';
import { readSlice, type ReadSlice } from './slice.js';

/** Files up to this size are kept whole. */
const MAX_WHOLE_BYTES = 32 << 20;
/** Of a larger file, the start of each slice. */
const SLICE_START_BYTES = 1 << 20;

/** Reads a thin or fat Mach-O file. A Java class, which has the same magic as a fat file, is an error. */
export function parseMacho(view: FileView): Result<MachoBinary, FormatError> {
  return atDoor(() => {
    const parts = new PartReader();
    const magic = machoMagic(new ByteReader(view, 'big').bytesUpTo(0, 8));
    if (magic === null || magic === 'java-class') throw badValue(0, 'magic', new ByteReader(view, 'big').u32(0));
    const read = (offset: number): ReadSlice =>
      readSlice(view, offset, (part, body) => parts.read(part, undefined, body));
    const slices = magic === 'thin' ? [read(0)] : readFat(view, parts, read);
    const [first] = slices;
    if (first === undefined) throw badValue(4, 'nfat_arch', 'no readable architecture');
    return {
      format: 'mach-o',
      fat: magic === 'fat',
      machine: first.slice.machine,
      bits: first.slice.bits,
      endianness: first.endianness,
      slices: slices.map(({ slice }) => slice),
      gaps: parts.gaps,
      go: first.go,
      rust: null,
    };
  });
}

/** A slice that cannot be read is a gap; the others are kept. */
function readFat(view: FileView, parts: PartReader, read: (offset: number) => ReadSlice): readonly ReadSlice[] {
  const slices = readFatSlices(new ByteReader(view, 'big'));
  return slices.flatMap(({ offset }) => parts.read<readonly ReadSlice[]>('slice', [], () => [read(offset)]));
}

function retainMacho(head: Uint8Array, size: number): 'whole' | readonly ByteRange[] {
  if (size <= MAX_WHOLE_BYTES) return 'whole';
  if (machoMagic(head) !== 'fat') return [{ from: 0, to: Math.min(size, MAX_LOAD_COMMAND_BYTES) }];
  const slices = atDoor(() => readFatSlices(new ByteReader(memoryView(head), 'big')));
  const starts: readonly FatSlice[] = slices.ok ? slices.value : [];
  const ranges = [{ offset: 0 }, ...starts].filter(({ offset }) => offset < size);
  return ranges
    .map(({ offset }) => ({ from: offset, to: Math.min(size, offset + SLICE_START_BYTES) }))
    .sort((a, b) => a.from - b.from);
}

export const machoFormat: BinaryFormat = {
  id: 'mach-o',
  sniff: (head) => ['thin', 'fat'].includes(machoMagic(head) ?? ''),
  parse: parseMacho,
  retain: retainMacho,
};
