import { describe, expect, test } from 'vitest';
import { parseElf } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

function parse(bytes: Uint8Array) {
  const result = parseElf(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const PT_NOTE = 4;
const PT_GNU_PROPERTY = 0x6474e553;
const PT_NULL = 0;

/** Turns program headers of a type into PT_NULL, in a little-endian ELF64 file. */
function without(bytes: Uint8Array, type: number): Uint8Array {
  const copy = bytes.slice();
  const fields = new DataView(copy.buffer);
  for (let index = 0; index < fields.getUint16(56, true); index += 1) {
    const at = 64 + 56 * index;
    if (fields.getUint32(at, true) === type) fields.setUint32(at, PT_NULL, true);
  }
  return copy;
}

describe('the x86 level', () => {
  test.each([1, 2, 3, 4] as const)('%i needed is the highest bit of the property', (level) => {
    expect(parse(elf({ x86IsaNeeded: level }))).toMatchObject({ x86IsaNeeded: level, x86IsaUsed: null });
  });

  test('that is used does not count as needed', () => {
    expect(parse(elf({ x86IsaUsed: 4 }))).toMatchObject({ x86IsaNeeded: null, x86IsaUsed: 4 });
  });

  test.each<[string, ElfOptions]>([
    ['of i386, padded to 4 bytes', { machine: 'i386' }],
    ['of x32, padded to 4 bytes', { eMachine: 62, bits: 32 }],
    ['of x86-64, padded to 8 bytes', {}],
  ])('is read from notes %s', (_name, options) => {
    const binary = parse(elf({ ...options, x86IsaNeeded: 2, x86IsaUsed: 3 }));
    expect(binary).toMatchObject({ x86IsaNeeded: 2, x86IsaUsed: 3, gaps: [] });
  });

  test('is read from PT_GNU_PROPERTY where there is no PT_NOTE', () => {
    const bytes = elf({ x86IsaNeeded: 3, sections: false });
    expect(parse(without(bytes, PT_NOTE)).x86IsaNeeded).toBe(3);
    expect(parse(without(without(bytes, PT_NOTE), PT_GNU_PROPERTY)).x86IsaNeeded).toBeNull();
  });
});

test('a build ID that no PT_NOTE covers is found by its section, as Go links it', () => {
  const bytes = elf({ buildId: '0123456789abcdef' });
  expect(parse(without(bytes, PT_NOTE)).buildId).toBe('0123456789abcdef');
});

test('objects have their notes in sections', () => {
  expect(parse(elf({ kind: 'relocatable', x86IsaNeeded: 2 }))).toMatchObject({ x86IsaNeeded: 2, gaps: [] });
});

test.each(['linux', 'hurd', 'solaris', 'freebsd', 'netbsd'])('the ABI tag names %s', (os) => {
  expect(parse(elf({ abiTag: { os, kernel: '4.15.0' } })).abiTag).toEqual({ os, kernel: '4.15.0' });
});

test('a note that is longer than its segment is a gap, and leaves the notes before it', () => {
  const bytes = elf({ abiTag: { os: 'linux', kernel: '3.2.0' }, buildId: 'aabbccdd', sections: false });
  const buildId = Buffer.from(bytes).indexOf(Buffer.from([0xaa, 0xbb, 0xcc, 0xdd])) - 16;
  new DataView(bytes.buffer).setUint32(buildId + 4, 500, true);
  const binary = parse(bytes);
  expect(binary).toMatchObject({ abiTag: { os: 'linux', kernel: '3.2.0' }, buildId: null });
  expect(binary.gaps).toEqual([
    { part: 'notes', error: { kind: 'truncated', at: buildId, needed: 516, available: 20 } },
  ]);
});
