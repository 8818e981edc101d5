import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePe, peFormat } from '../../../src/binary/pe/index.js';
import type { PeBinary } from '../../../src/model/binary.js';
import { memoryView } from '../../../src/model/view.js';
import { dosProgram, pe, type PeParts } from '../../support/pe-builder.js';

function parse(bytes: Uint8Array): PeBinary {
  const result = parsePe(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const build = (parts: PeParts = {}): PeBinary => parse(pe(parts));

/** The file with one little-endian word at an offset replaced. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

describe('headers', () => {
  test.each([
    ['i386', 'i386', 32],
    ['x86_64', 'x86_64', 64],
    ['aarch64', 'aarch64', 64],
    ['arm', 'arm', 32],
    ['arm64ec', 'aarch64', 64],
    [0x5064, 'riscv64', 64],
    [0x1234, 'other-4660', 64],
  ] as const)('machine %s is %s of %i bits', (machine, expected, bits) => {
    expect(build({ machine })).toMatchObject({ machine: expected, bits, endianness: 'little', gaps: [] });
  });

  test('an assembly with code for Linux has the machine under the mark of the system', () => {
    expect(build({ machine: 0x8664 ^ 0x7b79 })).toMatchObject({ machine: 'x86_64', Machine: 0xfd1d });
  });

  test('versions and subsystem are read where they stand', () => {
    const binary = build({ subsystem: 2, subsystemVersion: [10, 0], osVersion: [6, 3] });
    expect(binary).toMatchObject({
      subsystem: 'windows-gui',
      subsystemVersion: '10.0',
      osVersion: '6.3',
      isUefi: false,
    });
  });

  test('a subsystem without a name is told by its number', () => {
    expect(build({ subsystem: 99 }).subsystem).toBe('other-99');
  });

  test.each<[PeBinary['kind'], PeParts]>([
    ['executable', {}],
    ['dll', { dll: true }],
    ['efi', { subsystem: 10 }],
    ['object', { characteristics: 0x20 }],
    ['driver', { subsystem: 1, imports: { 'ntoskrnl.exe': ['IoCreateDevice'] } }],
    ['driver', { subsystem: 1, dll: true, imports: { 'HAL.dll': ['KeGetCurrentIrql'] } }],
    ['driver', { subsystem: 1, dllCharacteristics: 0x2000 }],
    ['executable', { subsystem: 1, imports: { 'ntdll.dll': ['NtTerminateProcess'] } }],
  ])('is %s for %o', (kind, parts) => {
    expect(build(parts).kind).toBe(kind);
  });

  test('a program of DOS is an error at its e_lfanew', () => {
    const result = parsePe(memoryView(dosProgram()));
    expect(result).toMatchObject({ ok: false, error: { kind: 'bad-value', field: 'Signature' } });
  });

  test('e_lfanew behind the end of the file is an error', () => {
    const result = parsePe(memoryView(patched(pe(), 60, 0x7fffffff)));
    expect(result).toEqual({ ok: false, error: { kind: 'bad-value', at: 60, field: 'e_lfanew', value: '0x7fffffff' } });
  });
});

describe('imports', () => {
  const imports = { 'KERNEL32.dll': ['CreateFileW', 'ExitProcess'], 'ws2_32.dll': [115, 'freeaddrinfo'] };

  test.each(['i386', 'x86_64'] as const)('names and ordinals of %s come in the order of the file', (machine) => {
    expect(build({ machine, imports }).imports).toEqual([
      { dll: 'KERNEL32.dll', delayLoaded: false, names: ['CreateFileW', 'ExitProcess'] },
      { dll: 'ws2_32.dll', delayLoaded: false, names: ['#115', 'freeaddrinfo'] },
    ]);
  });

  test.each([
    ['i386', false],
    ['i386', true],
    ['x86_64', false],
  ] as const)('delay imports of %s are marked (virtual addresses: %s)', (machine, oldDelayImports) => {
    const binary = build({ machine, delayImports: { 'ole32.dll': ['CoInitialize', 7] }, oldDelayImports });
    expect(binary.imports).toEqual([{ dll: 'ole32.dll', delayLoaded: true, names: ['CoInitialize', '#7'] }]);
    expect(binary.gaps).toEqual([]);
  });

  test('more names than one read of the table holds are all there', () => {
    const names = Array.from({ length: 1500 }, (_, index) => `Function${String(index)}`);
    expect(build({ imports: { 'a.dll': names } }).imports[0]?.names).toEqual(names);
  });

  test('a lookup table that is not there is replaced by the address table', () => {
    const bytes = patched(pe({ imports: { 'a.dll': ['F'] } }), 0x600, 0);
    expect(parse(bytes)).toMatchObject({ imports: [{ dll: 'a.dll', names: ['F'] }], gaps: [] });
  });

  test('a DLL whose names cannot be read is still told', () => {
    const bytes = patched(pe({ imports: { 'a.dll': ['F'], 'b.dll': ['G'] } }), 0x600, 0xffff0000);
    const binary = parse(bytes);
    expect(binary.imports).toEqual([
      { dll: 'a.dll', delayLoaded: false, names: [] },
      { dll: 'b.dll', delayLoaded: false, names: ['G'] },
    ]);
    expect(binary.gaps).toMatchObject([{ part: 'import directory', error: { kind: 'bad-value' } }]);
  });

  test('an import directory outside of every section is a gap, and the rest is read', () => {
    const bytes = pe({ imports: { 'a.dll': ['F'] }, exports: [{ name: 'x' }] });
    const binary = parse(patched(bytes, 0x80 + 24 + 112 + 8, 0x00f00000));
    expect(binary.imports).toEqual([]);
    expect(binary.exports).toHaveLength(1);
    expect(binary.gaps).toMatchObject([{ part: 'import directory', error: { kind: 'bad-value' } }]);
  });
});

describe('exports', () => {
  test('names, ordinals and forwarders', () => {
    const binary = build({
      dll: true,
      exportName: 'mine.dll',
      exports: [
        { name: 'Zed', ordinal: 5 },
        { name: 'Alias', ordinal: 7, forwarder: 'OTHER.Function' },
        { ordinal: 9, forwarder: 'OTHER.#12' },
      ],
    });
    expect(binary.exportName).toBe('mine.dll');
    expect(binary.exports).toEqual([
      { name: 'Zed', ordinal: 5, forwarder: null },
      { name: 'Alias', ordinal: 7, forwarder: 'OTHER.Function' },
      { name: null, ordinal: 9, forwarder: 'OTHER.#12' },
    ]);
  });

  test('a count above the limit is a gap', () => {
    const bytes = patched(pe({ exports: [{ name: 'x' }] }), 0x600 + 20, 0x7fffffff);
    expect(parse(bytes)).toMatchObject({
      exports: [],
      gaps: [{ part: 'export directory', error: { kind: 'limit', field: 'exports', limit: 65536 } }],
    });
  });
});

describe('hybrid images', () => {
  test('x86_64 with CHPE metadata is ARM64EC and needs Arm', () => {
    expect(build({ hybrid: true })).toMatchObject({ machine: 'aarch64', Machine: 0x8664, hybrid: 'arm64ec' });
  });

  test('aarch64 with CHPE metadata is ARM64X', () => {
    expect(build({ machine: 'aarch64', hybrid: true })).toMatchObject({ machine: 'aarch64', hybrid: 'arm64x' });
  });

  test('i386 with CHPE metadata is i386', () => {
    expect(build({ machine: 'i386', hybrid: true })).toMatchObject({ machine: 'i386', hybrid: null });
  });

  test('a load configuration too short for the field has none', () => {
    expect(parse(patched(pe({ hybrid: true }), 0x600, 112))).toMatchObject({ machine: 'x86_64', hybrid: null });
  });
});

test('every prefix of a file is an error, or has a gap, or lost only padding', () => {
  const bytes = pe({ imports: { 'a.dll': ['F'] }, exports: [{ name: 'x' }], manifest: '<assembly/>' });
  const whole = parse(bytes);
  for (let length = 0; length < bytes.length; length += 1) {
    const result = parsePe(memoryView(bytes.subarray(0, length)));
    if (result.ok && result.value.gaps.length === 0) expect(result.value).toEqual(whole);
  }
  expect(parsePe(memoryView(bytes.subarray(0, 0x200))).ok).toBe(true);
});

test('changed bytes never throw', () => {
  const seed = pe({
    machine: 'i386',
    imports: { 'a.dll': ['F', 3] },
    delayImports: { 'b.dll': ['G'] },
    exports: [{ name: 'x', forwarder: 'A.B' }],
    manifest: '<assembly/>',
    clr: { modules: ['libc'], targetFramework: '.NETCoreApp,Version=v8.0' },
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = seed.slice();
      for (const [at, value] of changes) bytes[at] = value;
      expect(parsePe(memoryView(bytes))).toHaveProperty('ok');
    }),
    { numRuns: 300 },
  );
});

describe('what claims to be PE', () => {
  test('MZ with a header of zeros and numbers', () => {
    expect(peFormat.sniff(pe())).toBe(true);
  });

  test('not a text that begins with MZ', () => {
    expect(
      peFormat.sniff(new TextEncoder().encode('MZ is a city code, and this is a line of text about it, not code')),
    ).toBe(false);
  });
});
