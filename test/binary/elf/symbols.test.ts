import { describe, expect, test } from 'vitest';
import { parseElf, readDynamicSymbols } from '../../../src/binary/elf/index.js';
import { NO_SYMBOLS } from '../../../src/model/symbols.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

function symbols(options: ElfOptions) {
  const result = readDynamicSymbols(memoryView(elf(options)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const VERSIONED: ElfOptions = {
  versionNeeds: [{ file: 'libc.so.6', versions: [{ name: 'GLIBC_2.34', weak: false }] }],
  versionDefinitions: [
    { name: 'libx.so.1', base: true, weak: false, parents: [] },
    { name: 'X_1', base: false, weak: false, parents: [] },
  ],
  symbols: [
    { name: 'open', version: 'GLIBC_2.34' },
    { name: 'plain' },
    { name: 'environ', defined: true, version: 'GLIBC_2.34', type: 'object' },
    { name: 'new', defined: true, version: 'X_1' },
    { name: 'old', defined: true, version: 'X_1', versionHidden: true, binding: 'weak', visibility: 'protected' },
    { name: 'bare', defined: true, type: 'ifunc', binding: 'unique' },
  ],
};

describe('dynamic symbols', () => {
  test('have binding, type, visibility and version', () => {
    const common = { binding: 'global', type: 'function', visibility: 'default', versionHidden: false };
    expect(symbols(VERSIONED)).toEqual([
      { ...common, name: 'open', defined: false, version: 'GLIBC_2.34' },
      { ...common, name: 'plain', defined: false, version: null },
      { ...common, name: 'environ', defined: true, version: 'GLIBC_2.34', type: 'object' },
      { ...common, name: 'new', defined: true, version: 'X_1' },
      {
        ...common,
        name: 'old',
        defined: true,
        version: 'X_1',
        versionHidden: true,
        binding: 'weak',
        visibility: 'protected',
      },
      { ...common, name: 'bare', defined: true, version: null, type: 'ifunc', binding: 'unique' },
    ]);
  });

  const names = ['open', 'plain', 'environ', 'new', 'old', 'bare'];

  test.each<[string, ElfOptions]>([
    ['DT_HASH', { hash: 'sysv' }],
    ['DT_HASH with entries of eight bytes on s390x', { hash: 'sysv', machine: 's390x' }],
    ['DT_HASH with entries of eight bytes on Alpha', { hash: 'sysv', machine: 'alpha' }],
    ['DT_HASH with entries of four bytes on 31-bit s390', { hash: 'sysv', machine: 's390' }],
    ['the last chain of DT_GNU_HASH', { hash: 'gnu' }],
    ['the table behind them where there is no hash', { hash: 'none' }],
  ])('without section headers are counted by %s', (_name, options) => {
    expect(symbols({ ...VERSIONED, ...options, sections: false }).map(({ name }) => name)).toEqual(names);
  });

  test('of a file that exports nothing are counted by the table behind them', () => {
    const imports = { symbols: [{ name: 'open' }, { name: 'close' }], sections: false };
    expect(symbols({ ...imports, hash: 'gnu' }).map(({ name }) => name)).toEqual(['open', 'close']);
  });

  test('of a file that exports nothing are counted by their section where there is one', () => {
    expect(symbols({ symbols: [{ name: 'open' }], hash: 'gnu' }).map(({ name }) => name)).toEqual(['open']);
  });

  test('are none in a static program', () => {
    expect(symbols({ kind: 'executable' })).toEqual([]);
  });

  test('that a hash table counts beyond the limit are an error, and a gap of the file', () => {
    const bytes = elf({ hash: 'sysv', symbols: [{ name: 'open' }], sections: false });
    // nbucket 1, nchain 2, bucket 1.
    const hash = Buffer.from(bytes).indexOf(Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0]));
    new DataView(bytes.buffer).setUint32(hash + 4, 0xffffffff, true);
    const error = { kind: 'limit', at: hash, field: 'dynamic symbols', limit: 2 ** 21 };
    expect(readDynamicSymbols(memoryView(bytes))).toEqual({ ok: false, error });
    const parsed = parseElf(memoryView(bytes));
    expect(parsed).toMatchObject({ ok: true, value: { symbols: NO_SYMBOLS, gaps: [{ part: 'symbols', error }] } });
  });

  test('of a file whose program headers are broken are an error, not an empty list', () => {
    const bytes = elf(VERSIONED);
    bytes[54] = 1;
    expect(readDynamicSymbols(memoryView(bytes))).toMatchObject({ ok: false, error: { field: 'e_phentsize' } });
  });
});
