import type { FormatError } from '../model/gap.js';
import type { LdCache } from '../model/layer.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { atDoor, badValue, ByteReader, decodeText, type Endianness, truncated, withinLimit } from './door.js';

/**
 * `/etc/ld.so.cache` of glibc (sysdeps/generic/dl-cache.h). Offsets are bytes from the start of each structure.
 *
 *   cache_file (old)      "ld.so-1.7.0" 0, nlibs 12, entries from 16: flags 0, key 4, value 8
 *   cache_file_new        "glibc-ld.so.cache1.1" 0, nlibs 20, len_strings 24, flags 28, extension_offset 32, entries 48
 *     file_entry_new        flags 0, key 4, value 8, osversion 12, hwcap 16 (8 bytes)
 *   cache_extension       magic 0, count 4, sections from 8: tag 0, flags 4, offset 8, size 12
 *
 * ldconfig writes the new form only since 2.32; before, it put the old one in front (`ldconfig -c compat`). Text is at
 * offsets from the new header; in a file of the old form only, behind its entries.
 */
const OLD_MAGIC = 'ld.so-1.7.0';
const NEW_MAGIC = 'glibc-ld.so.cache1.1';
const OLD_HEADER_BYTES = 16;
const OLD_ENTRY_BYTES = 12;
const NEW_HEADER_BYTES = 48;
const NEW_ENTRY_BYTES = 24;

const EXTENSION_MAGIC = 0xeaa42174;
const EXTENSION_TAG_GLIBC_HWCAPS = 1;
/** Upper half of hwcap: an index into the names of the extension is in the lower one; low ten bits are an ISA level. */
const HWCAP_EXTENSION = 1 << 30;
const HWCAP_ISA_LEVEL_MASK = (1 << 10) - 1;

/** A full desktop has about 5000 libraries. */
const MAX_LIBRARIES = 262_144;
const MAX_CACHE_BYTES = 64 * 2 ** 20;
const MAX_EXTENSION_SECTIONS = 64;
const MAX_HWCAP_NAMES = 4096;
/** Linux PATH_MAX. */
const MAX_NAME_BYTES = 4096;

type Entry = LdCache['entries'][number];

/** Reads a cache in the new form, or in both; where it has the old form only, that one. */
export function parseLdCache(view: FileView): Result<LdCache, FormatError> {
  return atDoor(() => {
    withinLimit(view.size, MAX_CACHE_BYTES, 0, 'bytes of ld.so.cache');
    const bytes = new ByteReader(view, 'little').bytes(0, view.size);
    if (startsWith(bytes, 0, NEW_MAGIC)) return readNew(view, bytes, 0);
    if (!startsWith(bytes, 0, OLD_MAGIC)) throw badValue(0, 'magic', decodeText(bytes.subarray(0, 11)));
    return readBoth(view, bytes);
  });
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** The new header is aligned as the machine aligns 8 bytes: to 8, on i386 to 4. */
function readBoth(view: FileView, bytes: Uint8Array): LdCache {
  for (const endianness of ['little', 'big'] as const) {
    const reader = new ByteReader(view, endianness);
    const count = reader.u32(12);
    if (count > MAX_LIBRARIES) continue;
    const end = OLD_HEADER_BYTES + count * OLD_ENTRY_BYTES;
    for (const align of [8, 4]) {
      const at = Math.ceil(end / align) * align;
      if (startsWith(bytes, at, NEW_MAGIC)) return readNew(view, bytes, at);
    }
    if (end <= view.size) return readOld(reader, bytes, count);
  }
  throw badValue(12, 'nlibs', new ByteReader(view, 'little').u32(12));
}

function readOld(reader: ByteReader, bytes: Uint8Array, count: number): LdCache {
  const strings = OLD_HEADER_BYTES + count * OLD_ENTRY_BYTES;
  const entries = Array.from({ length: count }, (_, index): Entry => {
    const at = OLD_HEADER_BYTES + index * OLD_ENTRY_BYTES;
    return {
      name: textAt(bytes, strings + reader.u32(at + 4), at + 4),
      path: textAt(bytes, strings + reader.u32(at + 8), at + 8),
      flags: reader.u32(at),
      hwcap: null,
    };
  });
  return { entries };
}

function readNew(view: FileView, bytes: Uint8Array, base: number): LdCache {
  const reader = new ByteReader(view, endiannessOf(view, bytes, base));
  const count = withinLimit(reader.u32(base + 20), MAX_LIBRARIES, base + 20, 'libraries');
  const first = base + NEW_HEADER_BYTES;
  if (first + count * NEW_ENTRY_BYTES > view.size) {
    throw truncated(first, count * NEW_ENTRY_BYTES, view.size - first);
  }
  const names = readHwcapNames(reader, bytes, base);
  const entries = Array.from({ length: count }, (_, index): Entry => {
    const at = first + index * NEW_ENTRY_BYTES;
    return {
      name: textAt(bytes, base + reader.u32(at + 4), at + 4),
      path: textAt(bytes, base + reader.u32(at + 8), at + 8),
      flags: reader.u32(at),
      hwcap: hwcapOf(reader, at + 16, names),
    };
  });
  return { entries };
}

/** Low bits of the flags: 2 little, 3 big; before 2.33 they are 0, and only one order gives a count that fits. */
function endiannessOf(view: FileView, bytes: Uint8Array, base: number): Endianness {
  const written = (bytes[base + 28] ?? 0) & 3;
  if (written === 2) return 'little';
  if (written === 3) return 'big';
  if (written === 1) throw badValue(base + 28, 'flags', written);
  const count = new ByteReader(view, 'little').u32(base + 20);
  return base + NEW_HEADER_BYTES + count * NEW_ENTRY_BYTES <= view.size ? 'little' : 'big';
}

/**
 * Names of subdirectories of `glibc-hwcaps` (2.33 and newer). Offsets of the extension count from the start of the
 * file (elf/cache.c, dl-cache.h), those of its names from the new header.
 */
function readHwcapNames(reader: ByteReader, bytes: Uint8Array, base: number): readonly string[] {
  const extension = reader.u32(base + 32);
  if (extension === 0 || extension + 8 > bytes.length || reader.u32(extension) !== EXTENSION_MAGIC) return [];
  const count = withinLimit(reader.u32(extension + 4), MAX_EXTENSION_SECTIONS, extension + 4, 'extension sections');
  for (let index = 0; index < count; index += 1) {
    const section = extension + 8 + 16 * index;
    if (reader.u32(section) !== EXTENSION_TAG_GLIBC_HWCAPS) continue;
    const from = reader.u32(section + 8);
    const names = withinLimit(Math.floor(reader.u32(section + 12) / 4), MAX_HWCAP_NAMES, section + 12, 'hwcap names');
    return Array.from({ length: names }, (_, name) => {
      const at = from + 4 * name;
      return textAt(bytes, base + reader.u32(at), at);
    });
  }
  return [];
}

/**
 * null: for every CPU. Before 2.33 bits stood for features and platforms of the machine, which no loader since uses:
 * those entries get `hwcap-0x…`, which names no subdirectory.
 */
function hwcapOf(reader: ByteReader, at: number, names: readonly string[]): string | null {
  const value = reader.u64(at);
  if (value === 0n) return null;
  const high = Number(value >> 32n);
  const index = Number(value & 0xffffffffn);
  const isName = (high & ~HWCAP_ISA_LEVEL_MASK) === HWCAP_EXTENSION;
  return (isName ? names[index] : undefined) ?? `hwcap-0x${value.toString(16)}`;
}

function textAt(bytes: Uint8Array, at: number, field: number): string {
  if (at >= bytes.length) throw badValue(field, 'offset of a name', at);
  const text = bytes.subarray(at, at + MAX_NAME_BYTES + 1);
  const end = text.indexOf(0);
  if (end !== -1) return decodeText(text.subarray(0, end));
  withinLimit(text.length, MAX_NAME_BYTES, at, 'bytes of a name');
  throw truncated(at, text.length + 1, text.length);
}
