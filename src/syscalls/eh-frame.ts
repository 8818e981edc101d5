import { offsetOf, type CodeImage } from './image.js';

/** Addresses `[start, end)` of one function or one part of it. */
export interface CodeRange {
  readonly start: number;
  readonly end: number;
}

const PT_GNU_EH_FRAME = 0x6474e550;
/** DWARF exception header encodings (LSB Core, "DWARF Exception Header Encoding"). */
const DW_EH_PE = { absptr: 0x00, udata4: 0x03, udata8: 0x04, sdata4: 0x0b, sdata8: 0x0c, pcrel: 0x10, datarel: 0x30 };
const MAX_FDES = 2 ** 21;

/**
 * Ranges of functions as the unwinder knows them: they are there in stripped files too (LSB Core, "Exception Frames").
 * The search table of .eh_frame_hdr leads to them; a static program may have only the frames.
 */
export function frameRanges(image: CodeImage): readonly CodeRange[] {
  const header = image.headers.find(({ p_type }) => p_type === PT_GNU_EH_FRAME);
  const indexed = header === undefined ? null : indexedRanges(image, header.p_offset, Number(header.p_vaddr));
  if (indexed !== null) return indexed;
  const section = image.sections.find(({ name }) => name === '.eh_frame');
  return section === undefined ? [] : sequentialRanges(image, section.sh_offset, section.sh_size);
}

/** .eh_frame_hdr: version, three encodings, the frames' address, a count, then pairs of function and frame. */
function indexedRanges(image: CodeImage, at: number, address: number): readonly CodeRange[] | null {
  const { fields } = image;
  if (at < 0 || at + 12 > fields.byteLength) return null;
  const wanted = [1, DW_EH_PE.pcrel | DW_EH_PE.sdata4, DW_EH_PE.udata4, DW_EH_PE.datarel | DW_EH_PE.sdata4];
  if (wanted.some((value, index) => fields.getUint8(at + index) !== value)) return null;
  const count = Math.min(fields.getUint32(at + 8, true), MAX_FDES, Math.floor((fields.byteLength - at - 12) / 8));
  const widths: Widths = new Map();
  const ranges: CodeRange[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = address + fields.getInt32(at + 12 + 8 * index, true);
    const frame = offsetOf(image, address + fields.getInt32(at + 16 + 8 * index, true));
    if (frame >= 0) addRange(image, frame, start, widths, ranges);
  }
  return ranges;
}

/** How the frames of one CIE are written. */
interface Pointing {
  /** Bytes of a pointer; 0: not understood. */
  readonly width: number;
  /** The frame of a signal handler's return begins one byte early, so that the unwinder finds it. */
  readonly isSignal: boolean;
}

type Widths = Map<number, Pointing>;

function addRange(image: CodeImage, frame: number, start: number, widths: Widths, ranges: CodeRange[]): void {
  const { length, isSignal } = frameLength(image, frame, widths);
  if (length > 1) ranges.push({ start: isSignal ? start + 1 : start, end: start + length });
}

/** Bytes of code that the frame at an offset describes; 0 where it cannot be read. */
function frameLength(image: CodeImage, frame: number, widths: Widths): { length: number; isSignal: boolean } {
  const { fields } = image;
  if (frame + 24 > fields.byteLength) return { length: 0, isSignal: false };
  const identifier = frame + 4 - fields.getUint32(frame + 4, true);
  const known = widths.get(identifier);
  const { width, isSignal } = known ?? pointing(image, identifier);
  if (known === undefined) widths.set(identifier, { width, isSignal });
  const wide = width === 8 ? Number(fields.getBigUint64(frame + 16, true)) : 0;
  return { length: width === 4 ? fields.getUint32(frame + 12, true) : wide, isSignal };
}

/** How pointers are written in the frames of a CIE, from its augmentation (`zR`, `zPLR`, `zRS`). */
function pointing(image: CodeImage, at: number): Pointing {
  const augmentation = augmentationAt(image, at);
  const isSignal = augmentation.includes('S');
  if (!augmentation.startsWith('z')) return { width: augmentation === '' ? 8 : 0, isSignal };
  return { width: pointerWidth(image, at + 10 + augmentation.length, augmentation), isSignal };
}

function augmentationAt({ bytes }: CodeImage, at: number): string {
  const text: number[] = [];
  for (let cursor = at + 9; (bytes[cursor] ?? 0) !== 0 && text.length < 8; cursor++) text.push(bytes[cursor] ?? 0);
  return String.fromCharCode(...text);
}

function pointerWidth({ bytes }: CodeImage, behindText: number, augmentation: string): number {
  let cursor = behindText;
  // Code and data alignment, return register, length of what follows.
  for (let skipped = 0; skipped < 4; skipped++) {
    while (((bytes[cursor] ?? 0) & 0x80) !== 0 && cursor < bytes.length) cursor += 1;
    cursor += 1;
  }
  for (const letter of augmentation.slice(1)) {
    const value = bytes[cursor] ?? 0;
    if (letter === 'R') return widthOf(value);
    cursor += letter === 'P' ? 1 + widthOf(value) : letter === 'L' ? 1 : 0;
  }
  return 8;
}

function widthOf(encoding: number): number {
  const format = encoding & 0x0f;
  if (format === DW_EH_PE.udata4 || format === DW_EH_PE.sdata4) return 4;
  return format === DW_EH_PE.absptr || format === DW_EH_PE.udata8 || format === DW_EH_PE.sdata8 ? 8 : 0;
}

/** Frames one behind the other. Only the encodings that compilers use in programs: relative to the place, 4 or 8 bytes. */
function sequentialRanges(image: CodeImage, from: number, size: number): readonly CodeRange[] {
  const { fields, segments } = image;
  const segment = segments.find(({ offset, address, end }) => from >= offset && from < offset + end - address);
  if (segment === undefined) return [];
  const shift = segment.address - segment.offset;
  const end = Math.min(from + size, fields.byteLength);
  const widths: Widths = new Map();
  const ranges: CodeRange[] = [];
  for (let at = from; at + 12 < end && ranges.length < MAX_FDES;) {
    const length = fields.getUint32(at, true);
    if (length === 0 || length >= 0xfffffff0) break;
    if (fields.getUint32(at + 4, true) !== 0 && at + 24 <= end) {
      const start = at + 8 + shift + fields.getInt32(at + 8, true);
      addRange(image, at, start, widths, ranges);
    }
    at += 4 + length;
  }
  return ranges;
}
