import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyHead } from '../../src/binary/head.js';
import type { HeadClass } from '../../src/model/layer.js';

const classify = (head: string | readonly number[]): HeadClass => {
  const bytes = typeof head === 'string' ? new TextEncoder().encode(head) : Uint8Array.from(head);
  return classifyHead(bytes, bytes.length);
};

const utf16 = (text: string): number[] => [0xff, 0xfe, ...Buffer.from(text, 'utf16le')];
const latin1 = (text: string): number[] => [...Buffer.from(text, 'latin1')];

describe('the first bytes say what a file is', () => {
  test.each<[HeadClass, string, string | readonly number[]]>([
    ['empty', 'no bytes', ''],
    ['script', 'a #! line', '#!/bin/sh\necho\r\n'],
    ['script', 'a #! line without an end', '#!/bin/sh'],
    ['script-crlf', 'a first line that ends in CR LF', '#!/bin/sh\r\necho\n'],
    ['script-bom', 'a UTF-8 mark before #!', '\ufeff#!/bin/sh\n'],
    ['script-bom', 'a UTF-16 mark before #!', utf16('#!/bin/sh\r\n')],
    ['text', 'a script without #!', 'set -e\nexec "$@"\n'],
    ['text', 'Latin-1 text', latin1('Gr\u00fc\u00dfe\n')],
    ['text', 'UTF-16 text', utf16('Windows Registry Editor\r\n')],
    ['text', 'a few escape sequences in a long text', `${'x'.repeat(400)}\u001b[0m\u001b[1m`],
    ['html', 'a document type', '<!DOCTYPE html>\n<html>'],
    ['html', 'an element behind blanks and a comment', '\n <!-- error --> <HTML lang="en">'],
    ['text', 'another element', '<project name="x"/>'],
    ['git-lfs', 'a pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n'],
    ['gzip', 'deflate in gzip', [...gzipSync('x')]],
    ['zip', 'a local file header', [0x50, 0x4b, 3, 4, 20, 0]],
    ['zip', 'an archive without entries', [0x50, 0x4b, 5, 6, 0, 0]],
    ['text', 'the letters PK', 'PK is a code'],
    ['xz', 'a stream header', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    ['zstd', 'a frame', [0x28, 0xb5, 0x2f, 0xfd, 0]],
    ['zstd', 'a skippable frame', [0x5e, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]],
    ['bzip2', 'a block', [...latin1('BZh9'), 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]],
    ['text', 'the letters BZh', 'BZh9 hello'],
    ['archive', 'ar', '!<arch>\ndebian-binary'],
    ['archive', 'a tar of POSIX', [...latin1('a'), ...new Array<number>(256).fill(0), ...latin1('ustar\0')]],
    ['wasm', 'a module', [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]],
    ['java-class', 'Java 17', [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61]],
    ['java-class', 'Java 21 with preview features', [0xca, 0xfe, 0xba, 0xbe, 0xff, 0xff, 0, 65]],
    ['data', 'a Mach-O file for two machines', [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]],
    ['data', 'ELF', [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]],
    ['data', 'one NUL in a text', 'echo\0'],
    ['data', 'control characters', [1, 2, 3, 4, 5, 6]],
  ])('%s: %s', (expected, _what, head) => {
    expect(classify(head)).toBe(expected);
  });

  test('a head that was not read is not an empty file', () => {
    expect(classifyHead(new Uint8Array(0), 10)).not.toBe('empty');
  });

  test('#! decides, whatever follows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (tail) => {
        expect(classify([0x23, 0x21, ...tail])).toMatch(/^script(-crlf)?$/u);
      }),
    );
  });
});
