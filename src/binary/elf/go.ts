import type { GoBuildInfo } from '../../model/binary.js';
import type { AddressMap, ProgramHeader } from './program-headers.js';
import type { ElfFile } from './header.js';
import type { Section } from './sections.js';
import { atDoor, badValue, decodeText, FormatFault, withinLimit } from '../door.js';
import { PF_W, PF_X, PT_LOAD } from './constants.js';
import { sectionNamed } from './sections.js';

/**
 * Build information of Go's linker (Go, src/debug/buildinfo/buildinfo.go). Offsets are bytes from the magic.
 *
 *   0   "\xff Go buildinf:"
 *   14  pointer size
 *   15  flags: 1 big endian, 2 strings follow inline (Go 1.18 and newer)
 *   16  older: pointers to two Go strings (address, length): version, module information
 *   32  newer: the two strings, each a uvarint of its length and its bytes
 */
const MAGIC = Uint8Array.from([0xff, ...Array.from(' Go buildinf:', (character) => character.charCodeAt(0))]);
const ALIGN = 16;
const HEADER_BYTES = 32;
const FLAG_BIG_ENDIAN = 1;
const FLAG_INLINE = 2;
/** The module information has a sentinel of this size on either side. */
const SENTINEL_BYTES = 16;

/** How much of the data is searched where no section names the place: linkers make one or two such segments. */
const MAX_DATA_SEGMENTS = 3;
const MAX_SEARCH_BYTES = 8 * 2 ** 20;
const SEARCH_CHUNK = 2 ** 20;
/** Module information has a line a dependency; a thousand of them are 100 KB. */
const MAX_STRING_BYTES = 4 * 2 ** 20;
const MAX_SETTINGS = 1024;

/** Reads `.go.buildinfo`, or finds it in the data where a file has no sections; null where there is none. */
export function readGoBuildInfo(
  file: ElfFile,
  headers: readonly ProgramHeader[],
  sections: readonly Section[],
  map: AddressMap,
): GoBuildInfo | null {
  const section = sectionNamed(sections, '.go.buildinfo');
  const named = sections.some((candidate) => candidate.name !== '');
  if (named && section === null) return null;
  const at =
    section === null ? searchData(file, headers) : search(file, section.sh_offset, section.sh_offset + section.sh_size);
  return at === null ? null : readBlob(file, map, at);
}

/**
 * Segments that are writable and not executable. Go looks at the first only; lld puts the blob in the second. One that
 * cannot be read matters only where none of the others has it.
 */
function searchData(file: ElfFile, headers: readonly ProgramHeader[]): number | null {
  const data = headers.filter(({ p_type, p_flags }) => p_type === PT_LOAD && (p_flags & (PF_W | PF_X)) === PF_W);
  const searched = data
    .slice(0, MAX_DATA_SEGMENTS)
    .map(({ p_offset, p_filesz }) => atDoor(() => search(file, p_offset, p_offset + p_filesz)));
  for (const result of searched) if (result.ok && result.value !== null) return result.value;
  for (const result of searched) if (!result.ok) throw new FormatFault(result.error);
  return null;
}

/** The blob is aligned in memory; segments keep that alignment in the file. */
function search(file: ElfFile, from: number, to: number): number | null {
  const end = Math.min(to, from + MAX_SEARCH_BYTES, file.reader.size);
  for (let at = Math.ceil(from / ALIGN) * ALIGN; at < end; at += SEARCH_CHUNK) {
    const chunk = file.reader.bytesUpTo(at, Math.min(SEARCH_CHUNK, end - at));
    for (let inside = 0; inside + HEADER_BYTES <= chunk.length; inside += ALIGN) {
      if (chunk[inside] === MAGIC[0] && MAGIC.every((byte, index) => chunk[inside + index] === byte)) {
        return at + inside;
      }
    }
  }
  return null;
}

function readBlob(file: ElfFile, map: AddressMap, at: number): GoBuildInfo {
  const { reader } = file;
  const flags = reader.u8(at + 15);
  const [version, modinfo] =
    (flags & FLAG_INLINE) !== 0 ? readInline(file, at + HEADER_BYTES) : readPointers(file, map, at);
  if (version === '') throw badValue(at, 'Go version', '');
  return { version, ...parseModuleInfo(modinfo) };
}

function readInline(file: ElfFile, at: number): readonly [string, string] {
  const version = inlineString(file, at);
  return [decodeText(version.bytes), moduleText(inlineString(file, version.end).bytes)];
}

function inlineString({ reader }: ElfFile, from: number): { bytes: Uint8Array; end: number } {
  let at = from;
  let length = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.u8(at++);
    length += (byte & 0x7f) * factor;
    withinLimit(length, MAX_STRING_BYTES, from, 'bytes of Go build information');
    if (byte < 0x80) break;
    if (factor > 2 ** 28) throw badValue(from, 'uvarint', length);
  }
  return { bytes: reader.bytes(at, length), end: at + length };
}

function readPointers(file: ElfFile, map: AddressMap, at: number): readonly [string, string] {
  const { reader } = file;
  const size = reader.u8(at + 14);
  if (size !== file.word) throw badValue(at + 14, 'pointer size', size);
  const isBig = (reader.u8(at + 15) & FLAG_BIG_ENDIAN) !== 0;
  if (isBig !== (file.header.endianness === 'big')) throw badValue(at + 15, 'flags', reader.u8(at + 15));
  return [decodeText(pointedString(file, map, at + 16)), moduleText(pointedString(file, map, at + 16 + size))];
}

/** Follows a pointer to a Go string: the address of its bytes, and their count. */
function pointedString(file: ElfFile, map: AddressMap, at: number): Uint8Array {
  const pointer = file.address(at);
  if (pointer === 0n) return new Uint8Array(0);
  const header = map.offset(pointer, at, 'pointer to a Go string');
  const length = file.offset(header + file.word, 'length of a Go string');
  if (length === 0) return new Uint8Array(0);
  withinLimit(length, MAX_STRING_BYTES, header, 'bytes of Go build information');
  return file.reader.bytes(map.offset(file.address(header), header, 'address of a Go string'), length);
}

export function moduleText(bytes: Uint8Array): string {
  const framed = bytes.length >= 2 * SENTINEL_BYTES + 1 && bytes[bytes.length - SENTINEL_BYTES - 1] === 0x0a;
  return framed ? decodeText(bytes.subarray(SENTINEL_BYTES, bytes.length - SENTINEL_BYTES)) : '';
}

/** Lines of words with tabs between: `mod`, path, version, sum; `build`, key=value (Go, runtime/debug/mod.go). */
export function parseModuleInfo(text: string): Pick<GoBuildInfo, 'module' | 'settings'> {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const settings = lines
    .filter(([word]) => word === 'build')
    .slice(0, MAX_SETTINGS)
    .map(([, setting = '']) => parseSetting(setting));
  const main = lines.find(([word]) => word === 'mod')?.[1];
  return { module: main ?? null, settings: Object.fromEntries(settings) };
}

/** `key=value`; either is a quoted Go string where it has blanks, quotes or `=`. */
function parseSetting(setting: string): readonly [string, string] {
  const [, key = '', value = ''] = /^("(?:[^"\\]|\\.)*"|[^=]*)=?(.*)$/su.exec(setting) ?? [];
  return [unquote(key), unquote(value)];
}

/** Go and JSON quote the same characters alike in what build settings hold; others stay as written. */
function unquote(text: string): string {
  if (text.startsWith('`') && text.endsWith('`') && text.length > 1) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : text;
  } catch {
    return text;
  }
}
