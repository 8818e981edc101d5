import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DynamicSymbol, ElfBinary, LoadSegment } from '../../src/model/binary.js';
import { parseElf, readDynamicSymbols } from '../../src/binary/elf/index.js';
import { importedNames } from '../../src/model/symbols.js';
import { elfFilesBelow, withFile } from './elf.files.js';
import { readelf, type ReadelfFacts } from './elf.readelf.js';

/**
 * Every fact of the header, the program headers, the dynamic section, versions, notes and dynamic symbols equals what
 * readelf prints, over every ELF file below /usr and below the folders of XOSCHECK_CORPUS (separated by colons).
 */
const FOLDERS = ['/usr', ...(process.env['XOSCHECK_CORPUS'] ?? '').split(':')].filter((folder) => existsSync(folder));
const BATCH = 50;
const TEN_MINUTES = 600_000;

const MACHINES: Readonly<Record<string, string>> = {
  'Advanced Micro Devices X86-64': 'x86_64',
  'Intel 80386': 'i386',
  AArch64: 'aarch64',
  ARM: 'arm',
  'RISC-V': 'riscv',
  'IBM S/390': 's390',
  PowerPC64: 'ppc64',
  PowerPC: 'ppc',
  'MIPS R3000': 'mips',
  LoongArch: 'loongarch64',
  'Sparc v9': 'sparc64',
  Sparc: 'sparc',
  'Sparc v8+': 'sparc',
  'Intel IA-64': 'ia64',
  MC68000: 'm68k',
  Alpha: 'alpha',
  HPPA: 'hppa',
  'Renesas / SuperH SH': 'sh4',
  'Linux BPF': 'bpf',
  'Atmel AVR 8-bit microcontroller': 'avr',
};

const OS_ABIS: Readonly<Record<string, string>> = {
  'UNIX - System V': 'sysv',
  'UNIX - GNU': 'gnu',
  'UNIX - FreeBSD': 'freebsd',
  'UNIX - NetBSD': 'netbsd',
  'UNIX - OpenBSD': 'openbsd',
  'UNIX - HP-UX': 'hpux',
  'UNIX - Solaris': 'solaris',
  ARM: 'arm',
  'Standalone App': 'standalone',
};

/** Elf type as readelf names it. */
const TYPES: Readonly<Record<ElfBinary['kind'], string>> = {
  executable: 'EXEC',
  pie: 'DYN',
  'static-pie': 'DYN',
  'shared-object': 'DYN',
  relocatable: 'REL',
  core: 'CORE',
  other: 'other',
};

const DT_FLAGS: Readonly<Record<string, number>> = { ORIGIN: 1, SYMBOLIC: 2, TEXTREL: 4, BIND_NOW: 8, STATIC_TLS: 16 };
const DT_FLAGS_1: Readonly<Record<string, number>> = {
  NOW: 1,
  GLOBAL: 2,
  GROUP: 4,
  NODELETE: 8,
  LOADFLTR: 0x10,
  INITFIRST: 0x20,
  NOOPEN: 0x40,
  ORIGIN: 0x80,
  DIRECT: 0x100,
  TRANS: 0x200,
  INTERPOSE: 0x400,
  NODEFLIB: 0x800,
  PIE: 0x08000000,
};

describe('elf facts equal those of readelf', () => {
  for (const folder of FOLDERS) {
    test(`below ${folder}`, { timeout: TEN_MINUTES }, () => {
      const paths = elfFilesBelow(folder);
      const differences: string[] = [];
      let symbolCount = 0;
      for (let from = 0; from < paths.length; from += BATCH) {
        const batch = paths.slice(from, from + BATCH);
        const expected = readelf(batch);
        for (const path of batch) {
          const facts = expected.get(path);
          symbolCount += facts?.symbols.length ?? 0;
          differences.push(...(facts === undefined ? [`${path}: readelf says nothing`] : compare(path, facts)));
        }
      }
      console.log(`${folder}: ${paths.length} ELF files, ${symbolCount} symbols, ${differences.length} differences`);
      expect(differences).toEqual([]);
    });
  }
});

function compare(path: string, expected: ReadelfFacts): string[] {
  return withFile(path, (view) => {
    const parsed = parseElf(view);
    if (!parsed.ok) return [`${path}: ${JSON.stringify(parsed.error)}`];
    const ours = ourFacts(parsed.value, expected);
    const symbols = readDynamicSymbols(view);
    const rows = symbols.ok ? symbols.value.map(symbolRow) : [JSON.stringify(symbols.error)];
    return [
      ...Object.entries(ours).flatMap(([name, [found, wanted]]) => differ(path, name, found, wanted)),
      ...differ(path, 'symbols', rows, expected.symbols.map(comparableRow)),
      ...differ(path, 'imports', importedNames(parsed.value), undefinedNames(expected.symbols)),
      ...differ(path, 'gaps', parsed.value.gaps, []),
    ];
  });
}

/** The first element of two lists that differs, or the whole values. */
function differ(path: string, name: string, found: unknown, wanted: unknown): string[] {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a === b) return [];
  if (!Array.isArray(found) || !Array.isArray(wanted)) return [`${path}: ${name}: ours ${a} readelf ${b}`];
  const at = found.findIndex((value, index) => JSON.stringify(value) !== JSON.stringify(wanted[index]));
  const index = at === -1 ? found.length : at;
  const pair = `ours ${JSON.stringify(found[index])} readelf ${JSON.stringify(wanted[index])}`;
  return [`${path}: ${name} [${index} of ${found.length}/${wanted.length}]: ${pair}`];
}

function ourFacts(binary: ElfBinary, expected: ReadelfFacts): Record<string, readonly [unknown, unknown]> {
  const dtFlags = bitsOf(expected.dtFlags, DT_FLAGS);
  const dtFlags1 = bitsOf(expected.dtFlags1, DT_FLAGS_1);
  return {
    bits: [binary.bits, expected.bits],
    endianness: [binary.endianness, expected.endianness],
    osAbi: [binary.osAbi, OS_ABIS[expected.osAbi] ?? expected.osAbi],
    abiVersion: [binary.abiVersion, expected.abiVersion],
    type: [TYPES[binary.kind], expected.type],
    machine: [binary.machine, machineOf(expected)],
    flags: [binary.e_flags, expected.flags],
    entry: [`0x${binary.entry.toString(16)}`, expected.entry],
    interpreter: [binary.interpreter, expected.interpreter],
    loads: [binary.loadSegments.map((segment) => loadRow(segment, binary.bits)), expected.loads.map(withoutPhysical)],
    executableStack: [binary.executableStack, expected.executableStack],
    needed: [binary.needed, expected.needed],
    soname: [binary.soname, expected.soname],
    rpath: [binary.rpath, expected.rpath],
    runpath: [binary.runpath, expected.runpath],
    dtFlags: [binary.dtFlags, dtFlags],
    dtFlags1: [binary.dtFlags1, dtFlags1],
    bindNow: [binary.bindNow, expected.bindNowTag || (dtFlags & 8) !== 0 || (dtFlags1 & 1) !== 0],
    versionNeeds: [binary.versionNeeds.map(needRow), expected.versionNeeds],
    versionDefinitions: [binary.versionDefinitions.map(definitionRow), expected.versionDefinitions],
    buildId: [binary.buildId, expected.buildId],
    abiTag: [binary.abiTag, abiTagOf(expected.abiTag)],
    x86IsaNeeded: [binary.x86IsaNeeded, isaLevel(expected.isaNeeded)],
    x86IsaUsed: [binary.x86IsaUsed, isaLevel(expected.isaUsed)],
  };
}

/** readelf has one name for the machines that class, byte order and flags tell apart. */
function machineOf({ machine, bits, endianness, flags }: ReadelfFacts): string {
  const word = MACHINES[machine] ?? machine;
  switch (word) {
    case 'riscv':
      return `riscv${bits}`;
    case 's390':
      return bits === 64 ? 's390x' : 's390';
    case 'ppc64':
      return endianness === 'little' ? 'ppc64le' : 'ppc64';
    case 'mips':
      // EF_MIPS_ABI2: n32.
      return bits === 64 || (flags & 0x20) !== 0 ? 'mips64' : 'mips';
    default:
      return word;
  }
}

function bitsOf(names: readonly string[], table: Readonly<Record<string, number>>): number {
  return names.reduce((bits, name) => bits + (table[name] ?? Number.NaN), 0);
}

/** Offset, address, sizes, flags and alignment as readelf -l prints them. */
function loadRow(segment: LoadSegment, bits: 32 | 64): string {
  const hex = (value: number | bigint, width: number): string => `0x${value.toString(16).padStart(width, '0')}`;
  const flags = [segment.readable ? 'R' : '', segment.writable ? 'W' : '', segment.executable ? 'E' : ''].join('');
  const width = bits === 64 ? 6 : 5;
  return [
    hex(segment.offset, 6),
    hex(segment.vaddr, bits / 4),
    hex(segment.fileSize, width),
    hex(segment.memorySize, width),
    flags,
    hex(segment.alignBytes, 0),
  ].join(' ');
}

/** p_paddr has no meaning for programs; flags are printed in three columns. `0` has no prefix. */
function withoutPhysical(line: string): string {
  const [offset, address, , fileSize, memorySize, ...rest] = line.split(' ');
  const align = rest.at(-1) ?? '';
  const flags = rest.slice(0, -1).join('');
  return [offset, address, fileSize, memorySize, flags, align === '0' ? '0x0' : align].join(' ');
}

function needRow({ file, versions }: ElfBinary['versionNeeds'][number]): string {
  return [`${file}:`, ...versions.map(({ name, weak }) => `${name}${weak ? '*' : ''}`)].join(' ');
}

function definitionRow({ name, base, weak, parents }: ElfBinary['versionDefinitions'][number]): string {
  const flags = `${base ? ' base' : ''}${weak ? ' weak' : ''}`;
  return `${name}${flags}${parents.map((parent) => ` < ${parent}`).join('')}`;
}

const SYSTEMS: Readonly<Record<string, string>> = { Linux: 'linux', GNU: 'hurd', FreeBSD: 'freebsd' };

function abiTagOf(text: string | null): ElfBinary['abiTag'] {
  const [, system = '', kernel = ''] = /^(\w+), ABI: ([\d.]+)$/u.exec(text ?? '') ?? [];
  return text === null ? null : { os: SYSTEMS[system] ?? system, kernel };
}

function isaLevel(text: string | null): number | null {
  if (text === null) return null;
  const levels = ['x86-64-baseline', 'x86-64-v2', 'x86-64-v3', 'x86-64-v4'];
  const named = text.split(', ').map((word) => levels.indexOf(word) + 1);
  return Math.max(...named) || null;
}

const SYMBOL_TYPES: Readonly<Record<DynamicSymbol['type'], string>> = {
  none: 'NOTYPE',
  object: 'OBJECT',
  function: 'FUNC',
  section: 'SECTION',
  file: 'FILE',
  common: 'COMMON',
  tls: 'TLS',
  ifunc: 'IFUNC',
  other: 'other',
};

function symbolRow(symbol: DynamicSymbol): string {
  const { name, binding, type, visibility, defined, version, versionHidden } = symbol;
  const separator = defined && !versionHidden ? '@@' : '@';
  // The linker's symbol for a version node has that version, which readelf leaves out.
  const versioned = version === null || version === name ? name : `${name}${separator}${version}`;
  const words = [SYMBOL_TYPES[type], binding.toUpperCase(), visibility.toUpperCase(), defined ? 'DEF' : 'UND'];
  return [...words, versioned].join(' ');
}

/** A defined symbol whose version is a needed one (a copy relocation) is printed with one `@`, like an undefined one. */
function comparableRow(row: string): string {
  const [, words = '', isDefined = '', name = ''] = /^(\w+ \w+ \w+) (DEF|UND) (.*?)(?: \(\d+\))?$/u.exec(row) ?? [];
  const isNeeded = / \(\d+\)$/u.test(row);
  // STT_SPARC_REGISTER is one machine's own.
  const known = words.replace(/^REGISTER /u, 'other ');
  return `${known} ${isDefined} ${isDefined === 'DEF' && isNeeded ? name.replace(/@(?=[^@]*$)/u, '@@') : name}`;
}

function undefinedNames(rows: readonly string[]): readonly string[] {
  return rows
    .map((row) => /^\w+ \w+ \w+ UND (.+?)(?:@[^@]*)?(?: \(\d+\))?$/u.exec(row)?.[1] ?? '')
    .filter((name) => name !== '');
}
