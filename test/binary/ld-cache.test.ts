import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LdCache } from '../../src/model/layer.js';
import { parseLdCache } from '../../src/binary/ld-cache.js';
import { memoryView } from '../../src/model/view.js';
import { ElfBytes } from '../support/elf-bytes.js';

interface CacheOptions {
  readonly entries: LdCache['entries'];
  readonly endianness?: 'little' | 'big';
  /** Writes the old form in front, as ldconfig did by default before 2.32; 4: aligned as on i386. */
  readonly compat?: 4 | 8;
  /** Low bits of the flags: 0 before 2.33. */
  readonly statesEndianness?: boolean;
}

const ELF_LIBC6_X86_64 = 0x303;

/** Writes a cache as sysdeps/generic/dl-cache.h describes it. */
function cache({ entries, endianness = 'little', compat, statesEndianness = true }: CacheOptions): Uint8Array {
  const writer = new ElfBytes(64, endianness);
  if (compat !== undefined) {
    writer.raw(ascii('ld.so-1.7.0')).align(4).u32(entries.length);
    for (let index = 0; index < entries.length; index += 1) writer.u32(1).u32(0).u32(0);
    writer.align(compat);
  }
  const base = writer.length;
  const hwcaps = [...new Set(entries.flatMap(({ hwcap }) => hwcap ?? []))];
  const strings = new ElfBytes(64, endianness);
  const stringsAt = 48 + entries.length * 24;
  const text = (value: string): number => {
    const at = strings.length;
    strings.cString(value);
    return stringsAt + at;
  };
  const rows = entries.map((entry) => ({ ...entry, key: text(entry.name), value: text(entry.path) }));
  const names = hwcaps.map(text);
  const extension = Math.ceil((base + stringsAt + strings.length) / 4) * 4;

  writer.raw(ascii('glibc-ld.so.cache1.1')).u32(entries.length).u32(strings.length);
  writer
    .u8(statesEndianness ? (endianness === 'little' ? 2 : 3) : 0)
    .u8(0)
    .u8(0)
    .u8(0);
  writer
    .u32(hwcaps.length > 0 ? extension : 0)
    .u32(0)
    .u32(0)
    .u32(0);
  for (const { flags, key, value, hwcap } of rows) {
    writer.u32(flags).u32(key).u32(value).u32(0);
    // DL_CACHE_HWCAP_EXTENSION in the upper half, with an ISA level, and the index of the name.
    writer.uint(hwcap === null ? 0n : (((1n << 30n) | 3n) << 32n) | BigInt(hwcaps.indexOf(hwcap)), 8);
  }
  writer.raw(strings.done());
  if (hwcaps.length > 0) {
    writer.align(4).u32(0xeaa42174).u32(2);
    writer.u32(0).u32(0).u32(0).u32(0);
    writer
      .u32(1)
      .u32(0)
      .u32(extension + 40)
      .u32(4 * names.length);
    for (const name of names) writer.u32(name);
  }
  return writer.done();
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const ENTRIES: LdCache['entries'] = [
  { name: 'libz.so.1', path: '/lib/glibc-hwcaps/x86-64-v3/libz.so.1', flags: ELF_LIBC6_X86_64, hwcap: 'x86-64-v3' },
  { name: 'libz.so.1', path: '/lib/glibc-hwcaps/x86-64-v2/libz.so.1', flags: ELF_LIBC6_X86_64, hwcap: 'x86-64-v2' },
  { name: 'libz.so.1', path: '/lib/libz.so.1', flags: ELF_LIBC6_X86_64, hwcap: null },
];

describe('ld.so.cache', () => {
  test.each<[string, Omit<CacheOptions, 'entries'>]>([
    ['of the new form', {}],
    ['of big-endian machines', { endianness: 'big' }],
    ['with the old form in front', { compat: 8 }],
    ['with the old form in front, aligned as on i386', { compat: 4 }],
    ['with the old form in front, big endian', { compat: 8, endianness: 'big' }],
    ['that does not state its byte order', { statesEndianness: false }],
    ['that does not state its byte order, big endian', { statesEndianness: false, endianness: 'big' }],
  ])('%s gives names, paths, flags and hwcaps subdirectories', (_name, options) => {
    for (const entries of [ENTRIES, ENTRIES.slice(1)]) {
      expect(parseLdCache(memoryView(cache({ ...options, entries })))).toEqual({ ok: true, value: { entries } });
    }
  });

  test('of the old form only is read too', () => {
    const writer = new ElfBytes(32, 'little').raw(ascii('ld.so-1.7.0')).align(4).u32(1);
    writer.u32(3).u32(0).u32(10).cString('libc.so.6').cString('/lib/libc.so.6');
    expect(parseLdCache(memoryView(writer.done()))).toEqual({
      ok: true,
      value: { entries: [{ name: 'libc.so.6', path: '/lib/libc.so.6', flags: 3, hwcap: null }] },
    });
  });

  test('with bits of a machine from before 2.33 gives no subdirectory', () => {
    const bytes = cache({ entries: ENTRIES.slice(2) });
    new DataView(bytes.buffer).setBigUint64(48 + 16, 1n << 63n, true);
    const result = parseLdCache(memoryView(bytes));
    expect(result.ok ? result.value.entries[0]?.hwcap : null).toBe('hwcap-0x8000000000000000');
  });

  test('that is another file says what it starts with', () => {
    expect(parseLdCache(memoryView(ascii('hello world, this is text')))).toEqual({
      ok: false,
      error: { kind: 'bad-value', at: 0, field: 'magic', value: 'hello world' },
    });
  });

  test('with more libraries than fit is truncated', () => {
    const bytes = cache({ entries: ENTRIES.slice(2) });
    new DataView(bytes.buffer).setUint32(20, 1000, true);
    expect(parseLdCache(memoryView(bytes))).toEqual({
      ok: false,
      error: { kind: 'truncated', at: 48, needed: 24_000, available: bytes.length - 48 },
    });
  });

  test('with more libraries than any machine has is refused', () => {
    const bytes = cache({ entries: ENTRIES.slice(2) });
    new DataView(bytes.buffer).setUint32(20, 0xffffffff, true);
    expect(parseLdCache(memoryView(bytes))).toMatchObject({ ok: false, error: { kind: 'limit', field: 'libraries' } });
  });

  test('never makes the reader throw', () => {
    const whole = fc.constantFrom(cache({ entries: ENTRIES }), cache({ entries: ENTRIES, compat: 8 }));
    const edits = fc.array(fc.record({ at: fc.nat(400), byte: fc.nat(255) }), { maxLength: 8 });
    fc.assert(
      fc.property(whole, edits, fc.nat(500), (bytes, changes, length) => {
        const broken = bytes.slice(0, length);
        for (const { at, byte } of changes) if (at < broken.length) broken[at] = byte;
        expect(parseLdCache(memoryView(broken))).toHaveProperty('ok');
      }),
      { numRuns: 1000 },
    );
  });
});
