import type { ByteRange } from '../model/collector.js';
import type { Reference } from '../model/reference.js';
import type { FileView } from '../model/view.js';
import { classifyLinuxPath, classifyRegistryKey } from './classify.js';
import type { Knowledge } from './knowledge.js';

/**
 * Finds paths and registry keys in bytes. Looking for each of hundreds of literals is slow; looking for the few bytes
 * that every one of them must have (`/`, `\`, `HKEY_`) runs at the speed of memchr, and only what stands around a hit is
 * decoded and looked up.
 */

/** Bytes read at a time; strings that cross a border are seen whole because windows overlap. */
const WINDOW_BYTES = 1 << 20;
/** Longest string that is taken, in characters. */
const MAX_STRING = 200;
/** References kept of one file; a file with more is a table of paths, and the first ones tell as much. */
const MAX_REFERENCES = 256;
/** Bytes that a string and its look-back can take in UTF-16. */
const OVERLAP_BYTES = 2 * (MAX_STRING + 32);

type Width = 1 | 2;

/** References in the given ranges of a file, each value once, in file order. */
export function scanReferences(
  view: FileView,
  ranges: readonly ByteRange[],
  knowledge: Knowledge,
): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const { from, to } of ranges) {
    for (let at = from; at < to && found.size < MAX_REFERENCES; at += WINDOW_BYTES) {
      const start = Math.max(from, at - OVERLAP_BYTES);
      const bytes = view.read(start, Math.min(to, at + WINDOW_BYTES) - start);
      scanWindow(asBuffer(bytes), start, knowledge, found);
    }
  }
  return [...found.values()].sort((a, b) => (a.offset ?? 0) - (b.offset ?? 0));
}

/** Number of bytes in ranges, for the statistics. */
export function rangeBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + range.to - range.from, 0);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function scanWindow(bytes: Buffer, base: number, knowledge: Knowledge, found: Map<string, Reference>): void {
  const add = (kind: Reference['kind'], value: string, cls: string, at: number, width: Width): void => {
    if (found.size >= MAX_REFERENCES || found.has(value)) return;
    const encoding = width === 1 ? 'ascii' : 'utf-16le';
    found.set(value, { kind, value, class: cls, offset: base + at, encoding, library: null });
  };
  for (let at = bytes.indexOf(0x2f); at !== -1; at = bytes.indexOf(0x2f, at + 1)) slash(bytes, at, knowledge, add);
  for (let at = bytes.indexOf(0x5c); at !== -1; at = bytes.indexOf(0x5c, at + 1)) backslash(bytes, at, knowledge, add);
}

type Add = (kind: Reference['kind'], value: string, cls: string, at: number, width: Width) => void;

const LINUX_ROOTS = ['/proc/', '/sys/', '/dev/', '/run/', '/var/run/'];

/** A path below one of the roots that only a Linux kernel or an engine fills. */
function slash(bytes: Buffer, at: number, knowledge: Knowledge, add: Add): void {
  const width = widthAt(bytes, at);
  const next = bytes[at + width];
  // p, s, d, r, v: the roots' first letters.
  if (next !== 0x70 && next !== 0x73 && next !== 0x64 && next !== 0x72 && next !== 0x76) return;
  if (isPathChar(charBefore(bytes, at, width))) return;
  const value = take(bytes, at, width, isLinuxPathChar);
  const root = LINUX_ROOTS.find((candidate) => value.startsWith(candidate));
  if (root === undefined || value.length === root.length) return;
  const path = value.replace(/[.,:]+$/, '');
  const cls = classifyLinuxPath(path, knowledge);
  add(cls === 'needs-device' ? 'device' : 'linux-path', path, cls, at, width);
}

/** What ends in a backslash and names a place of Windows: `SOFTWARE\`, `\\.\pipe\`, `C:\`. */
const WINDOWS_HEADS: readonly { readonly head: string; readonly kind: Reference['kind'] }[] = [
  { head: 'HKEY_LOCAL_MACHINE', kind: 'registry-key' },
  { head: 'HKEY_CURRENT_USER', kind: 'registry-key' },
  { head: 'HKEY_CLASSES_ROOT', kind: 'registry-key' },
  { head: 'HKEY_USERS', kind: 'registry-key' },
  { head: 'HKLM', kind: 'registry-key' },
  { head: 'HKCU', kind: 'registry-key' },
  { head: 'HKCR', kind: 'registry-key' },
  { head: '\\Registry\\Machine', kind: 'registry-key' },
  { head: 'SOFTWARE', kind: 'registry-key' },
  { head: 'SYSTEM', kind: 'registry-key' },
  { head: '\\\\.', kind: 'windows-path' },
  { head: '\\Device', kind: 'windows-path' },
  { head: '%SYSTEMROOT%', kind: 'windows-path' },
  { head: '%WINDIR%', kind: 'windows-path' },
  { head: '%PROGRAMFILES%', kind: 'windows-path' },
  { head: 'C:', kind: 'windows-path' },
];
const LAST_LETTERS = new Set(WINDOWS_HEADS.map(({ head }) => head.toUpperCase().charCodeAt(head.length - 1)));
const LONGEST_HEAD = Math.max(...WINDOWS_HEADS.map(({ head }) => head.length));

function backslash(bytes: Buffer, at: number, knowledge: Knowledge, add: Add): void {
  const width = widthAt(bytes, at);
  const last = charBefore(bytes, at, width);
  if (!LAST_LETTERS.has(last >= 0x61 && last <= 0x7a ? last - 0x20 : last)) return;
  const before = textBefore(bytes, at, width);
  const upper = before.toUpperCase();
  const match = WINDOWS_HEADS.find(({ head }) => upper.endsWith(head.toUpperCase()));
  if (match === undefined) return;
  const start = at - match.head.length * width;
  if (isWordChar(charBefore(bytes, start, width))) return;
  const value = take(bytes, start, width, isWindowsPathChar).replace(/[\\\s.]+$/, '');
  if (value.length <= match.head.length + 1) return;
  const cls = match.kind === 'registry-key' ? classifyRegistryKey(value, knowledge) : windowsPathClass(value);
  add(match.kind, value, cls, start, width);
}

function windowsPathClass(value: string): string {
  if (/^\\\\\.\\pipe\\/i.test(value)) return 'named-pipe';
  return value.startsWith('\\\\.') || /^\\Device/i.test(value) ? 'device-io' : 'windows-path';
}

/** 2 where a zero byte follows the character, as in UTF-16LE text. */
function widthAt(bytes: Buffer, at: number): Width {
  return bytes[at + 1] === 0 && bytes[at + 3] === 0 ? 2 : 1;
}

/** Code of the character before `at`; 0 at the start and for anything beyond ASCII. */
function charBefore(bytes: Buffer, at: number, width: Width): number {
  const low = bytes[at - width] ?? 0;
  return width === 2 && bytes[at - 1] !== 0 ? 0 : low;
}

function textBefore(bytes: Buffer, at: number, width: Width): string {
  let text = '';
  for (let i = 1; i <= LONGEST_HEAD; i++) {
    const code = charBefore(bytes, at - (i - 1) * width, width);
    if (code < 0x20 || code > 0x7e) break;
    text = String.fromCharCode(code) + text;
  }
  return text;
}

function take(bytes: Buffer, at: number, width: Width, belongs: (code: number) => boolean): string {
  let text = '';
  for (let i = at; text.length < MAX_STRING; i += width) {
    const code = bytes[i] ?? 0;
    if (!belongs(code) || (width === 2 && bytes[i + 1] !== 0)) break;
    text += String.fromCharCode(code);
  }
  return text;
}

function isWordChar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f
  );
}

/** A character before `/proc` that makes it part of a longer path or of a word. */
function isPathChar(code: number): boolean {
  return isWordChar(code) || code === 0x2e || code === 0x2f || code === 0x2d || code === 0x7d || code === 0x7e;
}

/** Letters, digits and `_ . / - : @ + % $ { } *`. */
function isLinuxPathChar(code: number): boolean {
  return isPathChar(code) || '.:@+%${*'.includes(String.fromCharCode(code));
}

function isWindowsPathChar(code: number): boolean {
  return isLinuxPathChar(code) || code === 0x5c || code === 0x20 || code === 0x28 || code === 0x29;
}
