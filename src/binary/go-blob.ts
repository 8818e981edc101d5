import type { GoBuildInfo } from '../model/binary.js';
import { decodeText, withinLimit, type ByteReader } from './door.js';
import { moduleText, parseModuleInfo } from './elf/go.js';

/**
 * Build information of Go 1.18 and newer, whose two strings follow the blob's header (Go,
 * src/debug/buildinfo/buildinfo.go): magic 0, flags 15, then at 32 twice a uvarint of a length and its bytes. Older
 * blobs, which point to their strings, are not read here.
 */
const MAGIC = Uint8Array.from([0xff, ...Array.from(' Go buildinf:', (character) => character.charCodeAt(0))]);
const ALIGN = 16;
const HEADER_BYTES = 32;
const FLAG_INLINE = 2;
const MAX_STRING_BYTES = 1 << 22;

/** Looks for the blob at multiples of 16 in `[from, from + length)`; limit `length` before. Null where there is none. */
export function readGoBlob(reader: ByteReader, from: number, length: number): GoBuildInfo | null {
  const bytes = reader.bytesUpTo(from, length);
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at += ALIGN) {
    if (bytes[at] !== MAGIC[0] || !MAGIC.every((byte, index) => bytes[at + index] === byte)) continue;
    return ((bytes[at + 15] ?? 0) & FLAG_INLINE) === 0 ? null : readStrings(reader, from + at + HEADER_BYTES);
  }
  return null;
}

function readStrings(reader: ByteReader, at: number): GoBuildInfo {
  const version = readString(reader, at);
  const module = readString(reader, version.end);
  return { version: decodeText(version.bytes), ...parseModuleInfo(moduleText(module.bytes)) };
}

function readString(reader: ByteReader, start: number): { readonly bytes: Uint8Array; readonly end: number } {
  let at = start;
  let length = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.u8(at);
    at += 1;
    length = withinLimit(length + (byte & 0x7f) * factor, MAX_STRING_BYTES, start, 'bytes of Go build information');
    if (byte < 0x80) return { bytes: reader.bytes(at, length), end: at + length };
    withinLimit(factor, MAX_STRING_BYTES, start, 'bytes of Go build information');
  }
}
