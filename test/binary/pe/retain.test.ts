import { describe, expect, test } from 'vitest';
import { parsePe, peFormat, stringSections } from '../../../src/binary/pe/index.js';
import type { ByteRange } from '../../../src/model/collector.js';
import { memoryView, NotRetained, type FileView } from '../../../src/model/view.js';
import { dosProgram, pe, type PeParts } from '../../support/pe-builder.js';

const MIB = 2 ** 20;
const PARTS: PeParts = {
  imports: { 'a.dll': ['F', 3] },
  exports: [{ name: 'x' }],
  manifest: '<supportedOS Id="{one}"/>',
  clr: { modules: ['libc'] },
};

/** A view of a file of which only some ranges were kept. */
function keptView(bytes: Uint8Array, ranges: readonly ByteRange[]): FileView {
  return {
    size: bytes.length,
    read: (at, length) => {
      const to = Math.min(at + length, bytes.length);
      if (!ranges.some((range) => range.from <= at && to <= range.to)) throw new NotRetained(at, length);
      return bytes.subarray(at, to);
    },
  };
}

describe('what is kept of a file in a stream', () => {
  test('a file of 32 MiB is kept whole', () => {
    expect(peFormat.retain(pe(), 32 * MIB)).toBe('whole');
  });

  test('a larger file reads the same from what is kept', () => {
    const bytes = new Uint8Array(33 * MIB);
    bytes.set(pe(PARTS));
    const kept = peFormat.retain(bytes.subarray(0, 4096), bytes.length);
    if (kept === 'whole') throw new Error('the file is too large to be kept whole');
    expect(kept.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(MIB);
    expect(parsePe(keptView(bytes, kept))).toEqual(parsePe(memoryView(bytes)));
  });

  test('sections of more than the limit are cut', () => {
    const bytes = pe(PARTS);
    const table = 0x80 + 24 + 112 + 128;
    new DataView(bytes.buffer).setUint32(table + 40 + 16, 0x7fffffff, true);
    const kept = peFormat.retain(bytes, 2 ** 31);
    if (kept === 'whole') throw new Error('the file is too large to be kept whole');
    expect(kept.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThanOrEqual(48 * MIB);
  });

  test('of what is no PE file only the start is kept', () => {
    expect(peFormat.retain(dosProgram(), 40 * MIB)).toEqual([{ from: 0, to: 8 * MIB }]);
  });

  test('a part that was not kept is a gap that says so', () => {
    const bytes = pe(PARTS);
    const parsed = parsePe(keptView(bytes, [{ from: 0, to: 0x400 }]));
    expect(parsed).toMatchObject({ ok: true, value: { machine: 'x86_64', imports: [] } });
    const errors = parsed.ok ? parsed.value.gaps.map(({ error }) => error.kind) : [];
    expect(new Set(errors)).toEqual(new Set(['not-retained']));
  });
});

describe('where texts are', () => {
  test('in sections without code', () => {
    const bytes = pe({ data: new TextEncoder().encode('/proc/self') });
    const sections = stringSections(memoryView(bytes));
    expect(sections).toEqual({ ok: true, value: [{ from: 0x600, to: 0x800 }] });
  });

  test('and in the literals of an assembly whose section is code', () => {
    const bytes = pe({ clr: { literals: ['/var/run/docker.sock'] } });
    const table = 0x80 + 24 + 112 + 128;
    new DataView(bytes.buffer).setUint32(table + 40 + 36, 0x60000020, true);
    const sections = stringSections(memoryView(bytes));
    const [range] = sections.ok ? sections.value : [];
    expect(Buffer.from(bytes.subarray(range?.from, range?.to)).includes('/var/run/docker.sock', 0, 'utf16le')).toBe(
      true,
    );
    expect((range?.to ?? 0) - (range?.from ?? 0)).toBeLessThan(64);
  });
});
