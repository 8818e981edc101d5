import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { machoFormat, parseMacho } from '../../../src/binary/macho/index.js';
import type { MachoBinary } from '../../../src/model/binary.js';
import { memoryView } from '../../../src/model/view.js';
import { fatMacho, macho, type MachoParts } from '../../support/macho-builder.js';

function parse(bytes: Uint8Array): MachoBinary {
  const result = parseMacho(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const build = (parts: MachoParts = {}): MachoBinary => parse(macho(parts));

describe('a thin file', () => {
  test.each([
    ['i386', 'i386', 32, 'little'],
    ['x86_64', 'x86_64', 64, 'little'],
    ['arm', 'arm', 32, 'little'],
    ['aarch64', 'aarch64', 64, 'little'],
    ['ppc', 'ppc', 32, 'big'],
    [0x7777, 'other-30583', 32, 'little'],
  ] as const)('of machine %s', (machine, expected, bits, endianness) => {
    expect(build({ machine })).toMatchObject({ machine: expected, bits, endianness, fat: false, gaps: [] });
  });

  test('has its libraries in order, the weak ones too, and not itself', () => {
    const binary = build({
      filetype: 6,
      installName: '@rpath/me.dylib',
      dylibs: ['/usr/lib/libSystem.B.dylib'],
      weakDylibs: ['@rpath/w.dylib'],
    });
    expect(binary.slices).toMatchObject([{ kind: 'dylib', dylibs: ['/usr/lib/libSystem.B.dylib', '@rpath/w.dylib'] }]);
  });

  test('says its platform in the new and in the old way', () => {
    const platform = { number: 1, minimum: [11, 0, 0] } as const;
    expect(build({ platform }).slices[0]?.platform).toEqual({ name: 'macos', minimum: '11.0' });
    const old = { number: 1, minimum: [10, 13, 4], old: true } as const;
    expect(build({ platform: old }).slices[0]?.platform).toEqual({ name: 'macos', minimum: '10.13.4' });
    expect(build().slices[0]?.platform).toBeNull();
  });

  test('without the capability bits of its subtype', () => {
    expect(build({ cpuSubtype: 0x80000002 }).slices[0]?.cpuSubtype).toBe(2);
  });

  test('with a load command of size 0 keeps what came before', () => {
    const bytes = macho({ dylibs: ['/a.dylib', '/b.dylib'] });
    // The second command follows the header (32 bytes) and the first command (24, and a name of 16 with padding).
    bytes.fill(0, 32 + 40 + 4, 32 + 40 + 8);
    const binary = parse(bytes);
    expect(binary.slices[0]?.dylibs).toEqual(['/a.dylib']);
    expect(binary.gaps).toEqual([
      { part: 'load commands', error: { kind: 'bad-value', at: 76, field: 'cmdsize', value: '0x0' } },
    ]);
  });
});

describe('a fat file', () => {
  const slices = [macho({ machine: 'x86_64', dylibs: ['/x'] }), macho({ machine: 'aarch64', dylibs: ['/a'] })];

  test.each([false, true])('has every slice with its place (64-bit offsets: %s)', (fat64) => {
    expect(parse(fatMacho(slices, { fat64 }))).toMatchObject({
      fat: true,
      machine: 'x86_64',
      slices: [
        { machine: 'x86_64', offset: 4096, dylibs: ['/x'] },
        { machine: 'aarch64', offset: 8192, dylibs: ['/a'] },
      ],
      gaps: [],
    });
  });

  test('loses a broken slice only', () => {
    const bytes = fatMacho(slices);
    bytes.fill(0, 4096, 4100);
    expect(parse(bytes)).toMatchObject({
      machine: 'aarch64',
      slices: [{ machine: 'aarch64' }],
      gaps: [{ part: 'slice' }],
    });
  });

  test('is not a Java class', () => {
    const javaClass = Uint8Array.of(0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 12);
    expect(machoFormat.sniff(javaClass)).toBe(false);
    expect(parseMacho(memoryView(javaClass))).toMatchObject({
      ok: false,
      error: { kind: 'bad-value', field: 'magic' },
    });
  });

  test('that is large keeps the start of every slice', () => {
    const bytes = fatMacho(slices);
    const kept = machoFormat.retain(bytes.subarray(0, 4096), 100 << 20);
    expect(kept).toEqual([
      { from: 0, to: 1 << 20 },
      { from: 4096, to: 4096 + (1 << 20) },
      { from: 8192, to: 8192 + (1 << 20) },
    ]);
  });
});

test('every proper prefix is an error or has a gap', () => {
  const bytes = macho({ dylibs: ['/usr/lib/libSystem.B.dylib'], platform: { number: 1, minimum: [11, 0, 0] } });
  for (let length = 0; length < bytes.length; length += 1) {
    const result = parseMacho(memoryView(bytes.subarray(0, length)));
    if (result.ok) expect(result.value.gaps).toHaveLength(1);
  }
});

test('changed bytes never throw', () => {
  const seed = fatMacho([macho({ dylibs: ['/a'] }), macho({ machine: 'ppc', dylibs: ['/b'] })]);
  const interesting = fc.oneof(fc.nat(60), fc.integer({ min: 4096, max: 4200 }), fc.integer({ min: 8192, max: 8290 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(interesting, fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = seed.slice();
      for (const [at, value] of changes) bytes[at] = value;
      expect(parseMacho(memoryView(bytes))).toHaveProperty('ok');
    }),
    { numRuns: 300 },
  );
});
