import { describe, expect, test } from 'vitest';
import { TarFault } from '../../../src/image/tar/fault.js';
import { number, readHeader, typeOf } from '../../../src/image/tar/header.js';
import { header, sealed, type HeaderFields } from '../../support/tar-builder.js';

const plain: HeaderFields = {
  name: 'a',
  prefix: '',
  mode: 0o644,
  uid: 1,
  gid: 2,
  size: 3,
  mtime: 4,
  flag: '0',
  link: '',
  major: 0,
  minor: 0,
};

describe('readHeader', () => {
  test('reads the fields of a ustar header', () => {
    const block = header({ ...plain, flag: '3', mode: 0o4755, prefix: 'very/long', major: 10, minor: 229 }, 'ustar');
    expect(readHeader(block, 0)).toMatchObject({
      name: 'very/long/a',
      flag: '3',
      mode: 0o4755,
      uid: 1,
      gid: 2,
      size: 3,
      mtime: 4,
      major: 10,
      minor: 229,
    });
  });

  test('takes no prefix from GNU headers, which have other fields there', () => {
    expect(readHeader(header({ ...plain, prefix: 'times' }, 'gnu'), 0)?.name).toBe('a');
  });

  test('takes 131 bytes of prefix from star headers, which have times behind it', () => {
    const block = header({ ...plain, prefix: 'p'.repeat(131) }, 'ustar');
    block.write('00000000000', 345 + 131, 'latin1');
    block.write('tar\0', 508, 'latin1');
    expect(readHeader(sealed(block), 0)?.name).toBe(`${'p'.repeat(131)}/a`);
  });

  test('uses all 100 bytes of a name without NUL', () => {
    expect(readHeader(header({ ...plain, name: 'n'.repeat(100) }, 'v7'), 0)?.name).toBe('n'.repeat(100));
  });

  test('accepts a checksum over signed bytes, as some old tars wrote it', () => {
    const block = header({ ...plain, name: 'na\u00efve' }, 'v7');
    block.fill(0x20, 148, 156);
    const signed = block.reduce((sum, byte) => sum + (byte > 127 ? byte - 256 : byte), 0);
    block.write(`${signed.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(readHeader(block, 0)?.size).toBe(3);
  });

  test('gives null for a block of zeros', () => {
    expect(readHeader(Buffer.alloc(512), 0)).toBeNull();
  });

  test('names the place of a wrong checksum', () => {
    const block = header(plain, 'ustar');
    block[0] = 0x62;
    expect(faultOf(() => readHeader(block, 1024))).toMatchObject({
      kind: 'bad-value',
      at: 1024 + 148,
      field: 'header checksum',
    });
  });

  test.each(['9', '12x', '-1', '1 2'])('refuses %j as a size', (written) => {
    const block = header(plain, 'ustar');
    block.fill(0, 124, 136).write(written, 124, 'latin1');
    expect(faultOf(() => readHeader(sealed(block), 0))).toMatchObject({ at: 124, field: 'size' });
  });

  test.each([
    ['a negative size', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]],
    ['a size past 2^53', [0x80, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0]],
  ])('refuses %s', (_name, bytes) => {
    const block = header(plain, 'gnu');
    block.set(bytes, 124);
    expect(faultOf(() => readHeader(sealed(block), 0))).toMatchObject({ field: 'size' });
  });
});

describe('number', () => {
  test.each([
    ['0000644\0', 0o644],
    ['   644 \0', 0o644],
    ['\0\0\0\0\0\0\0\0', 0],
    ['77777777', 0o77777777],
    ['garbage!', 0],
  ])('%j is %i', (written, value) => {
    expect(number(Buffer.from(written, 'latin1'), { at: 0, size: 8 })).toBe(value);
  });

  test.each([
    [[0x80, 0, 0, 0, 0, 0, 1, 0], 256],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], -256],
  ])('base 256 %j is %i', (bytes, value) => {
    expect(number(Uint8Array.from(bytes), { at: 0, size: 8 })).toBe(value);
  });
});

test('a NUL flag is a file, or a directory where the name ends in a slash', () => {
  expect(typeOf('\0', 'a')).toBe('file');
  expect(typeOf('\0', 'a/')).toBe('directory');
  expect(typeOf('0', 'a/')).toBe('file');
  expect(typeOf('7', 'a')).toBe('file');
  expect(typeOf('Z', 'a')).toBeNull();
});

function faultOf(body: () => unknown): unknown {
  try {
    body();
  } catch (cause) {
    if (cause instanceof TarFault) return cause.fault;
    throw cause;
  }
  return null;
}
