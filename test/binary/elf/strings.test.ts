import { describe, expect, test } from 'vitest';
import { stringSections } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf } from '../../support/elf-builder.js';

/** The text in each section that is to be scanned. */
function texts(bytes: Uint8Array): readonly (readonly [string, string])[] {
  return stringSections(memoryView(bytes)).map(({ name, range }) => [
    name,
    Buffer.from(bytes.subarray(range.from, range.to)).toString('latin1'),
  ]);
}

const OPTIONS = { needed: ['libc.so.6'], rodata: '/proc/self/exe', data: '/dev/kvm' };

describe('strings are looked for', () => {
  test('in .rodata and .data, not in .dynstr', () => {
    expect(texts(elf(OPTIONS))).toEqual([
      ['.rodata', '/proc/self/exe'],
      ['.data', '/dev/kvm'],
    ]);
  });

  test('in the segments that are not executable where there are no sections', () => {
    const found = texts(elf({ ...OPTIONS, sections: false }));
    expect(found.map(([name]) => name)).toEqual(['segment 0', 'segment 2']);
    expect(found[0]?.[1]).toContain('/proc/self/exe');
    expect(found[1]?.[1]).toContain('/dev/kvm');
  });

  test('in code too where the linker put read-only data into its segment', () => {
    const bytes = elf({ ...OPTIONS, sections: false });
    // p_flags of the first PT_LOAD: R becomes R E.
    bytes[64 + 4] = 5;
    expect(texts(bytes).map(([name]) => name)).toEqual(['segment 0', 'segment 1', 'segment 2']);
  });

  test('nowhere in what is no ELF file', () => {
    expect(stringSections(memoryView(new Uint8Array(100)))).toEqual([]);
  });

  test('within the file, however long sections say they are', () => {
    const bytes = elf(OPTIONS);
    const cut = bytes.subarray(0, bytes.length - 1);
    for (const { range } of stringSections(memoryView(cut))) expect(range.to).toBeLessThanOrEqual(cut.length);
    expect(stringSections(memoryView(cut)).length).toBeGreaterThan(0);
  });
});
