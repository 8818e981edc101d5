import { describe, expect, test } from 'vitest';
import { parseElf } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

function parse(bytes: Uint8Array) {
  const result = parseElf(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function withByte(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
}

describe('the ELF header', () => {
  test.each<[string, number, number, string]>([
    ['EI_CLASS', 4, 3, '0x3'],
    ['EI_DATA', 5, 0, '0x0'],
  ])('with an unknown %s cannot be read', (field, at, value, text) => {
    expect(parseElf(memoryView(withByte(elf({}), at, value)))).toEqual({
      ok: false,
      error: { kind: 'bad-value', at, field, value: text },
    });
  });

  test('that is cut off says where and how much is missing', () => {
    expect(parseElf(memoryView(elf({}).subarray(0, 40)))).toEqual({
      ok: false,
      error: { kind: 'truncated', at: 62, needed: 2, available: 0 },
    });
  });

  test.each<[string, ElfOptions, string]>([
    ['x32 as x86_64 with 32 bits', { eMachine: 62, bits: 32 }, 'x86_64'],
    ['n32 as mips64', { eMachine: 8, bits: 32, endianness: 'big', eFlags: 0x20 }, 'mips64'],
    ['SPARC32PLUS as sparc', { eMachine: 18, bits: 32, endianness: 'big' }, 'sparc'],
    ['loongarch of class 32 by its number', { eMachine: 258, bits: 32 }, 'other-258'],
    ['an unknown machine by its number', { eMachine: 12345 }, 'other-12345'],
  ])('names %s', (_name, options, machine) => {
    expect(parse(elf(options)).machine).toBe(machine);
  });

  test.each([
    [0, 'sysv'],
    [3, 'gnu'],
    [9, 'freebsd'],
    [200, 'other-200'],
  ])('names OS ABI %i %s', (osAbi, name) => {
    expect(parse(elf({ osAbi, abiVersion: 1 }))).toMatchObject({ osAbi: name, abiVersion: 1 });
  });

  test('with another size of program headers has none, and says so', () => {
    const binary = parse(withByte(elf({ needed: ['liba.so'] }), 54, 32));
    expect(binary.loadSegments).toEqual([]);
    expect(binary.gaps).toContainEqual({
      part: 'program headers',
      error: { kind: 'bad-value', at: 54, field: 'e_phentsize', value: '0x20' },
    });
  });

  test('takes the count of program headers from section header 0 where it does not fit (PN_XNUM)', () => {
    const bytes = elf({ needed: ['liba.so'] });
    const fields = new DataView(bytes.buffer);
    const count = fields.getUint16(56, true);
    fields.setUint16(56, 0xffff, true);
    fields.setUint32(Number(fields.getBigUint64(40, true)) + 44, count, true);
    expect(parse(bytes)).toMatchObject({ needed: ['liba.so'], gaps: [] });
  });

  test('takes count and name index of sections from section header 0 where they do not fit', () => {
    const bytes = elf({ comment: 'rustc version 1.75.0 (82e1608df 2023-12-21)' });
    const fields = new DataView(bytes.buffer);
    const first = Number(fields.getBigUint64(40, true));
    fields.setBigUint64(first + 32, BigInt(fields.getUint16(60, true)), true);
    fields.setUint32(first + 40, fields.getUint16(62, true), true);
    fields.setUint16(60, 0, true);
    fields.setUint16(62, 0xffff, true);
    expect(parse(bytes)).toMatchObject({ rust: { version: '1.75.0' }, gaps: [] });
  });
});

describe('the kind', () => {
  test.each<[string, ElfOptions, string]>([
    ['a program at fixed addresses is executable', { kind: 'executable' }, 'executable'],
    ['DF_1_PIE with an interpreter is pie', { kind: 'pie', interpreter: '/lib/ld.so' }, 'pie'],
    ['DF_1_PIE without an interpreter is static-pie', { kind: 'static-pie' }, 'static-pie'],
    [
      'an interpreter without DF_1_PIE is pie',
      { kind: 'shared-object', interpreter: '/lib/ld.so', needed: ['c'] },
      'pie',
    ],
    [
      'a soname makes a library of a file with an interpreter, as libc.so.6 is',
      { kind: 'shared-object', interpreter: '/lib/ld.so', soname: 'libc.so.6', entry: 0x1000n },
      'shared-object',
    ],
    ['needed libraries alone are a library', { needed: ['libc.so.6'] }, 'shared-object'],
    ['an entry without dynamic section is static-pie, as UPX makes it', { entry: 0x1000n }, 'static-pie'],
    ['an object is relocatable', { kind: 'relocatable' }, 'relocatable'],
    ['a dump is core', { kind: 'core' }, 'core'],
    ['another e_type is other', { kind: 'other' }, 'other'],
  ])('%s', (_name, options, kind) => {
    expect(parse(elf(options)).kind).toBe(kind);
  });
});

describe('segments', () => {
  test('are given with flags, sizes and alignment', () => {
    const [first, second, third] = parse(elf({ loadAlign: 0x4000, textBytes: 100 })).loadSegments;
    expect(first).toMatchObject({ offset: 0, vaddr: 0n, readable: true, writable: false, executable: false });
    expect(second).toMatchObject({ memorySize: second?.fileSize, alignBytes: 0x4000, executable: true });
    expect(third).toBeUndefined();
  });

  test.each<[boolean | null]>([[true], [false], [null]])(
    'say whether the stack is executable: %s',
    (executableStack) => {
      expect(parse(elf({ executableStack })).executableStack).toBe(executableStack);
    },
  );

  test('beyond the end of the file are a gap', () => {
    const bytes = elf({ sections: false, textBytes: 1000 });
    const binary = parse(bytes.subarray(0, bytes.length - 1));
    const text = binary.loadSegments[1];
    expect(binary.gaps).toEqual([
      {
        part: 'segments',
        error: {
          kind: 'truncated',
          at: text?.offset,
          needed: text?.fileSize,
          available: (text?.fileSize ?? 0) - 1,
        },
      },
    ]);
  });

  test('with an offset that no file has are left out, the others kept', () => {
    const bytes = elf({ needed: ['liba.so'], sections: false });
    // p_offset of the second program header.
    bytes.fill(0xff, 64 + 56 + 8, 64 + 56 + 16);
    const binary = parse(bytes);
    expect(binary.needed).toEqual(['liba.so']);
    expect(binary.gaps).toEqual([
      {
        part: 'program headers',
        error: { kind: 'bad-value', at: 64 + 56 + 8, field: 'p_offset', value: '0xffffffffffffffff' },
      },
    ]);
  });
});
