import type { EntryType } from '../../model/layer.js';
import {
  BLOCK,
  CHKSUM,
  DEVMAJOR,
  DEVMINOR,
  GID,
  LINKNAME,
  MAGIC_AT,
  MODE,
  MTIME,
  NAME,
  PREFIX,
  SIZE,
  STAR_PREFIX,
  STAR_TRAILER_AT,
  TYPEFLAG_AT,
  UID,
} from './constants.js';
import { badValue } from './fault.js';
import { latin1 } from './text.js';

/** One header block as it stands, before long names and PAX records are applied. */
export interface Header {
  /** Bytes as latin1. */
  readonly name: string;
  readonly linkName: string;
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
  readonly gnu: boolean;
}

interface Field {
  readonly at: number;
  readonly size: number;
}

const SPACE = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;

/** The header in a block of 512 bytes; null for a block of zeros. `at` is its place in the archive. */
export function readHeader(block: Uint8Array, at: number): Header | null {
  if (!checksumHolds(block)) {
    if (block.every((byte) => byte === 0)) return null;
    throw badValue(at + CHKSUM.at, 'header checksum', latin1(block, CHKSUM.at, CHKSUM.at + CHKSUM.size, true));
  }
  const flag = String.fromCharCode(block[TYPEFLAG_AT] ?? 0);
  const device = flag === '3' || flag === '4';
  return {
    name: nameAndPrefix(block),
    linkName: block[LINKNAME.at] === 0 ? '' : text(block, LINKNAME),
    flag,
    mode: number(block, MODE) & 0o7777,
    uid: number(block, UID),
    gid: number(block, GID),
    size: readSize(block, at),
    mtime: number(block, MTIME),
    major: device ? number(block, DEVMAJOR) : 0,
    minor: device ? number(block, DEVMINOR) : 0,
    gnu: hasText(block, MAGIC_AT, 'ustar  \0'),
  };
}

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file', // contiguous
  S: 'file', // GNU old sparse format
  D: 'directory', // GNU dump directory
};

/** What a type flag means; null where this reader does not know it. A NUL flag with a trailing slash is a directory. */
export function typeOf(flag: string, name: string): EntryType | null {
  if (flag === '\0') return name.endsWith('/') ? 'directory' : 'file';
  return TYPES[flag] ?? null;
}

/** Octal, or base 256 where the first bit is set (GNU). What is no number counts as 0, as in libarchive. */
export function number(block: Uint8Array, field: Field): number {
  const first = block[field.at] ?? 0;
  if ((first & 0x80) !== 0) return base256(block, field);
  let value = 0;
  let started = false;
  for (let index = field.at; index < field.at + field.size; index += 1) {
    const byte = block[index] ?? 0;
    if (byte >= ZERO && byte <= SEVEN) {
      value = value * 8 + (byte - ZERO);
      started = true;
    } else if (started || (byte !== SPACE && byte !== 0)) break;
  }
  return value;
}

/** Two's complement, big endian, the first bit being the mark of the format. Past 2^53 it is not exact. */
function base256(block: Uint8Array, field: Field): number {
  const negative = ((block[field.at] ?? 0) & 0x40) !== 0;
  let value = 0;
  for (let index = field.at; index < field.at + field.size; index += 1) {
    const byte = (block[index] ?? 0) ^ (negative ? 0xff : 0);
    value = value * 256 + (index === field.at ? byte & 0x7f : byte);
  }
  return negative ? -value - 1 : value;
}

/** The only number that decides where the next header is: it must be whole and in range. */
function readSize(block: Uint8Array, at: number): number {
  const size = number(block, SIZE);
  const binary = (block[SIZE.at] ?? 0) >= 0x80;
  const written = binary ? String(size) : text(block, SIZE);
  if (!Number.isSafeInteger(size) || size < 0 || (!binary && !/^ *[0-7]* *$/u.test(written))) {
    throw badValue(at + SIZE.at, 'size', written);
  }
  return size;
}

function nameAndPrefix(block: Uint8Array): string {
  const name = text(block, NAME);
  if (block[PREFIX.at] === 0 || !hasText(block, MAGIC_AT, 'ustar\0')) return name;
  const prefix = text(block, hasText(block, STAR_TRAILER_AT, 'tar\0') ? STAR_PREFIX : PREFIX);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/**
 * Sum of the block's bytes with the checksum field as spaces; some old tars summed signed bytes. This is half of the
 * time that a header takes, so the common case is one plain loop.
 */
function checksumHolds(block: Uint8Array): boolean {
  const stated = number(block, CHKSUM);
  const bytes = block.length === BLOCK ? block : block.subarray(0, BLOCK);
  let sum = SPACE * CHKSUM.size;
  for (let index = 0; index < BLOCK; index += 1) sum += bytes[index] ?? 0;
  for (let index = CHKSUM.at; index < CHKSUM.at + CHKSUM.size; index += 1) sum -= bytes[index] ?? 0;
  return stated === sum || stated === sum - 256 * highBytes(bytes);
}

function highBytes(block: Uint8Array): number {
  let count = 0;
  block.forEach((byte, index) => {
    if (byte >= 0x80 && (index < CHKSUM.at || index >= CHKSUM.at + CHKSUM.size)) count += 1;
  });
  return count;
}

function text(block: Uint8Array, field: Field): string {
  return latin1(block, field.at, field.at + field.size, true);
}

function hasText(block: Uint8Array, at: number, wanted: string): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (block[at + index] !== wanted.charCodeAt(index)) return false;
  }
  return true;
}
