import type { Shebang } from '../model/start.js';

/**
 * The `#!` line as Linux reads it (Linux 6.1, fs/binfmt_script.c, `load_script`).
 *
 * The kernel looks at BINPRM_BUF_SIZE bytes, padded with NULs where the file is shorter. The line ends at the first
 * LF, or where there is none before a NUL, at the end of the buffer. Blanks are space and tab only: CR is an ordinary
 * character and becomes part of the path or of the argument. Everything behind the first blank is one argument.
 */

/** Linux include/uapi/linux/binfmts.h; 128 before 5.1. */
export const BINPRM_BUF_SIZE = 256;

const HASH = 0x23;
const BANG = 0x21;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads the `#!` line at the start of a file; null where the kernel would answer ENOEXEC: no `#!`, or nothing behind
 * it. A path that does not end within the buffer is refused with ENOEXEC too (since 5.1; older kernels cut it and ran
 * what was left): it comes back whole with `tooLong` and no argument, so that the reason can be told.
 */
export function parseShebang(head: Uint8Array, bufferSize: number = BINPRM_BUF_SIZE): Shebang | null {
  if (head[0] !== HASH || head[1] !== BANG) return null;
  const buffer = new Uint8Array(bufferSize);
  buffer.set(head.subarray(0, bufferSize));
  const newline = lineEnd(buffer);
  const first = nextNonBlank(buffer, 2, bufferSize);
  if (first === bufferSize || buffer[first] === LF) return null;

  const carriageReturn = endsInCrLf(head);
  const separator = nextTerminator(buffer, first, newline ?? bufferSize);
  if (newline === null && separator === bufferSize) {
    const end = nextTerminator(head, first, lineEnd(head) ?? head.length);
    return { interpreter: text(head, first, end), argument: null, carriageReturn, tooLong: true };
  }
  // The last byte of the buffer is overwritten with the NUL that ends the line.
  const end = trimEnd(buffer, newline ?? bufferSize - 1);
  const argument = readArgument(buffer, separator, end);
  return {
    interpreter: text(buffer, first, Math.min(separator, end)),
    argument,
    carriageReturn,
    // Text that is lost behind a buffer full of blanks is no argument that was cut.
    tooLong: argument !== null && losesText(head, bufferSize),
  };
}

/** Index of the first LF, as strnchr finds it: not behind a NUL. */
function lineEnd(bytes: Uint8Array): number | null {
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === LF) return at;
    if (bytes[at] === 0) return null;
  }
  return null;
}

/**
 * A separator that is a NUL has no argument behind it. Blanks in front of the NUL padding of a file without LF are
 * not trimmed: they leave an argument that is empty, or that ends in them.
 */
function readArgument(buffer: Uint8Array, separator: number, end: number): string | null {
  if (separator >= end || buffer[separator] === 0) return null;
  const from = nextNonBlank(buffer, separator, end);
  if (from === end) return null;
  const nul = buffer.indexOf(0, from);
  return text(buffer, from, nul === -1 ? end : Math.min(nul, end));
}

/** True where the line goes on behind the buffer with more than blanks. */
function losesText(head: Uint8Array, bufferSize: number): boolean {
  if (endsInBuffer(head, bufferSize)) return false;
  const end = lineEnd(head) ?? head.length;
  return nextNonBlank(head, Math.min(bufferSize - 1, end), end) < end;
}

/** True where the end of the file, a line feed or a NUL inside the buffer ends the line. */
function endsInBuffer(head: Uint8Array, bufferSize: number): boolean {
  const nul = head.indexOf(0);
  const newline = head.indexOf(LF);
  return head.length < bufferSize || [nul, newline].some((at) => at !== -1 && at < bufferSize);
}

/** True for a line that ends in CR LF. */
function endsInCrLf(head: Uint8Array): boolean {
  const newline = head.indexOf(LF);
  return newline > 0 && head[newline - 1] === CR;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function nextNonBlank(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at])) at += 1;
  return at;
}

function nextTerminator(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(bytes[at]) && bytes[at] !== 0) at += 1;
  return at;
}

function trimEnd(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > 2 && isBlank(bytes[at - 1])) at -= 1;
  return at;
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return utf8.decode(bytes.subarray(from, Math.max(from, to)));
}
