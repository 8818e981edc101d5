import { describe, expect, test } from 'vitest';
import { parseElf } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

function parse(bytes: Uint8Array) {
  const result = parseElf(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Index of the only place of a text in the file. */
function find(bytes: Uint8Array, text: string): number {
  const at = Buffer.from(bytes).indexOf(text, 0, 'latin1');
  expect(at).toBeGreaterThan(0);
  return at;
}

describe('binding now is said', () => {
  test.each<[string, ElfOptions]>([
    ['by DT_BIND_NOW', { bindNowTag: true }],
    ['by DF_BIND_NOW in DT_FLAGS', { dtFlags: 0x8 }],
    ['by DF_1_NOW in DT_FLAGS_1', { dtFlags1: 0x1 }],
  ])('%s', (_name, options) => {
    expect(parse(elf(options)).bindNow).toBe(true);
  });

  test('by no other flag', () => {
    expect(parse(elf({ dtFlags: 0x17, dtFlags1: 0x8 })).bindNow).toBe(false);
  });
});

describe('the interpreter', () => {
  test('ends at the first NUL', () => {
    const bytes = elf({ interpreter: '/lib/ld64.so.1\0junk' });
    expect(parse(bytes)).toMatchObject({ interpreter: '/lib/ld64.so.1', gaps: [] });
  });

  test('without a NUL is a gap', () => {
    const bytes = elf({ interpreter: '/lib/ld.so', rodata: 'x', sections: false });
    bytes[find(bytes, '/lib/ld.so') + '/lib/ld.so'.length] = 0x41;
    const binary = parse(bytes);
    expect(binary.interpreter).toBeNull();
    expect(binary.gaps.map(({ part, error }) => [part, error.kind])).toEqual([['interpreter', 'truncated']]);
  });

  test('longer than PATH_MAX is a gap', () => {
    expect(parse(elf({ interpreter: `/${'x'.repeat(5000)}` })).gaps).toEqual([
      { part: 'interpreter', error: { kind: 'limit', at: 64, field: 'bytes of interpreter', limit: 4096 } },
    ]);
  });
});

describe('names', () => {
  test('are UTF-8, as the kernel and loaders take any bytes', () => {
    expect(parse(elf({ needed: ['libgrün.so'] })).needed).toEqual(['libgrün.so']);
  });

  test('that start behind the string table are a gap, and leave the other facts', () => {
    const bytes = elf({ needed: ['liba.so'], soname: 'libx.so', interpreter: '/lib/ld.so', sections: false });
    const binary = parse(bytes);
    const dynamic = bytes.length - 16 * 9;
    expect(new DataView(bytes.buffer).getBigUint64(dynamic, true)).toBe(1n);
    new DataView(bytes.buffer).setBigUint64(dynamic + 8, 999_999n, true);
    const broken = parse(bytes);
    expect(binary.needed).toEqual(['liba.so']);
    expect(broken).toMatchObject({ needed: [], soname: 'libx.so', interpreter: '/lib/ld.so' });
    expect(broken.gaps).toEqual([
      {
        part: 'dynamic section',
        error: { kind: 'bad-value', at: dynamic, field: 'DT_NEEDED', value: '0xf423f' },
      },
    ]);
  });

  test('of one long text, again and again, stop at a limit', () => {
    // 40 000 needed entries, all with one name of 1 KiB that is in the table once.
    const name = 'x'.repeat(1024);
    const binary = parse(elf({ needed: Array.from({ length: 40_000 }, () => name), sections: false }));
    expect(binary.needed).toEqual([]);
    expect(binary.gaps.map(({ part, error }) => [part, error.kind])).toEqual([['dynamic section', 'limit']]);
  });
});

describe('symbol versions', () => {
  const needs = [{ file: 'libc.so.6', versions: [{ name: 'GLIBC_2.4', weak: false }] }];

  test('whose list leads out of the file are a gap, and leave the other facts', () => {
    const bytes = elf({ needed: ['libc.so.6'], versionNeeds: needs, sections: false });
    const entry = Buffer.from(bytes).indexOf(Buffer.from([1, 0, 1, 0]));
    // vn_aux.
    new DataView(bytes.buffer).setUint32(entry + 8, 0x7fffffff, true);
    const binary = parse(bytes);
    expect(binary).toMatchObject({ needed: ['libc.so.6'], versionNeeds: [] });
    expect(binary.gaps.map(({ part, error }) => [part, error.kind])).toEqual([['version needs', 'truncated']]);
  });

  test('whose list leads back end at the count of the dynamic section', () => {
    const bytes = elf({ needed: ['libc.so.6'], versionNeeds: needs, sections: false });
    const entry = Buffer.from(bytes).indexOf(Buffer.from([1, 0, 1, 0]));
    // vn_next: over 2^32 back to itself would need a sum; 0 ends the list whatever the count.
    new DataView(bytes.buffer).setUint32(entry + 12, 16, true);
    expect(parse(bytes).versionNeeds).toHaveLength(1);
  });
});
