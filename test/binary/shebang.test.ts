import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseShebang } from '../../src/binary/shebang.js';

const shebang = (line: string, bufferSize?: number): ReturnType<typeof parseShebang> =>
  parseShebang(new TextEncoder().encode(line), bufferSize);

// What the kernel does with each line was seen by execve(2) of the same bytes on Linux 6.18.
describe('the #! line', () => {
  test('blanks in front of the path and behind the argument are skipped', () => {
    expect(shebang('#! \t/bin/sh  -e -u \t\nrest')).toEqual({
      interpreter: '/bin/sh',
      argument: '-e -u',
      carriageReturn: false,
      tooLong: false,
    });
  });

  test('a carriage return belongs to the path', () => {
    expect(shebang('#!/bin/sh\r\necho\r\n')).toMatchObject({
      interpreter: '/bin/sh\r',
      argument: null,
      carriageReturn: true,
    });
  });

  test('a carriage return behind an argument belongs to the argument', () => {
    expect(shebang('#!/bin/sh -e\r\n')).toMatchObject({
      interpreter: '/bin/sh',
      argument: '-e\r',
      carriageReturn: true,
    });
  });

  test('a byte order mark in front means no #! line', () => {
    expect(shebang('\ufeff#!/bin/sh\n')).toBeNull();
  });

  test.each(['', '#', 'echo', '#!\n', '#! \t \n/bin/sh\n', `#!${' '.repeat(300)}/bin/sh\n`])(
    '%j is refused',
    (line) => {
      expect(shebang(line)).toBeNull();
    },
  );

  test('a file that ends behind #! names the empty path', () => {
    expect(shebang('#!')).toMatchObject({ interpreter: '', argument: null });
  });

  test('a file that ends in a blank without a line feed passes an empty argument', () => {
    expect(shebang('#!/bin/sh ')).toMatchObject({ interpreter: '/bin/sh', argument: '' });
    expect(shebang('#!/bin/sh x ')).toMatchObject({ interpreter: '/bin/sh', argument: 'x ' });
  });

  test('a NUL ends the line', () => {
    expect(shebang('#!/bin/sh\0junk\n')).toMatchObject({ interpreter: '/bin/sh', argument: null });
    expect(shebang('#!/bin/sh -e\0junk\n')).toMatchObject({ interpreter: '/bin/sh', argument: '-e' });
  });
});

describe('a line longer than the buffer', () => {
  test('an argument is cut at 255 bytes of line', () => {
    const read = shebang(`#!/opt/sh/a ${'x'.repeat(300)}\n`);
    expect(read).toMatchObject({ interpreter: '/opt/sh/a', argument: 'x'.repeat(243), tooLong: true });
  });

  test('255 bytes and a line feed fit', () => {
    const read = shebang(`#!/opt/sh/a ${'x'.repeat(243)}\n`);
    expect(read).toMatchObject({ argument: 'x'.repeat(243), tooLong: false });
  });

  test('256 bytes without a line feed lose the last one', () => {
    const read = shebang(`#!/opt/sh/a ${'x'.repeat(244)}`);
    expect(read).toMatchObject({ argument: 'x'.repeat(243), tooLong: true });
  });

  test('a path that does not end in the buffer is refused, and comes back whole', () => {
    const path = `/${'d/'.repeat(150)}sh`;
    expect(shebang(`#!${path}\n`)).toEqual({ interpreter: path, argument: null, carriageReturn: false, tooLong: true });
  });

  test('the same path fits no kernel before 5.1, and a shorter one only newer kernels', () => {
    const line = `#!/${'d/'.repeat(90)}sh\n`;
    expect(shebang(line)).toMatchObject({ tooLong: false });
    expect(shebang(line, 128)).toMatchObject({ tooLong: true, argument: null });
  });

  test('blanks that reach over the end lose nothing', () => {
    expect(shebang(`#!/bin/sh${' '.repeat(300)}\n`)).toMatchObject({
      interpreter: '/bin/sh',
      argument: null,
      tooLong: false,
    });
  });
});

test('any bytes give a line without line feed and NUL, or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (tail) => {
      const read = parseShebang(new Uint8Array([0x23, 0x21, ...tail]));
      if (read !== null) expect(`${read.interpreter}${read.argument ?? ''}`).not.toMatch(/[\0\n]/u);
    }),
  );
});
