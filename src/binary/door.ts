import type { FormatError, PartGap } from '../model/gap.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { err, ok } from '../model/result.js';
import { NotRetained } from '../model/view.js';

/** Thrown inside a parser, caught at its door; it never leaves src/binary. */
export class FormatFault extends Error {
  readonly fault: FormatError;
  constructor(fault: FormatError) {
    super(fault.kind);
    this.name = 'FormatFault';
    this.fault = fault;
  }
}

/** A value that no such file can have; text is quoted as it is, numbers in hex. */
export function badValue(at: number, field: string, value: string | number | bigint): FormatFault {
  const text = typeof value === 'string' ? value : `0x${value.toString(16)}`;
  return new FormatFault({ kind: 'bad-value', at, field, value: text });
}

export function truncated(at: number, needed: number, available: number): FormatFault {
  return new FormatFault({ kind: 'truncated', at, needed, available: Math.max(0, available) });
}

/** Stops a count, depth or length from input at its named limit. */
export function withinLimit(value: number, limit: number, at: number, field: string): number {
  if (value > limit) throw new FormatFault({ kind: 'limit', at, field, limit });
  return value;
}

/** Runs a parser body. Format faults and bytes that were not kept become values; bugs keep flying. */
export function atDoor<T>(body: () => T): Result<T, FormatError> {
  try {
    return ok(body());
  } catch (cause) {
    if (cause instanceof FormatFault) return err(cause.fault);
    if (cause instanceof NotRetained) return err({ kind: 'not-retained', at: cause.at, needed: cause.length });
    throw cause;
  }
}

/** Reads the parts of a file one by one: a broken one becomes a gap, and the others are still read. */
export class PartReader {
  readonly gaps: PartGap[] = [];

  read<T>(part: string, fallback: T, body: () => T): T {
    const result = atDoor(body);
    if (result.ok) return result.value;
    this.add(part, result.error);
    return fallback;
  }

  add(part: string, error: FormatError): void {
    this.gaps.push({ part, error });
  }
}

export type Endianness = 'little' | 'big';

/** Size of a positioned read for small fields: one page serves most headers. */
const WINDOW_BYTES = 4096;

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Bounds-checked fields of a file. Small reads come from a window that is read once; where a stream kept only part of
 * that window, exactly the asked bytes are read.
 */
export class ByteReader {
  readonly view: FileView;
  readonly endianness: Endianness;
  readonly size: number;
  private readonly little: boolean;
  private window = EMPTY;
  private fields: DataView = new DataView(EMPTY.buffer);
  private from = 0;
  /** Index of the last window that was not wholly retained. */
  private holed = -1;

  constructor(view: FileView, endianness: Endianness) {
    this.view = view;
    this.endianness = endianness;
    this.size = view.size;
    this.little = endianness === 'little';
  }

  u8(at: number): number {
    const inside = this.seek(at, 1);
    return this.fields.getUint8(inside);
  }

  u16(at: number): number {
    const inside = this.seek(at, 2);
    return this.fields.getUint16(inside, this.little);
  }

  u32(at: number): number {
    const inside = this.seek(at, 4);
    return this.fields.getUint32(inside, this.little);
  }

  i32(at: number): number {
    const inside = this.seek(at, 4);
    return this.fields.getInt32(inside, this.little);
  }

  u64(at: number): bigint {
    const inside = this.seek(at, 8);
    return this.fields.getBigUint64(inside, this.little);
  }

  /** A 64-bit field that must be a file offset, size or count: above 2^53 it is a bad value. */
  safe64(at: number, field: string): number {
    const value = this.u64(at);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badValue(at, field, value);
    return Number(value);
  }

  /** A copy of exactly `length` bytes. Limit `length` before: it is what gets allocated. */
  bytes(at: number, length: number): Uint8Array {
    this.check(at, length);
    // Not slice(): a Buffer's shares its bytes, and a view may reuse them.
    const bytes = new Uint8Array(this.view.read(at, length));
    if (bytes.length < length) throw truncated(at, length, bytes.length);
    return bytes;
  }

  /** A copy of at most `length` bytes, fewer where the file ends. */
  bytesUpTo(at: number, length: number): Uint8Array {
    if (at >= this.size) return EMPTY;
    return this.bytes(at, Math.min(length, this.size - at));
  }

  /** Text up to the first NUL, which must come within `limit` bytes. */
  cString(at: number, limit: number, field: string): string {
    let length = 0;
    while (this.u8(at + length) !== 0) {
      length += 1;
      withinLimit(length, limit, at, `bytes of ${field}`);
    }
    return decodeText(this.bytes(at, length));
  }

  private check(at: number, length: number): void {
    if (!Number.isSafeInteger(at) || at < 0) throw badValue(0, 'offset', String(at));
    if (at + length > this.size) throw truncated(at, length, this.size - at);
  }

  /** Makes the window hold `[at, at + length)` and gives the index of `at` in it. */
  private seek(at: number, length: number): number {
    const inside = at - this.from;
    if (inside >= 0 && inside + length <= this.window.length) return inside;
    this.check(at, length);
    this.fill(at, length);
    return at - this.from;
  }

  private fill(at: number, length: number): void {
    const index = Math.floor(at / WINDOW_BYTES);
    const from = index * WINDOW_BYTES;
    const crosses = at + length > from + WINDOW_BYTES;
    if (crosses || index === this.holed) {
      this.hold(at, this.bytes(at, length));
      return;
    }
    try {
      this.hold(from, this.bytesUpTo(from, WINDOW_BYTES));
    } catch (cause) {
      if (!(cause instanceof NotRetained)) throw cause;
      this.holed = index;
      this.hold(at, this.bytes(at, length));
    }
  }

  private hold(from: number, bytes: Uint8Array): void {
    this.from = from;
    this.window = bytes;
    this.fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Longest text that is decoded without a TextDecoder, whose call costs more than a short string. */
const SHORT_TEXT = 64;

/** UTF-8, with U+FFFD for bytes that are not. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length > SHORT_TEXT) return utf8.decode(bytes);
  for (const byte of bytes) if (byte > 0x7f) return utf8.decode(bytes);
  return String.fromCharCode(...bytes);
}
