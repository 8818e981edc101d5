import { describe, expect, test } from 'vitest';
import type { FileView } from '../../src/model/view.js';
import { atDoor, ByteReader, decodeText, FormatFault, PartReader, withinLimit } from '../../src/binary/door.js';
import { memoryView } from '../../src/model/view.js';
import { retainedView } from '../support/retained-view.js';

/** Bytes 0, 1, 2 … so that a value tells where it was read. */
function counting(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index);
}

describe('fields', () => {
  const bytes = memoryView(Uint8Array.of(0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0xff));

  test('are read in the order of the file', () => {
    const little = new ByteReader(bytes, 'little');
    const big = new ByteReader(bytes, 'big');
    expect([little.u16(0), big.u16(0)]).toEqual([0x0201, 0x0102]);
    expect([little.u32(1), big.u32(1)]).toEqual([0x05040302, 0x02030405]);
    expect([little.u64(0), big.u64(0)]).toEqual([0xff07060504030201n, 0x01020304050607ffn]);
    expect([little.i32(4), little.u8(7)]).toEqual([-16316923, 0xff]);
  });

  test('behind the end say how much is missing', () => {
    const reader = new ByteReader(bytes, 'little');
    expect(atDoor(() => reader.u32(6))).toEqual({
      ok: false,
      error: { kind: 'truncated', at: 6, needed: 4, available: 2 },
    });
    expect(atDoor(() => reader.bytes(100, 1))).toEqual({
      ok: false,
      error: { kind: 'truncated', at: 100, needed: 1, available: 0 },
    });
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 60])('at %d are a bad value', (at) => {
    const result = atDoor(() => new ByteReader(bytes, 'little').u8(at));
    expect(result).toMatchObject({ ok: false, error: { kind: 'bad-value', field: 'offset' } });
  });

  test('above 2^53 are no offsets', () => {
    expect(atDoor(() => new ByteReader(bytes, 'little').safe64(0, 'p_offset'))).toEqual({
      ok: false,
      error: { kind: 'bad-value', at: 0, field: 'p_offset', value: '0xff07060504030201' },
    });
  });
});

describe('a view', () => {
  test('may reuse its array', () => {
    const shared = Buffer.alloc(8192);
    const source = counting(16_384);
    const view: FileView = {
      size: source.length,
      read: (at, length) => {
        shared.fill(0xee);
        shared.set(source.subarray(at, at + length));
        return shared.subarray(0, Math.min(length, source.length - at));
      },
    };
    const reader = new ByteReader(view, 'little');
    expect(reader.u8(10)).toBe(10);
    const kept = reader.bytes(5000, 4);
    expect(reader.u8(11)).toBe(11);
    expect([...kept]).toEqual([5000, 5001, 5002, 5003].map((value) => value % 256));
  });

  test('that kept only parts is read exactly there', () => {
    const view = retainedView(memoryView(counting(10_000)), [
      { from: 100, to: 110 },
      { from: 4090, to: 4100 },
    ]);
    const reader = new ByteReader(view, 'big');
    expect([reader.u8(100), reader.u16(108), reader.u32(4094)]).toEqual([100, 0x6c6d, 0xfeff0001]);
    expect(atDoor(() => reader.u16(109))).toEqual({
      ok: false,
      error: { kind: 'not-retained', at: 109, needed: 2 },
    });
  });

  test('that gives less than its size is truncated', () => {
    const short: FileView = { size: 100, read: () => new Uint8Array(3) };
    expect(atDoor(() => new ByteReader(short, 'little').bytes(0, 10))).toEqual({
      ok: false,
      error: { kind: 'truncated', at: 0, needed: 10, available: 3 },
    });
  });
});

describe('text', () => {
  test('ends at the first NUL', () => {
    const reader = new ByteReader(memoryView(new TextEncoder().encode('grün\0rest')), 'little');
    expect(reader.cString(0, 100, 'name')).toBe('grün');
  });

  test('must end within its limit and within the file', () => {
    const reader = new ByteReader(memoryView(new TextEncoder().encode('abcdef')), 'little');
    expect(atDoor(() => reader.cString(0, 3, 'name'))).toEqual({
      ok: false,
      error: { kind: 'limit', at: 0, field: 'bytes of name', limit: 3 },
    });
    expect(atDoor(() => reader.cString(4, 100, 'name'))).toMatchObject({ ok: false, error: { kind: 'truncated' } });
  });

  test('is UTF-8 whatever its length, and a byte order mark is kept', () => {
    expect(decodeText(new TextEncoder().encode('ä'.repeat(100)))).toBe('ä'.repeat(100));
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    expect(decodeText(Uint8Array.of(0x61, 0xff))).toBe('a\ufffd');
  });
});

describe('the door', () => {
  test('lets mistakes of ours through', () => {
    const mistake = (): never => {
      throw new TypeError('ours');
    };
    expect(() => atDoor(mistake)).toThrow('ours');
  });

  test('turns a broken part into a gap, and goes on', () => {
    const parts = new PartReader();
    expect(parts.read('notes', 0, () => withinLimit(5, 4, 12, 'notes'))).toBe(0);
    expect(parts.read('symbols', 0, () => withinLimit(4, 4, 12, 'symbols'))).toBe(4);
    expect(parts.gaps).toEqual([{ part: 'notes', error: { kind: 'limit', at: 12, field: 'notes', limit: 4 } }]);
  });

  test('keeps the fault of the one who threw it', () => {
    const fault = { kind: 'bad-value', at: 1, field: 'x', value: 'y' } as const;
    const broken = (): never => {
      throw new FormatFault(fault);
    };
    expect(atDoor(broken)).toEqual({ ok: false, error: fault });
  });
});
