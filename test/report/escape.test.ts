import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shorten, visible } from '../../src/report/escape.js';

test('control characters, bidirectional overrides and newlines are written out', () => {
  expect(visible('a\x1b[31mb')).toBe('a\\x1b[31mb');
  expect(visible('/bin/bash\r')).toBe('/bin/bash\\r');
  expect(visible('one\ntwo\tthree\0')).toBe('one\\ntwo\\tthree\\0');
  expect(visible('evil\u202egnp.sh')).toBe('evil\\u{202e}gnp.sh');
  expect(visible('\u009b2J')).toBe('\\x9b2J');
});

test('ordinary text of any language stays as it is', () => {
  for (const text of ['/usr/bin/node', 'Größe', '日本語', '🐳 whale', 'a b']) expect(visible(text)).toBe(text);
});

test('half a surrogate pair is written out', () => {
  expect(visible('x\ud800y')).toBe('x\\u{d800}y');
});

test('nothing that moves a cursor or ends a line is left of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const char of visible(text)) {
        const code = char.codePointAt(0) ?? 0;
        expect(code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e)).toBe(false);
      }
    }),
  );
});

test('a long text keeps both ends', () => {
  expect(shorten('/usr/lib/x86_64-linux-gnu/libfoo.so.1', 20)).toBe('/usr/lib/x…bfoo.so.1');
  expect(shorten('short', 20)).toBe('short');
  expect(shorten('abcdefghijklmnopqrstuvwxyz', 10)).toHaveLength(10);
});
