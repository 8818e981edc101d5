import type { FormatError } from '../../model/gap.js';
import { BLOCK, MAX_EXTENSION, MAX_GLOBAL_RECORDS, MAX_XATTR } from './constants.js';
import type { TarEntry } from './entry.js';
import { badValue, overLimit, TarFault, truncated } from './fault.js';
import { readHeader, typeOf, type Header } from './header.js';
import { readPax, wholeNumber, xattrsOf, type PaxRecords } from './pax.js';
import { readOldSparse, readPaxSparse, type SparseMap } from './sparse.js';
import { absolutePath, latin1, nameOf } from './text.js';

/**
 * What the reader of headers needs next: `take` is answered with that many bytes (fewer where the archive ends), valid
 * until the next answer; `entry` with nothing, once the stored bytes and their padding were passed.
 */
export type TarStep =
  { readonly kind: 'take'; readonly length: number } | { readonly kind: 'entry'; readonly entry: TarEntry };

/** How an archive ended. */
export interface TarEnd {
  /** Why it ended before the archive said so; null where it came to the end. */
  readonly error: FormatError | null;
  /** Offset behind the last byte that belongs to the archive. */
  readonly end: number;
}

/** What headers before it say of the next entry. */
interface Pending {
  readonly global: PaxRecords;
  local: PaxRecords;
  longName: string | null;
  longLink: string | null;
}

const TAKE_BLOCK: TarStep = { kind: 'take', length: BLOCK };
const NO_RECORDS: PaxRecords = new Map();

/** Size of a body with its padding. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/**
 * Reads the headers of an archive and knows nothing of where the bytes come from: positioned reads and streams drive
 * the same steps, so they cannot differ.
 */
export function* tarSteps(): Generator<TarStep, TarEnd, Uint8Array> {
  const pending: Pending = { global: new Map(), local: NO_RECORDS, longName: null, longLink: null };
  let at = 0;
  try {
    for (;;) {
      const block = yield TAKE_BLOCK;
      if (block.length === 0) return { error: null, end: at };
      if (block.length < BLOCK) throw truncated(at, BLOCK, block.length);
      const header = readHeader(block, at);
      if (header === null) return yield* endMark(at);
      if (isExtension(header.flag)) {
        const body = yield* takeBody(header, at);
        remember(pending, header.flag, body, at + BLOCK);
        at += BLOCK + padded(header.size);
        continue;
      }
      const records = recordsOf(pending);
      const map = yield* sparseMap(header, records, block, at);
      const entry = entryOf(header, pending, records, map, at);
      yield { kind: 'entry', entry };
      at = entry.dataOffset + padded(entry.storedSize);
      pending.local = NO_RECORDS;
      pending.longName = null;
      pending.longLink = null;
    }
  } catch (cause) {
    if (cause instanceof TarFault) return { error: cause.fault, end: at };
    throw cause;
  }
}

/** Two blocks of zeros end an archive; one alone is what engines refuse (Go archive/tar, ErrHeader). */
function* endMark(at: number): Generator<TarStep, TarEnd, Uint8Array> {
  const second = yield TAKE_BLOCK;
  if (second.some((byte) => byte !== 0)) throw badValue(at, 'end-of-archive mark', 'one block of zeros');
  return { error: null, end: at + BLOCK + second.length };
}

function isExtension(flag: string): boolean {
  return flag === 'x' || flag === 'X' || flag === 'g' || flag === 'L' || flag === 'K';
}

function* takeBody(header: Header, at: number): Generator<TarStep, Uint8Array, Uint8Array> {
  if (header.size > MAX_EXTENSION) throw overLimit(at, 'bytes in an extended header', MAX_EXTENSION);
  const body = yield { kind: 'take', length: padded(header.size) };
  if (body.length < header.size) throw truncated(at + BLOCK, header.size, body.length);
  return body.subarray(0, header.size);
}

function remember(pending: Pending, flag: string, body: Uint8Array, at: number): void {
  if (flag === 'L') pending.longName = latin1(body, 0, body.length, true);
  else if (flag === 'K') pending.longLink = latin1(body, 0, body.length, true);
  else if (flag !== 'g') pending.local = readPax(body, at);
  else {
    for (const [keyword, value] of readPax(body, at)) pending.global.set(keyword, value);
    if (pending.global.size > MAX_GLOBAL_RECORDS) throw overLimit(at, 'global PAX records', MAX_GLOBAL_RECORDS);
  }
}

function recordsOf(pending: Pending): PaxRecords {
  if (pending.global.size === 0) return pending.local;
  return new Map([...pending.global, ...pending.local]);
}

function* sparseMap(
  header: Header,
  records: PaxRecords,
  block: Uint8Array,
  at: number,
): Generator<TarStep, SparseMap | null, Uint8Array> {
  if (header.flag === 'S') return yield* readOldSparse(block, at);
  return records.size === 0 || typeOf(header.flag, '') !== 'file' ? null : yield* readPaxSparse(records, at);
}

function entryOf(
  header: Header,
  pending: Pending,
  records: PaxRecords,
  map: SparseMap | null,
  headerOffset: number,
): TarEntry {
  const name = writtenName(header, pending, records);
  const type = typeOf(header.flag, name) ?? 'other';
  const stored = hasBody(type) ? storedBytes(header, records, map, headerOffset) : 0;
  return {
    path: absolutePath(name),
    type,
    flag: header.flag,
    mode: header.mode,
    ...ownership(header, records),
    linkTarget: linkTargetOf(type, pending.longLink ?? said(records, 'linkpath') ?? header.linkName),
    xattrs: xattrsOf(records, MAX_XATTR),
    deviceMajor: header.major,
    deviceMinor: header.minor,
    headerOffset,
    dataOffset: headerOffset + BLOCK,
    size: type === 'file' ? stored : 0,
    storedSize: stored,
    sparse: null,
    ...(map === null ? null : placesOf(map, headerOffset)),
  };
}

/** Precedence as in Go archive/tar: name of a sparse file, GNU long name, PAX path, header. */
function writtenName(header: Header, pending: Pending, records: PaxRecords): string {
  return nameOf(said(records, 'GNU.sparse.name') ?? pending.longName ?? said(records, 'path') ?? header.name);
}

function placesOf(map: SparseMap, headerOffset: number): Pick<TarEntry, 'size' | 'dataOffset' | 'sparse'> {
  return { size: map.size, dataOffset: headerOffset + BLOCK + map.mapBytes, sparse: map.regions };
}

function ownership(header: Header, records: PaxRecords): Pick<TarEntry, 'uid' | 'gid' | 'mtime'> {
  const { uid, gid, mtime } = header;
  if (records.size === 0) return { uid, gid, mtime };
  return {
    uid: wholeNumber(records.get('uid')) ?? uid,
    gid: wholeNumber(records.get('gid')) ?? gid,
    mtime: mtimeOf(records) ?? mtime,
  };
}

function linkTargetOf(type: TarEntry['type'], written: string): string | null {
  if (type === 'symlink') return nameOf(written);
  return type === 'hardlink' ? absolutePath(nameOf(written)) : null;
}

/** Links, devices and directories have no body, whatever their size says (Go archive/tar, `isHeaderOnly`). */
function hasBody(type: TarEntry['type']): boolean {
  return type === 'file' || type === 'other';
}

function bodySize(header: Header, records: PaxRecords, at: number): number {
  const written = said(records, 'size');
  if (written === undefined) return header.size;
  const size = wholeNumber(written);
  if (size === null) throw badValue(at, 'PAX size', written);
  return size;
}

/** Bytes of the body that are the file's own: maps of PAX format 1.0 are a part of it, old ones stand before it. */
function storedBytes(header: Header, records: PaxRecords, map: SparseMap | null, at: number): number {
  const body = bodySize(header, records, at);
  if (map === null) return body;
  const stored = header.flag === 'S' ? body : body - map.mapBytes;
  const needed = map.regions.reduce((sum, region) => sum + region.length, 0);
  if (needed > stored) throw badValue(at, 'sparse map', `${needed} bytes of ${stored}`);
  return stored;
}

function said(records: PaxRecords, keyword: string): string | undefined {
  const value = records.get(keyword);
  return value === '' ? undefined : value;
}

function mtimeOf(records: PaxRecords): number | null {
  const written = records.get('mtime');
  return written !== undefined && /^-?\d{1,15}(?:\.\d*)?$/u.test(written) ? Math.floor(Number(written)) : null;
}
