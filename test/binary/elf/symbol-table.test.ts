import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseElf } from '../../../src/binary/elf/index.js';
import type { ElfBinary } from '../../../src/model/binary.js';
import {
  DEFINITION,
  firstHash,
  flagsAt,
  importedNames,
  LOOKUP,
  lookupNames,
  secondHash,
  VERSION_MASK,
} from '../../../src/model/symbols.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

const GLOB_DAT = 6;
const JUMP_SLOT = 7;
const COPY = 5;
const RELATIVE = 8;
const TLSDESC = 36;

function parsed(options: ElfOptions): ElfBinary {
  const result = parseElf(memoryView(elf(options)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Flags in words, without the version. */
function flagWords(flags: number, names: Readonly<Record<string, number>>): string {
  return Object.entries(names)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name)
    .join(' ');
}

function lookupsOf(binary: ElfBinary): Readonly<Record<string, string>> {
  const { lookups } = binary.symbols;
  return Object.fromEntries(
    lookupNames(binary.symbols).map((name, index) => [name, flagWords(flagsAt(lookups, index), LOOKUP)]),
  );
}

/** Flags of the definition of a name; null where there is none. */
function definition(binary: ElfBinary, name: string): string | null {
  const bytes = new TextEncoder().encode(name);
  const { definitions } = binary.symbols;
  for (let index = 0; index * 3 < definitions.length; index += 1) {
    if (definitions[index * 3] !== firstHash(bytes) || definitions[index * 3 + 1] !== secondHash(bytes)) continue;
    return flagWords(flagsAt(definitions, index), DEFINITION);
  }
  return null;
}

describe('names that are looked up', () => {
  test('are told by the relocations that use them', () => {
    const binary = parsed({
      symbols: [
        { name: 'data' },
        { name: 'call' },
        { name: 'both' },
        { name: 'unused' },
        { name: 'weak', binding: 'weak' },
      ],
      relocations: [
        { symbol: 'data', type: GLOB_DAT },
        { symbol: 'both', type: GLOB_DAT },
        { symbol: 'weak', type: GLOB_DAT },
        { symbol: 'call', type: JUMP_SLOT, lazy: true },
        { symbol: 'both', type: JUMP_SLOT, lazy: true },
      ],
    });
    expect(lookupsOf(binary)).toEqual({
      data: 'start',
      call: 'call',
      both: 'start call',
      unused: '',
      weak: 'weak start',
    });
    expect(binary.gaps).toEqual([]);
  });

  test('are needed at the start where a relocation of DT_JMPREL is no jump slot', () => {
    const binary = parsed({
      symbols: [{ name: 'thread_local' }],
      relocations: [{ symbol: 'thread_local', type: TLSDESC, lazy: true }],
    });
    expect(lookupsOf(binary)).toEqual({ thread_local: 'start' });
  });

  test('are read behind the relative relocations, which have none', () => {
    const binary = parsed({
      symbols: [{ name: 'data' }],
      relocations: [{ type: RELATIVE }, { type: RELATIVE }, { symbol: 'data', type: GLOB_DAT }],
    });
    expect(lookupsOf(binary)).toEqual({ data: 'start' });
  });

  test.each([
    ['i386', 6, 7],
    ['arm', 21, 22],
    ['aarch64', 1025, 1026],
    ['s390x', 10, 11],
    ['ppc64le', 20, 21],
    ['riscv64', 2, 5],
  ] as const)('are told for %s too', (machine, data, slot) => {
    const binary = parsed({
      machine,
      symbols: [{ name: 'data' }, { name: 'call' }],
      relocations: [
        { symbol: 'data', type: data },
        { symbol: 'call', type: slot, lazy: true },
      ],
    });
    expect(lookupsOf(binary)).toEqual({ data: 'start', call: 'call' });
  });

  test('are not told for machines with relocations of another kind', () => {
    const { symbols, gaps } = parsed({ machine: 'mips', hash: 'sysv', symbols: [{ name: 'f' }] });
    expect(symbols.usesKnown).toBe(false);
    expect(gaps).toEqual([]);
  });

  test('have those of copy relocations behind them, which are no imports', () => {
    const binary = parsed({
      symbols: [{ name: 'f' }, { name: 'environ', defined: true, type: 'object' }],
      relocations: [{ symbol: 'environ', type: COPY }],
    });
    expect(lookupsOf(binary)).toEqual({ f: '', environ: 'start copy' });
    expect(importedNames(binary)).toEqual(['f']);
    expect(definition(binary, 'environ')).toBe('oldest');
  });

  test('have what the file defines where musl would not find it', () => {
    const binary = parsed({
      versionDefinitions: [{ name: 'V1', base: false, weak: false, parents: [] }],
      symbols: [
        { name: 'plain', defined: true },
        { name: 'old', defined: true, version: 'V1', versionHidden: true },
        { name: 'indirect', defined: true, type: 'ifunc' },
      ],
      relocations: ['plain', 'old', 'indirect'].map((symbol) => ({ symbol, type: GLOB_DAT })),
    });
    expect(lookupsOf(binary)).toEqual({ old: 'start own', indirect: 'start own' });
    expect(importedNames(binary)).toEqual([]);
  });

  test('that a relocation counts beyond the table are a gap, and the names stay', () => {
    const bytes = elf({ symbols: [{ name: 'f' }], relocations: [{ symbol: 'f', type: GLOB_DAT }] });
    const info = Buffer.from(bytes).indexOf(Buffer.from([GLOB_DAT, 0, 0, 0, 1, 0, 0, 0]));
    bytes[info + 4] = 200;
    const result = parseElf(memoryView(bytes));
    expect(result).toMatchObject({ ok: true, value: { gaps: [{ part: 'relocations', error: { value: '0xc8' } }] } });
    expect(result.ok && importedNames(result.value)).toEqual(['f']);
  });
});

describe('definitions', () => {
  test('are those that others can bind to', () => {
    const binary = parsed({
      symbols: [
        { name: 'f', defined: true },
        { name: 'weak', defined: true, binding: 'weak' },
        { name: 'unique', defined: true, binding: 'unique' },
        { name: 'protected', defined: true, visibility: 'protected' },
        { name: 'indirect', defined: true, type: 'ifunc' },
        { name: 'tls', defined: true, type: 'tls', value: 0 },
        { name: 'local', defined: true, binding: 'local' },
        { name: 'hidden', defined: true, visibility: 'hidden' },
        { name: 'section', defined: true, type: 'section' },
        { name: 'nowhere', defined: true, value: 0 },
        { name: 'undefined' },
        { name: 'plt', value: 0x1000 },
      ],
      hash: 'sysv',
    });
    const names = lookupNames(binary.symbols);
    expect(names).toEqual(['undefined', 'plt']);
    const of = (name: string): string | null => definition(binary, name);
    expect(['f', 'weak', 'unique', 'protected', 'tls'].map(of)).toEqual(Array.from({ length: 5 }, () => 'oldest'));
    expect(of('indirect')).toBe('oldest indirect');
    expect(of('plt')).toBe('oldest plt');
    expect(['local', 'hidden', 'section', 'nowhere', 'undefined'].map(of)).toEqual(
      Array.from({ length: 5 }, () => null),
    );
  });

  test('have a version by its number among all of the file', () => {
    const binary = parsed({
      versionNeeds: [{ file: 'libc.so.6', versions: [{ name: 'GLIBC_2.2.5', weak: false }] }],
      versionDefinitions: [
        { name: 'libx.so', base: true, weak: false, parents: [] },
        { name: 'V1', base: false, weak: false, parents: [] },
        { name: 'V2', base: false, weak: false, parents: ['V1'] },
      ],
      symbols: [
        { name: 'malloc', version: 'GLIBC_2.2.5' },
        { name: 'f', defined: true, version: 'V1', versionHidden: true },
        { name: 'g', defined: true, version: 'V2' },
        { name: 'h', defined: true },
      ],
    });
    const { definitions, lookups, versioned } = binary.symbols;
    const numbers = [0, 1, 2].map((index) => flagsAt(definitions, index) & VERSION_MASK);
    expect(versioned).toBe(true);
    // GLIBC_2.2.5 is 1, the base 2, V1 3 and V2 4.
    expect(flagsAt(lookups, 0) & VERSION_MASK).toBe(1);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([0, 3, 4]);
    expect(['f', 'g', 'h'].map((name) => definition(binary, name))).toEqual(['hidden oldest', '', 'oldest']);
  });

  test('are none where no hash table leads to them', () => {
    expect(definition(parsed({ symbols: [{ name: 'f', defined: true }], hash: 'none' }), 'f')).toBe(null);
  });

  test('are sorted by hash, for any names', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z_0-9]{1,12}$/u), { maxLength: 20 });
    fc.assert(
      fc.property(names, (list) => {
        const binary = parsed({ symbols: list.map((name) => ({ name, defined: true })) });
        const hashes = Array.from(binary.symbols.definitions).filter((_, index) => index % 3 === 0);
        expect(hashes).toEqual(hashes.toSorted((a, b) => a - b));
        expect(list.every((name) => definition(binary, name) === 'oldest')).toBe(true);
      }),
    );
  });
});

test('a copy between threads is the same', () => {
  const { symbols } = parsed({
    symbols: [{ name: 'a' }, { name: 'b', defined: true }],
    relocations: [{ symbol: 'a', type: JUMP_SLOT, lazy: true }],
  });
  expect(structuredClone(symbols)).toEqual(symbols);
});
