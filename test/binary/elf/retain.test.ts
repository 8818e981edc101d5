import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FileView } from '../../../src/model/view.js';
import { elfFormat, parseElf, readDynamicSymbols, stringSections } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';
import { retainedView } from '../../support/retained-view.js';

const MIB = 2 ** 20;

/** A program with every fact, and 50 MiB of code. */
const LARGE: ElfOptions = {
  interpreter: '/lib/ld-linux-armhf.so.3',
  machine: 'arm',
  needed: ['libc.so.6'],
  runpath: '$ORIGIN',
  versionNeeds: [{ file: 'libc.so.6', versions: [{ name: 'GLIBC_2.34', weak: false }] }],
  abiTag: { os: 'linux', kernel: '3.2.0' },
  buildId: 'deadbeef',
  symbols: [{ name: 'open', version: 'GLIBC_2.34' }],
  arm: { cpuArch: 10, vfpArgs: 1 },
  comment: 'rustc version 1.75.0 (82e1608df 2023-12-21)',
  go: { version: 'go1.21.4', modinfo: 'mod\texample.org/x\tv1\n' },
  rodata: '/proc/self/exe',
  textBytes: 50 * MIB,
};

function keptOf(view: FileView) {
  const head = new Uint8Array(view.read(0, 4096));
  const ranges = elfFormat.retain(head, view.size);
  if (ranges === 'whole') throw new Error('the file is small');
  return { ranges, bytes: ranges.reduce((sum, { from, to }) => sum + to - from, 0) };
}

describe('of a file in a stream', () => {
  test('up to 8 MiB everything is kept', () => {
    expect(elfFormat.retain(elf({}), 8 * MIB)).toBe('whole');
    expect(elfFormat.retain(elf({}), 8 * MIB + 1)).not.toBe('whole');
  });

  test.each([true, false])('what is kept gives the same facts, section headers: %s', (sections) => {
    const whole = memoryView(elf({ ...LARGE, sections }));
    const { ranges, bytes } = keptOf(whole);
    const kept = retainedView(whole, ranges);
    expect(bytes).toBeLessThan(28 * MIB);
    expect(parseElf(kept)).toEqual(parseElf(whole));
    expect(parseElf(kept)).toMatchObject({ ok: true, value: { gaps: [], go: { version: 'go1.21.4' } } });
    expect(readDynamicSymbols(kept)).toEqual(readDynamicSymbols(whole));
    expect(stringSections(kept)).toEqual(stringSections(whole));
  });

  test('ranges are sorted, apart, and inside the file', () => {
    const whole = memoryView(elf(LARGE));
    const { ranges } = keptOf(whole);
    let end = -1;
    for (const { from, to } of ranges) {
      expect(from).toBeGreaterThan(end);
      expect(to).toBeGreaterThan(from);
      end = to;
    }
    expect(end).toBeLessThanOrEqual(whole.size);
  });

  test('of 10 GiB with segments as large at most 40 MiB are kept', () => {
    const bytes = elf({ ...LARGE, textBytes: 0, machine: 'x86_64' });
    const fields = new DataView(bytes.buffer);
    for (let index = 0; index < fields.getUint16(56, true); index += 1) {
      const at = 64 + 56 * index;
      fields.setBigUint64(at + 8, BigInt(index * 2 ** 30), true);
      fields.setBigUint64(at + 32, BigInt(2 ** 30), true);
    }
    const ranges = elfFormat.retain(bytes.subarray(0, 4096), 10 * 2 ** 30);
    const kept = ranges === 'whole' ? Infinity : ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(46 * MIB);
  });

  test('what is not kept is a gap', () => {
    const whole = memoryView(elf({ ...LARGE, textBytes: 0 }));
    const result = parseElf(retainedView(whole, [{ from: 0, to: 512 }]));
    const gaps = result.ok ? result.value.gaps : [];
    expect(new Set(gaps.map(({ error }) => error.kind))).toEqual(new Set(['not-retained']));
    expect(gaps.map(({ part }) => part)).toEqual(['section headers', 'dynamic section', 'go build information']);
  });
});

/** Large files of a Debian machine, linked by GNU ld, lld and Go. */
const REAL = [
  process.execPath,
  '/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1',
  '/usr/lib/x86_64-linux-gnu/libLLVM-15.so.1',
  '/usr/lib/chromium/chromium',
  '/usr/local/bin/docker',
  '/usr/bin/skopeo',
];

describe('of real files the facts are the same with what is kept', () => {
  test.for(REAL)('%s', (path, { skip }) => {
    skip(!existsSync(path), 'it is not on this machine');
    const file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const whole: FileView = {
      size,
      read: (at, length) => {
        const bytes = Buffer.alloc(Math.min(length, size - at));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
      },
    };
    const head = new Uint8Array(whole.read(0, 4096));
    const ranges = elfFormat.retain(head, size);
    skip(!elfFormat.sniff(head) || ranges === 'whole', 'it is no large ELF file');
    if (ranges === 'whole') return;
    const kept = retainedView(whole, ranges);
    expect(ranges.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(46 * MIB);
    expect(parseElf(kept)).toEqual(parseElf(whole));
    expect(readDynamicSymbols(kept)).toEqual(readDynamicSymbols(whole));
    closeSync(file);
  });
});
