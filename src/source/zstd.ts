/**
 * Zstandard streams (RFC 8878). Frames are walked here, and each is given to a decoder whole and alone, because
 * decoders differ in what they do with concatenated or skippable frames, truncation and what follows the last frame
 * (spikes.md, section 5).
 *
 *   frame: magic fd 2f b5 28, descriptor (1), window (0/1), dictionary id (0/1/2/4), content size (0/1/2/4/8), blocks
 *          descriptor: bits 7-6 content size flag, 5 single segment, 3 reserved, 2 checksum, 1-0 dictionary id flag
 *   block: 3 bytes little endian: bit 0 last, bits 2-1 type (0 raw, 1 RLE, 2 compressed, 3 reserved), 21 bits size
 *   skippable frame: magic 5x 2a 4d 18, size (4), bytes
 */
import { CHUNK_BYTES, type ChunkReader, concat } from './chunks.js';
import { badValue, overLimit, truncated } from './fault.js';
import { hex } from './gzip.js';
import { frameDecoder } from './zstd-decoder.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** `zstd` refuses more without `--long`; a decoder must hold the whole window in memory. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;
/** RFC 8878, 3.1.1.2.4: no block is larger. */
const MAX_BLOCK_BYTES = 128 * 1024;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;

/** Decodes every frame. `note` hears of bytes behind the last one. */
export async function* unzstd(reader: ChunkReader, note: (text: string) => void): AsyncGenerator<Uint8Array> {
  const start = reader.offset;
  const place = (): number => reader.offset;
  const decoder = await frameDecoder();
  if (decoder.wholeStream) yield* decoder.decode(allFrames(reader, start, note), place);
  else {
    while (await atFrame(reader, start, note)) {
      yield* decoder.decode(frame(reader), place);
    }
  }
}

async function* allFrames(
  reader: ChunkReader,
  start: number,
  note: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  while (await atFrame(reader, start, note)) yield* frame(reader);
}

/** Skips what is no frame; false at the end of the stream or of what belongs to it. */
async function atFrame(reader: ChunkReader, start: number, note: (text: string) => void): Promise<boolean> {
  for (;;) {
    const at = reader.offset;
    const magic = await reader.peek(4);
    if (magic.length === 0 && at > start) return false;
    const value = magic.length === 4 ? word(magic) : 0;
    if (value === MAGIC) return true;
    if ((value & 0xfffffff0) >>> 0 === SKIPPABLE) await skipFrame(reader);
    else if (at === start) throw badValue(at, 'zstd magic', hex(magic));
    else if (magic.length < 4) throw truncated(at, 4, magic.length);
    else {
      await reader.skip(Number.MAX_SAFE_INTEGER);
      note(`${reader.offset - at} bytes behind the last zstd frame (offset ${at}) ignored`);
      return false;
    }
  }
}

async function skipFrame(reader: ChunkReader): Promise<void> {
  const size = word((await exactly(reader, 8)).subarray(4));
  const at = reader.offset;
  const skipped = await reader.skip(size);
  if (skipped < size) throw truncated(at, size, skipped);
}

/** The bytes of one frame, magic and checksum included, in pieces of a useful size. */
async function* frame(reader: ChunkReader): AsyncGenerator<Uint8Array> {
  const header = await frameHeader(reader);
  const held = new Batch();
  held.add(header.bytes);
  for (let last = false; !last;) {
    const at = reader.offset;
    const bytes = await exactly(reader, 3);
    const value = word(concat([bytes, new Uint8Array(1)]));
    last = (value & 1) === 1;
    const type = (value >> 1) & 3;
    const size = value >> 3;
    if (type === 3) throw badValue(at, 'block type', '3');
    if (size > header.maxBlockBytes) throw badValue(at, 'block size', String(size));
    held.add(bytes);
    for (let left = type === 1 ? 1 : size; left > 0;) {
      const chunk = await reader.next();
      if (chunk === null) throw truncated(reader.offset, left, 0);
      if (chunk.length > left) reader.unread(chunk.subarray(left));
      const part = chunk.subarray(0, left);
      held.add(part);
      left -= part.length;
    }
    if (held.size >= CHUNK_BYTES) yield held.take();
  }
  if (header.checksum) held.add(await exactly(reader, 4));
  if (held.size > 0) yield held.take();
}

interface FrameHeader {
  readonly bytes: Uint8Array;
  readonly checksum: boolean;
  readonly maxBlockBytes: number;
}

/** RFC 8878, 3.1.1.1, "Frame_Header". */
async function frameHeader(reader: ChunkReader): Promise<FrameHeader> {
  const at = reader.offset;
  const first = await exactly(reader, 5);
  const descriptor = first[4] ?? 0;
  if ((descriptor & 8) !== 0) throw badValue(at + 4, 'frame descriptor', hex(first.subarray(4)));
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const sizeBytes = descriptor >> 6 === 0 && singleSegment ? 1 : (CONTENT_SIZE_BYTES[descriptor >> 6] ?? 0);
  const windowBytes = singleSegment ? 0 : 1;
  const rest = await exactly(reader, windowBytes + dictionaryBytes + sizeBytes);
  const dictionary = rest.subarray(windowBytes, windowBytes + dictionaryBytes);
  if (dictionary.some((byte) => byte !== 0)) throw badValue(at + 5 + windowBytes, 'dictionary', hex(dictionary));
  const contentSize = contentSizeOf(rest.subarray(windowBytes + dictionaryBytes));
  const window = singleSegment ? contentSize : windowSize(rest[0] ?? 0);
  if (window > MAX_WINDOW_BYTES) throw overLimit(at + 5, 'bytes of window', MAX_WINDOW_BYTES);
  return {
    bytes: concat([first, rest]),
    checksum: (descriptor & 4) !== 0,
    maxBlockBytes: MAX_BLOCK_BYTES,
  };
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}

function contentSizeOf(bytes: Uint8Array): number {
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return bytes.length === 2 ? value + 256 : value;
}

async function exactly(reader: ChunkReader, length: number): Promise<Uint8Array> {
  const at = reader.offset;
  const bytes = await reader.take(length);
  if (bytes.length < length) throw truncated(at, length, bytes.length);
  return bytes;
}

function word(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

class Batch {
  size = 0;
  #parts: Uint8Array[] = [];
  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.size += part.length;
  }
  take(): Uint8Array {
    const whole = concat(this.#parts);
    this.#parts = [];
    this.size = 0;
    return whole;
  }
}
