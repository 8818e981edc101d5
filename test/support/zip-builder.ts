import { deflateRawSync } from 'node:zlib';

/** Builds zip archives from PKWARE's APPNOTE, to be read by tests. Checksums are left zero: no reader here looks. */
export interface ZipPart {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly stored?: boolean;
  /** Deflated bytes and the size to be written for them, instead of content. */
  readonly deflated?: Uint8Array;
  readonly size?: number;
}

export interface ZipOptions {
  /** Text in front of the archive that its offsets do not count. */
  readonly prefix?: string;
  readonly comment?: string;
  /** Sizes and offsets in zip64 fields. */
  readonly zip64?: boolean;
}

const FULL = 0xffffffff;

export function zip(parts: readonly ZipPart[], options: ZipOptions = {}): Uint8Array {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const content = Buffer.from(part.content ?? '');
    const body = part.stored === true ? content : (part.deflated ?? deflateRawSync(content));
    const method = part.stored === true ? 0 : 8;
    const size = part.size ?? content.length;
    const local = Buffer.concat([
      u32(0x04034b50),
      u16(20, 0, method, 0, 0),
      u32(0, body.length, size),
      u16(name.length, 0),
      name,
      body,
    ]);
    centrals.push(central(name, method, [size, body.length, at], options.zip64 === true));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = options.zip64 === true ? end64(parts.length, directory.length, at) : Buffer.alloc(0);
  const place = options.zip64 === true ? [FULL, FULL] : [directory.length, at];
  const comment = Buffer.from(options.comment ?? '');
  const last = Buffer.concat([
    u32(0x06054b50),
    u16(0, 0, parts.length, parts.length),
    u32(...place),
    u16(comment.length),
    comment,
  ]);
  return Uint8Array.from(Buffer.concat([Buffer.from(options.prefix ?? ''), ...locals, directory, end, last]));
}

function central(name: Buffer, method: number, places: readonly [number, number, number], zip64: boolean): Buffer {
  const [size, packed, at] = zip64 ? [FULL, FULL, FULL] : places;
  const extra = zip64 ? Buffer.concat([u16(1, 24), ...places.map((value) => u64(value))]) : Buffer.alloc(0);
  const start = Buffer.concat([u32(0x02014b50), u16(20, 20, 0, method, 0, 0), u32(0, packed, size)]);
  return Buffer.concat([start, u16(name.length, extra.length, 0, 0, 0), u32(0, at), name, extra]);
}

function end64(entries: number, size: number, at: number): Buffer {
  const record = [u32(0x06064b50), u64(44), u16(45, 45), u32(0, 0), u64(entries), u64(entries), u64(size), u64(at)];
  return Buffer.concat([...record, u32(0x07064b50, 0), u64(at + size), u32(1)]);
}

function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(value, index * 2));
  return bytes;
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
