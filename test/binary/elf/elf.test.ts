import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ElfBinary, Machine } from '../../../src/model/binary.js';
import { elfFormat, parseElf, readDynamicSymbols } from '../../../src/binary/elf/index.js';
import { importedNames } from '../../../src/model/symbols.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, ELF_MACHINES, type ElfOptions } from '../../support/elf-builder.js';

/** A program with everything that the header facts come from. */
const FULL: ElfOptions = {
  interpreter: '/lib64/ld-linux-x86-64.so.2',
  needed: ['libc.so.6', 'libm.so.6'],
  soname: 'libx.so.1',
  rpath: '/opt/lib',
  runpath: '$ORIGIN/../lib',
  dtFlags: 0x10,
  dtFlags1: 0x8,
  versionNeeds: [
    {
      file: 'libc.so.6',
      versions: [
        { name: 'GLIBC_2.2.5', weak: false },
        { name: 'GLIBC_2.34', weak: true },
      ],
    },
    { file: 'libm.so.6', versions: [{ name: 'GLIBC_2.29', weak: false }] },
  ],
  versionDefinitions: [
    { name: 'libx.so.1', base: true, weak: false, parents: [] },
    { name: 'X_1', base: false, weak: false, parents: [] },
    { name: 'X_2', base: false, weak: true, parents: ['X_1'] },
  ],
  abiTag: { os: 'linux', kernel: '3.2.0' },
  buildId: 'deadbeef01',
  loadAlign: 0x10000,
  symbols: [
    { name: 'printf', version: 'GLIBC_2.2.5' },
    { name: 'exp', version: 'GLIBC_2.29', binding: 'weak' },
    { name: 'new', defined: true, version: 'X_2' },
    { name: 'old', defined: true, version: 'X_1', versionHidden: true },
  ],
};

function parsed(options: ElfOptions): ElfBinary {
  const result = parseElf(memoryView(elf(options)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function machineAs(machine: Machine, options: ElfOptions): ElfOptions {
  return { ...options, machine };
}

describe('what is written is read back', () => {
  const machines = Object.keys(ELF_MACHINES).filter((name): name is Machine => name in ELF_MACHINES);

  test.each(machines)('on %s, with and without section headers', (machine) => {
    for (const sections of [true, false]) {
      const binary = parsed(machineAs(machine, { ...FULL, sections }));
      const row = ELF_MACHINES[machine];
      expect(binary).toMatchObject({
        format: 'elf',
        machine,
        bits: row?.bits,
        endianness: row?.endianness,
        e_machine: row?.e_machine,
        kind: 'pie',
        interpreter: FULL.interpreter,
        needed: FULL.needed,
        soname: FULL.soname,
        rpath: FULL.rpath,
        runpath: FULL.runpath,
        dtFlags: 0x10,
        dtFlags1: 0x08000008,
        bindNow: false,
        versionNeeds: FULL.versionNeeds,
        versionDefinitions: FULL.versionDefinitions,
        abiTag: FULL.abiTag,
        buildId: FULL.buildId,
        executableStack: false,
        hasSections: sections,
        gaps: [],
      });
      expect(importedNames(binary)).toEqual(['printf', 'exp']);
      expect(binary.loadSegments.map((segment) => segment.alignBytes)).toEqual([0x10000, 0x10000, 0x10000]);
    }
  });

  const names = fc.stringMatching(/^[a-zA-Z0-9_.+-]{1,40}$/u);
  const version = fc.record({ name: names, weak: fc.boolean() });
  const options = fc.record(
    {
      machine: fc.constantFrom(...machines),
      interpreter: names.map((name) => `/lib/${name}`),
      needed: fc.array(names, { maxLength: 5 }),
      soname: names,
      rpath: names,
      runpath: names,
      abiTag: fc.record({
        os: fc.constantFrom('linux', 'hurd', 'freebsd'),
        kernel: fc.tuple(fc.nat(9), fc.nat(99), fc.nat(999)).map((parts) => parts.join('.')),
      }),
      versionNeeds: fc.array(fc.record({ file: names, versions: fc.array(version, { minLength: 1, maxLength: 4 }) }), {
        maxLength: 3,
      }),
      eFlags: fc.constantFrom(0, 0x5000400),
      osAbi: fc.constantFrom(0, 3, 9),
      sections: fc.boolean(),
      hash: fc.constantFrom('sysv', 'gnu'),
      symbols: fc.array(fc.record({ name: names, defined: fc.boolean() }), { maxLength: 6 }),
    },
    { requiredKeys: ['machine', 'sections', 'needed', 'versionNeeds', 'symbols'] },
  );

  test('for any names, versions, notes and symbols', () => {
    fc.assert(
      fc.property(options, (written) => {
        const binary = parsed(written);
        expect(binary.gaps).toEqual([]);
        expect(binary.needed).toEqual(written.needed);
        expect(binary.interpreter).toEqual(written.interpreter ?? null);
        expect(binary.soname).toEqual(written.soname ?? null);
        expect(binary.rpath).toEqual(written.rpath ?? null);
        expect(binary.runpath).toEqual(written.runpath ?? null);
        expect(binary.abiTag).toEqual(written.abiTag ?? null);
        expect(binary.versionNeeds).toEqual(written.versionNeeds);
        expect(importedNames(binary)).toEqual(
          written.symbols.filter(({ defined }) => !defined).map(({ name }) => name),
        );
      }),
    );
  });
});

describe('hostile bytes', () => {
  const header = fc.constantFrom(elf(FULL), elf({ ...FULL, machine: 's390x', hash: 'sysv' }), elf({}));
  const edits = fc.array(fc.record({ at: fc.nat(4000), byte: fc.nat(255) }), { maxLength: 12 });

  test('never make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1].slice(0, bytes.length));
        expect(parseElf(memoryView(bytes))).toHaveProperty('ok');
      }),
    );
  });

  test('in a file that was whole never make the reader throw', () => {
    fc.assert(
      fc.property(header, edits, (bytes, changes) => {
        const broken = bytes.slice();
        for (const { at, byte } of changes) if (at < broken.length) broken[at] = byte;
        expect(parseElf(memoryView(broken))).toHaveProperty('ok');
        expect(readDynamicSymbols(memoryView(broken))).toHaveProperty('ok');
        expect(elfFormat.retain(broken, 2 ** 30)).not.toBe('whole');
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['the smallest file', { sections: false }],
    ['a program', { ...FULL, sections: false }],
    ['a file with section headers', FULL],
  ])('every proper prefix of %s is an error or has gaps', (_name, options: ElfOptions) => {
    const whole = elf(options);
    for (let length = 0; length < whole.length; length += 1) {
      const result = parseElf(memoryView(whole.subarray(0, length)));
      if (result.ok) expect(result.value.gaps.length, `${length} bytes`).toBeGreaterThan(0);
    }
  });
});

test('the format is recognised by its magic only', () => {
  expect(elfFormat.sniff(elf({}))).toBe(true);
  expect(elfFormat.sniff(Uint8Array.of(0x7f, 0x45, 0x4c))).toBe(false);
  expect(parseElf(memoryView(new TextEncoder().encode('#!/bin/sh\nexit 0\n')))).toEqual({
    ok: false,
    error: { kind: 'bad-value', at: 0, field: 'magic', value: '23 21 2f 62' },
  });
});
