import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formats, parseBinary } from '../../src/binary/index.js';
import { memoryView, NotRetained } from '../../src/model/view.js';
import { fatMacho, macho } from '../support/macho-builder.js';
import { dosProgram, pe } from '../support/pe-builder.js';

describe('the family of formats', () => {
  test('has a folder for each', () => {
    const folders = readdirSync('src/binary', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const names = folders.map(({ name }) => name).filter((name) => name !== 'other-views');
    expect(names.sort()).toEqual(formats.map(({ id }) => id.replace('-', '')).sort());
  });

  test.each([
    ['pe', pe()],
    ['mach-o', macho()],
    ['mach-o', fatMacho([macho()])],
  ])('%s is claimed by one format, which reads it', (id, bytes) => {
    expect(formats.filter((format) => format.sniff(bytes)).map((format) => format.id)).toEqual([id]);
    expect(parseBinary(memoryView(bytes))).toMatchObject({ ok: true, value: { format: id } });
  });

  test.each([
    ['nothing', ''],
    ['text', 'MZ, a text'],
    ['a script', '#!/bin/sh\n'],
  ])('%s is no binary', (_what, text) => {
    expect(parseBinary(memoryView(new TextEncoder().encode(text)))).toBeNull();
  });

  test('a program of DOS is a damaged binary', () => {
    expect(parseBinary(memoryView(dosProgram()))).toMatchObject({ ok: false });
  });

  test('a file of which nothing was kept says so', () => {
    const view = {
      size: 100,
      read: (at: number, length: number): Uint8Array => {
        throw new NotRetained(at, length);
      },
    };
    expect(parseBinary(view)).toEqual({ ok: false, error: { kind: 'not-retained', at: 0, needed: 64 } });
  });

  test('any bytes behind any magic give a value', () => {
    const magics = [
      [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1],
      [0x4d, 0x5a, 0],
      [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2],
      [0xcf, 0xfa, 0xed, 0xfe],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 512 }), (magic, tail) => {
        const result = parseBinary(memoryView(Uint8Array.from([...magic, ...tail])));
        expect(result === null || typeof result.ok === 'boolean').toBe(true);
      }),
    );
  });
});
