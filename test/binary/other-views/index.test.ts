import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBinary } from '../../../src/binary/index.js';
import { otherView, type OtherView } from '../../../src/binary/other-views/index.js';
import { openElf, programHeaderTable } from '../../../src/binary/elf/header.js';
import { readSections as readElfSections } from '../../../src/binary/elf/sections.js';
import { PartReader } from '../../../src/binary/door.js';
import { peReader, readHeader } from '../../../src/binary/pe/header.js';
import { listResources } from '../../../src/binary/pe/resources.js';
import { PeImage, readSections as readPeSections } from '../../../src/binary/pe/sections.js';
import type { Binary } from '../../../src/model/binary.js';
import { memoryView } from '../../../src/model/view.js';
import { elf } from '../../support/elf-builder.js';
import { macho } from '../../support/macho-builder.js';
import { pe, type PeParts } from '../../support/pe-builder.js';

type Accepted = Extract<OtherView, { accepted: true }>;

/** Files of the machine, where it has some; they are many, so only the first of each folder. */
const FOLDERS = ['/usr/bin', '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows', '/usr/x86_64-w64-mingw32/lib'];
const FILES_A_FOLDER = 60;
const MAX_FILE_BYTES = 4 << 20;

function filesOfMachine(): readonly Uint8Array[] {
  return FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .slice(0, FILES_A_FOLDER)
      .map((entry) => readFileSync(join(folder, entry.name)))
      .filter((bytes) => bytes.length <= MAX_FILE_BYTES),
  );
}

const BUILT_PE: readonly PeParts[] = [
  {},
  { machine: 'i386', dll: true, exports: [{ name: 'x' }] },
  { machine: 'aarch64', imports: { 'a.dll': ['F'] }, manifest: '<assembly/>' },
];

describe('our reader and the library agree on every file that it accepts', () => {
  const accepted: { readonly bytes: Uint8Array; readonly binary: Binary; readonly view: Accepted }[] = [];

  beforeAll(async () => {
    for (const bytes of [...filesOfMachine(), ...BUILT_PE.map((parts) => pe(parts)), elf(), elf({ bits: 32 })]) {
      const parsed = parseBinary(memoryView(bytes));
      if (parsed?.ok !== true) continue;
      const view = await otherView(parsed.value.format, bytes);
      if (view?.accepted === true) accepted.push({ bytes, binary: parsed.value, view });
    }
  });

  test('elfy: class, byte order, kind, counts and sections', () => {
    const files = accepted.filter(({ view }) => view.library === 'elfy');
    expect(files.length).toBeGreaterThan(0);
    for (const { bytes, binary, view } of files) {
      if (binary.format !== 'elf') throw new Error('elfy was asked for another format');
      const file = openElf(memoryView(bytes));
      const sections = readElfSections(file, new PartReader());
      expect(view.headers).toMatchObject({
        class: String(binary.bits),
        endian: binary.endianness === 'little' ? 'lsb' : 'msb',
        entry: Number(binary.entry),
        phnum: programHeaderTable(file)?.count ?? 0,
        shnum: sections.length,
      });
      const ours = sections.map(({ name, sh_offset, sh_size }) => ({ name, offset: sh_offset, size: sh_size }));
      expect(view.sections.map(({ name, offset, size }) => ({ name, offset, size }))).toEqual(ours);
    }
  });

  test('elfy calls the OS ABI of every file hpux, which is why nothing is decided by it', () => {
    const files = accepted.filter(({ view }) => view.library === 'elfy');
    expect([...new Set(files.map(({ view }) => view.headers['osabi']))]).toEqual(['hpux']);
  });

  test('pe-library: machine, class, subsystem, sections and resources', () => {
    const files = accepted.filter(({ view }) => view.library === 'pe-library');
    expect(files.length).toBeGreaterThanOrEqual(BUILT_PE.length);
    for (const { bytes, binary, view } of files) {
      if (binary.format !== 'pe') throw new Error('pe-library was asked for another format');
      const reader = peReader(memoryView(bytes));
      const header = readHeader(reader);
      const sections = readPeSections(reader, header);
      expect(view.headers).toMatchObject({
        is32bit: binary.bits === 32,
        machine: binary.Machine,
        characteristics: header.Characteristics,
        subsystem: header.Subsystem,
        numberOfSections: sections.length,
      });
      expect(`${view.headers['majorSubsystemVersion']}.${view.headers['minorSubsystemVersion']}`).toBe(
        binary.subsystemVersion,
      );
      const inFile = sections
        .map(({ name, PointerToRawData, SizeOfRawData }) => ({
          name,
          type: null,
          offset: PointerToRawData,
          size: SizeOfRawData,
        }))
        .map((section) => (section.offset === 0 || section.size === 0 ? { ...section, offset: 0, size: 0 } : section));
      const byPlace = (a: { offset: number }, b: { offset: number }): number => a.offset - b.offset;
      expect([...view.sections].sort(byPlace)).toEqual(inFile.sort(byPlace));
      const sizes = listResources(new PeImage(reader, header, sections)).map(({ size }) => size);
      expect((view.resources ?? []).map(({ size }) => size).sort()).toEqual(sizes.sort());
    }
  });
});

describe('where there is no view', () => {
  const reasonOf = (view: OtherView | null): string => (view?.accepted === false ? view.reason : 'accepted');

  test('a file that the library refuses has its reason', async () => {
    expect(await otherView('elf', elf().subarray(0, 64))).toEqual({
      library: 'elfy',
      accepted: false,
      reason: 'Failed to slice chunks',
    });
  });

  test('a PE file with COFF symbols is refused', async () => {
    const bytes = pe();
    new DataView(bytes.buffer).setUint32(0x80 + 4 + 8, 0x600, true);
    new DataView(bytes.buffer).setUint32(0x80 + 4 + 12, 1, true);
    const view = await otherView('pe', bytes);
    expect(reasonOf(view)).toContain('symbols');
  });

  test('a PE file whose sections overlap a hundred times is not given to the library', async () => {
    const bytes = pe();
    const table = 0x80 + 24 + 112 + 128;
    new DataView(bytes.buffer).setUint32(table + 16, bytes.length * 100, true);
    const view = await otherView('pe', bytes);
    expect(reasonOf(view)).toMatch(/^the file cannot be bounded: limit/u);
  });

  test('Mach-O has no library', async () => {
    expect(await otherView('mach-o', macho())).toBeNull();
  });
});
