import { inflateRawSync } from 'node:zlib';
import { badValue, ByteReader, decodeText, withinLimit } from './door.js';
import type { FileView } from '../model/view.js';

/**
 * Zip archives by their central directory (PKWARE APPNOTE 6.3.10, 4.3.12 to 4.3.16).
 *
 *   end of central directory     zip64 locator        zip64 end record     central header      local header
 *   signature         0  4       signature  0  4      signature    0  4    signature   0  4    signature   0  4
 *   entries          10  2       record at  8  8      entries     32  8    flags       8  2    name       26  2
 *   directory bytes  12  4                            bytes       40  8    method     10  2    extra      28  2
 *   directory at     16  4                            at          48  8    compressed 20  4    data behind 30
 *   comment          20  2                                                 size       24  4
 *                                                                          name 28 extra 30 comment 32, 2 each
 *                                                                          local at   42  4    name 46
 */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the local header, from the start of the file. */
  readonly localAt: number;
}

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const MAX_COMMENT_BYTES = 0xffff;
const LOCATOR_BYTES = 20;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const ZIP64_EXTRA = 0x0001;
const FLAG_ENCRYPTED = 1;
const STORED = 0;
const DEFLATED = 8;

/** Fat jars of large applications have some 100 000 entries. */
export const MAX_ENTRIES = 1 << 20;
export const MAX_DIRECTORY_BYTES = 1 << 27;
/** The directory is read in steps of this size. */
const STEP_BYTES = 1 << 20;

interface Directory {
  readonly at: number;
  readonly size: number;
  readonly entries: number;
  /** Bytes in front of the archive (a launcher script), which its offsets do not count. */
  readonly shift: number;
}

/** Reads the names, sizes and places of all entries. Throws a format fault where there is no central directory. */
export function readZipEntries(view: FileView): readonly ZipEntry[] {
  const directory = readDirectory(new ByteReader(view, 'little'));
  withinLimit(directory.entries, MAX_ENTRIES, directory.at, 'entries');
  withinLimit(directory.size, MAX_DIRECTORY_BYTES, directory.at, 'bytes of central directory');
  const bytes = readSteps(view, directory.at, directory.size);
  const reader = new DirectoryReader(bytes, directory);
  return Array.from({ length: directory.entries }, () => reader.next());
}

/** Content of one entry; at most `limit` bytes are inflated, more is a fault. */
export function readZipEntry(view: FileView, entry: ZipEntry, limit: number): Uint8Array {
  const reader = new ByteReader(view, 'little');
  const signature = reader.u32(entry.localAt);
  if (signature !== LOCAL_SIGNATURE) throw badValue(entry.localAt, 'local header signature', signature);
  if (entry.isEncrypted) throw badValue(entry.localAt + 6, 'flags', 'encrypted');
  withinLimit(entry.size, limit, entry.localAt, 'bytes of entry');
  withinLimit(entry.compressedSize, limit, entry.localAt, 'compressed bytes of entry');
  const at = entry.localAt + LOCAL_BYTES + reader.u16(entry.localAt + 26) + reader.u16(entry.localAt + 28);
  const bytes = reader.bytes(at, entry.compressedSize);
  if (entry.method === STORED) return bytes;
  if (entry.method !== DEFLATED) throw badValue(entry.localAt + 8, 'compression method', entry.method);
  return inflate(bytes, at, limit);
}

function inflate(bytes: Uint8Array, at: number, limit: number): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    throw badValue(at, 'deflated data', cause instanceof Error ? cause.message : 'unknown');
  }
}

function readDirectory(reader: ByteReader): Directory {
  const endAt = findEnd(reader);
  const entries = reader.u16(endAt + 10);
  const size = reader.u32(endAt + 12);
  const at = reader.u32(endAt + 16);
  const zip64 = entries === 0xffff || size === 0xffffffff || at === 0xffffffff ? readEnd64(reader, endAt) : null;
  if (zip64 !== null) return zip64;
  const shift = endAt - size - at;
  if (shift < 0) throw badValue(endAt + 16, 'offset of central directory', at);
  return { at: at + shift, size, entries, shift };
}

/** The record stands at the end, in front of a comment of at most 65535 bytes; the last one that fits counts. */
function findEnd(reader: ByteReader): number {
  const length = Math.min(reader.size, END_BYTES + MAX_COMMENT_BYTES);
  const from = reader.size - length;
  const tail = reader.bytes(from, length);
  const fields = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = length - END_BYTES; at >= 0; at -= 1) {
    if (fields.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_BYTES + fields.getUint16(at + 20, true) <= length) return from + at;
  }
  throw badValue(from, 'end of central directory', 'absent');
}

/** Null where there is no locator: an archive may have exactly 65535 entries. */
function readEnd64(reader: ByteReader, endAt: number): Directory | null {
  const locator = endAt - LOCATOR_BYTES;
  if (locator < 0 || reader.u32(locator) !== LOCATOR_SIGNATURE) return null;
  const written = reader.safe64(locator + 8, 'offset of zip64 end record');
  const found = [written, locator - 56].find((at) => isEnd64(reader, at));
  if (found === undefined) throw badValue(locator + 8, 'offset of zip64 end record', written);
  const size = reader.safe64(found + 40, 'bytes of central directory');
  const at = reader.safe64(found + 48, 'offset of central directory');
  const shift = found - written;
  return { at: at + shift, size, entries: reader.safe64(found + 32, 'entries'), shift };
}

function isEnd64(reader: ByteReader, at: number): boolean {
  return at >= 0 && at + 56 <= reader.size && reader.u32(at) === END64_SIGNATURE;
}

function readSteps(view: FileView, at: number, size: number): Uint8Array {
  const reader = new ByteReader(view, 'little');
  if (at + size > view.size) return reader.bytes(at, size);
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; done += STEP_BYTES) {
    bytes.set(reader.bytes(at + done, Math.min(STEP_BYTES, size - done)), done);
  }
  return bytes;
}

/** Walks the central headers; places in faults are offsets in the file. */
class DirectoryReader {
  private readonly reader: ByteReader;
  private readonly directory: Directory;
  private at = 0;

  constructor(bytes: Uint8Array, directory: Directory) {
    this.reader = new ByteReader(
      { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) },
      'little',
    );
    this.directory = directory;
  }

  next(): ZipEntry {
    const { reader, at } = this;
    const signature = reader.u32(at);
    if (signature !== CENTRAL_SIGNATURE) throw badValue(this.directory.at + at, 'central header signature', signature);
    const nameBytes = reader.u16(at + 28);
    const extraBytes = reader.u16(at + 30);
    const name = decodeText(reader.bytes(at + CENTRAL_BYTES, nameBytes));
    const written = [reader.u32(at + 24), reader.u32(at + 20), reader.u32(at + 42)];
    const [size = 0, compressedSize = 0, localAt = 0] = this.widen(written, at + CENTRAL_BYTES + nameBytes, extraBytes);
    this.at = at + CENTRAL_BYTES + nameBytes + extraBytes + reader.u16(at + 32);
    return {
      name,
      method: reader.u16(at + 10),
      isEncrypted: (reader.u16(at + 8) & FLAG_ENCRYPTED) !== 0,
      size,
      compressedSize,
      localAt: localAt + this.directory.shift,
    };
  }

  /** Fields of 0xffffffff stand in the zip64 extra field, in this order (APPNOTE 4.5.3). */
  private widen(written: readonly number[], from: number, length: number): readonly number[] {
    if (!written.includes(0xffffffff)) return written;
    const { reader } = this;
    for (let at = from; at + 4 <= from + length; at += 4 + reader.u16(at + 2)) {
      if (reader.u16(at) !== ZIP64_EXTRA) continue;
      let next = at + 4;
      return written.map((value) => {
        if (value !== 0xffffffff) return value;
        next += 8;
        return reader.safe64(next - 8, 'zip64 extra field');
      });
    }
    return written;
  }
}
