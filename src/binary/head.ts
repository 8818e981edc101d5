import type { HeadClass } from '../model/layer.js';
import { machoMagic } from './macho/magic.js';

/** Bytes at the start of a file that are looked at to tell text from data. */
const TEXT_SAMPLE = 4096;
/** Control characters that text may have in a hundred bytes: escape sequences, form feeds, stray bytes. */
const MAX_CONTROL_PERCENT = 2;

const LF = 0x0a;
const CR = 0x0d;

/** Byte sequences at fixed offsets, the first match decides. */
const SIGNATURES: readonly { readonly at: number; readonly bytes: readonly number[]; readonly is: HeadClass }[] = [
  { at: 0, bytes: [0x1f, 0x8b, 0x08], is: 'gzip' },
  { at: 0, bytes: [0x50, 0x4b, 0x03, 0x04], is: 'zip' },
  { at: 0, bytes: [0x50, 0x4b, 0x05, 0x06], is: 'zip' },
  { at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], is: 'xz' },
  { at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd], is: 'zstd' },
  { at: 0, bytes: [0x00, 0x61, 0x73, 0x6d], is: 'wasm' },
  { at: 0, bytes: latin1('!<arch>\n'), is: 'archive' },
  { at: 0, bytes: latin1('!<thin>\n'), is: 'archive' },
  { at: 0, bytes: latin1('070701'), is: 'archive' },
  { at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], is: 'archive' },
  { at: 257, bytes: latin1('ustar'), is: 'archive' },
  { at: 0, bytes: latin1('version https://git-lfs.'), is: 'git-lfs' },
];

/** Byte order marks with `#!` behind them: the kernel compares bytes and sees no script. */
const MARKED_SCRIPTS: readonly (readonly number[])[] = [
  [0xef, 0xbb, 0xbf, 0x23, 0x21],
  [0xff, 0xfe, 0x23, 0x00, 0x21, 0x00],
  [0xfe, 0xff, 0x00, 0x23, 0x00, 0x21],
];

/** bzip2: `BZh`, the block size, then the magic of a block or of the end of the stream. */
const BZIP2_BLOCKS: readonly (readonly number[])[] = [
  [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
];

/** Says what the first bytes of a file are; `size` is that of the whole file. Binaries are `data` here. */
export function classifyHead(head: Uint8Array, size: number): HeadClass {
  if (size === 0) return 'empty';
  if (startsWith(head, 0, [0x23, 0x21])) return firstLineEndsInCrLf(head) ? 'script-crlf' : 'script';
  if (MARKED_SCRIPTS.some((mark) => startsWith(head, 0, mark))) return 'script-bom';
  const signature = SIGNATURES.find((candidate) => startsWith(head, candidate.at, candidate.bytes));
  if (signature !== undefined) return signature.is;
  if (isBzip2(head)) return 'bzip2';
  if (isSkippableZstd(head)) return 'zstd';
  if (machoMagic(head) === 'java-class') return 'java-class';
  if (!isText(head.subarray(0, TEXT_SAMPLE))) return 'data';
  return isHtml(head) ? 'html' : 'text';
}

function firstLineEndsInCrLf(head: Uint8Array): boolean {
  const newline = head.indexOf(LF);
  return newline > 0 && head[newline - 1] === CR;
}

function isBzip2(head: Uint8Array): boolean {
  if (!startsWith(head, 0, latin1('BZh'))) return false;
  const level = head[3] ?? 0;
  return level >= 0x31 && level <= 0x39 && BZIP2_BLOCKS.some((magic) => startsWith(head, 4, magic));
}

/** Zstandard skippable frame (RFC 8878, 3.1.2): magic 0x184D2A50 … 0x184D2A5F, with a frame or another one behind it. */
function isSkippableZstd(head: Uint8Array): boolean {
  return ((head[0] ?? 0) & 0xf0) === 0x50 && startsWith(head, 1, [0x2a, 0x4d, 0x18]);
}

/** UTF-16 with a byte order mark, or no NUL and few control characters. */
function isText(sample: Uint8Array): boolean {
  if (startsWith(sample, 0, [0xff, 0xfe]) || startsWith(sample, 0, [0xfe, 0xff])) return isUtf16(sample);
  let control = 0;
  for (const byte of sample) {
    if (byte === 0) return false;
    if ((byte < 0x20 && (byte < 0x09 || byte > 0x0d)) || byte === 0x7f) control += 1;
  }
  return control * 100 <= sample.length * MAX_CONTROL_PERCENT;
}

/** Text that is mostly Latin has a zero in every other byte; a line feed or blank is enough to tell. */
function isUtf16(sample: Uint8Array): boolean {
  const high = sample[0] === 0xff ? 1 : 0;
  for (let at = 2; at + 1 < sample.length; at += 2) {
    if ((sample[at] ?? 0) === 0 && (sample[at + 1] ?? 0) === 0) return false;
  }
  return sample.length >= 4 && sample[2 + high] === 0;
}

function isHtml(head: Uint8Array): boolean {
  const start = String.fromCharCode(...head.subarray(0, 512)).replace(/^\u00ef\u00bb\u00bf/u, '');
  return /^\s*(?:<!--[^]*?-->\s*)*(?:<!doctype\s+html|<html[\s>])/iu.test(start);
}

function startsWith(bytes: Uint8Array, at: number, expected: readonly number[]): boolean {
  return bytes.length >= at + expected.length && expected.every((byte, index) => bytes[at + index] === byte);
}

function latin1(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
