/**
 * gzip streams (RFC 1952) as found in layers: one member, many members (eStargz has one a file), zeros behind the
 * last one, or something else behind it, which gzip(1) ignores with a warning.
 *
 *   0  1f 8b   magic      3  flags: 2 FHCRC, 4 FEXTRA, 8 FNAME, 16 FCOMMENT
 *   2  08      deflate    4  mtime, 8 extra flags, 9 system
 *   trailer: CRC-32 of the content, its size mod 2^32
 *
 * zlib's own gunzip refuses bytes behind the last member and loses the output that it had not handed out by then.
 * Therefore members are walked here and only the deflate data goes to zlib (in libuv's pool, spikes.md section 4).
 */
import { crc32, createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from 'node:zlib';
import { CHUNK_BYTES, type ChunkReader, EMPTY } from './chunks.js';
import { StreamFault } from '../image/layer.js';
import { badValue, overLimit, truncated } from './fault.js';

const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const MAX_NAME_BYTES = 64 * 1024;
/** A walked member costs 0.1 ms; an eStargz layer has tens of thousands, so the rest goes to zlib's own gunzip. */
const MAX_WALKED_MEMBERS = 64;

/** Inflates every member. `note` hears of bytes behind the last one. */
export async function* gunzip(reader: ChunkReader, note: (text: string) => void): AsyncGenerator<Uint8Array> {
  for (let member = 0; ; member++) {
    const start = reader.offset;
    const magic = await reader.peek(2);
    const isMember = magic[0] === 0x1f && magic[1] === 0x8b;
    if (!isMember && member === 0) throw badValue(start, 'gzip magic', hex(magic));
    if (!isMember) {
      await ignoreTail(reader, note);
      return;
    }
    if (member >= MAX_WALKED_MEMBERS) {
      yield* inflateWith(reader, createGunzip({ chunkSize: CHUNK_BYTES }));
      return;
    }
    await skipHeader(reader);
    let crc = 0;
    let size = 0;
    for await (const chunk of inflateWith(reader, createInflateRaw({ chunkSize: CHUNK_BYTES }))) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    await checkTrailer(reader, crc, size);
  }
}

async function ignoreTail(reader: ChunkReader, note: (text: string) => void): Promise<void> {
  const at = reader.offset;
  let zeros = true;
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) {
    zeros &&= chunk.every((byte) => byte === 0);
  }
  if (!zeros) note(`${reader.offset - at} bytes behind the end of the gzip stream (offset ${at}) ignored`);
}

async function skipHeader(reader: ChunkReader): Promise<void> {
  const at = reader.offset;
  const header = await reader.take(10);
  if (header.length < 10) throw truncated(at, 10, header.length);
  const [, , method = 0, flags = 0] = header;
  if (method !== 8) throw badValue(at + 2, 'compression method', String(method));
  if ((flags & 0xe0) !== 0) throw badValue(at + 3, 'flags', `0x${flags.toString(16)}`);
  if ((flags & FEXTRA) !== 0) {
    const length = await exactly(reader, 2);
    await exactly(reader, (length[0] ?? 0) | ((length[1] ?? 0) << 8));
  }
  if ((flags & FNAME) !== 0) await skipName(reader);
  if ((flags & FCOMMENT) !== 0) await skipName(reader);
  if ((flags & FHCRC) !== 0) await exactly(reader, 2);
}

async function exactly(reader: ChunkReader, length: number): Promise<Uint8Array> {
  const at = reader.offset;
  const bytes = await reader.take(length);
  if (bytes.length < length) throw truncated(at, length, bytes.length);
  return bytes;
}

async function skipName(reader: ChunkReader): Promise<void> {
  const at = reader.offset;
  const ahead = await reader.peek(MAX_NAME_BYTES);
  const end = ahead.indexOf(0);
  if (end < 0 && ahead.length < MAX_NAME_BYTES) throw truncated(at, ahead.length + 1, ahead.length);
  if (end < 0) throw overLimit(at, 'bytes of a name', MAX_NAME_BYTES);
  await reader.take(end + 1);
}

async function checkTrailer(reader: ChunkReader, crc: number, size: number): Promise<void> {
  const at = reader.offset;
  const trailer = await exactly(reader, 8);
  const view = new DataView(trailer.buffer, trailer.byteOffset, 8);
  const [storedCrc, storedSize] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (storedCrc !== crc) throw badValue(at, 'CRC-32', `0x${storedCrc.toString(16)}`);
  if (storedSize !== size % 2 ** 32) throw badValue(at + 4, 'size', String(storedSize));
}

/** Feeds one zlib object a piece at a time, hands out what it makes, and gives back what it did not use. */
async function* inflateWith(reader: ChunkReader, inflate: Gunzip | InflateRaw): AsyncGenerator<Uint8Array> {
  const start = reader.offset;
  const feeding = feed(reader, inflate);
  feeding.catch(() => undefined); // awaited below, unless the reader of the output walks away
  try {
    for await (const chunk of inflate) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (cause) {
    inflate.destroy();
    await feeding; // a fault of the source comes first
    throw inflateFault(cause, start + inflate.bytesWritten, reader.offset);
  } finally {
    inflate.destroy();
  }
  const { fed, last } = await feeding;
  const unused = fed - inflate.bytesWritten;
  if (unused > 0) reader.unread(last.subarray(last.length - unused));
}

async function feed(reader: ChunkReader, inflate: Gunzip | InflateRaw): Promise<{ fed: number; last: Uint8Array }> {
  let fed = 0;
  let last: Uint8Array = EMPTY;
  // zlib does not call back for a piece in the middle of which the data end.
  let finish = (): void => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  inflate.once('end', finish).once('close', finish).once('error', finish);
  try {
    while (!inflate.destroyed && !inflate.readableEnded) {
      const chunk = await reader.next();
      if (chunk === null) {
        inflate.end();
        break;
      }
      last = chunk;
      fed += chunk.length;
      const written = new Promise<void>((resolve) => inflate.write(chunk, () => resolve()));
      await Promise.race([written, over]);
      if (inflate.bytesWritten < fed) break; // the data ended inside this piece, or before it
    }
  } catch (cause) {
    inflate.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    throw cause;
  }
  return { fed, last };
}

function inflateFault(cause: unknown, at: number, end: number): StreamFault {
  if (cause instanceof StreamFault) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text === 'unexpected end of file') return truncated(end, 1, 0);
  return badValue(at, 'deflate data', text);
}

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
