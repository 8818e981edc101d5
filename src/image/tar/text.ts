import { Buffer } from 'node:buffer';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as a string of as many characters (latin1), up to the first NUL where `cut` is set. */
export function latin1(bytes: Uint8Array, from: number, to: number, cut: boolean): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nul = cut ? buffer.indexOf(0, from) : -1;
  return buffer.toString('latin1', from, nul < 0 ? to : Math.min(nul, to));
}

/** A name: UTF-8 where its bytes are that, else each byte as one character, so that no two names become one. */
export function nameOf(bytesAsLatin1: string): string {
  if (!hasHighBytes(bytesAsLatin1)) return bytesAsLatin1;
  try {
    return utf8.decode(Buffer.from(bytesAsLatin1, 'latin1'));
  } catch {
    return bytesAsLatin1;
  }
}

function hasHighBytes(text: string): boolean {
  return /[\u0080-\u00ff]/u.test(text);
}

/** Empty names, `.` and `..`, at the start, in the middle or at the end. */
const UNTIDY = /(?:^|\/)\.{0,2}(?:\/|$)/u;

/** Absolute and normalised, without trailing slash; `..` ends at the root, as in a chroot. */
export function absolutePath(name: string): string {
  const start = name.startsWith('./') ? 2 : name.startsWith('/') ? 1 : 0;
  const end = name.length > start && name.endsWith('/') ? name.length - 1 : name.length;
  const tidy = name.slice(start, end);
  if (!UNTIDY.test(tidy)) return `/${tidy}`;
  const names: string[] = [];
  for (const part of tidy.split('/')) {
    if (part === '..') names.pop();
    else if (part !== '' && part !== '.') names.push(part);
  }
  return `/${names.join('/')}`;
}
