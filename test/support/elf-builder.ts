import type { DynamicSymbol, ElfKind, Machine, VersionDefinition, VersionNeed } from '../../src/model/binary.js';
import { ElfBytes, ElfStrings } from './elf-bytes.js';
import { relocationTables, type ElfRelocation } from './elf-relocations.js';

/**
 * Writes ELF files from the specification (gABI 4.1; LSB Core, "Symbol Versioning"; x86-64 psABI; Addenda to the ABI
 * for the Arm Architecture), not with the reader's code.
 *
 *   LOAD R    header, program headers, .interp, notes, .dynsym, .dynstr, versions, hash, .rodata
 *   LOAD R E  .text
 *   LOAD RW   .dynamic, .go.buildinfo, .data
 *   then      .comment, .ARM.attributes, .shstrtab and the section headers, where wanted
 */
export interface ElfOptions {
  /** Sets e_machine, class and byte order; default x86_64. */
  readonly machine?: Machine;
  /** Overrides what `machine` says. */
  readonly bits?: 32 | 64;
  readonly endianness?: 'little' | 'big';
  readonly eMachine?: number;
  /** Default: `pie` with an interpreter, else `shared-object`. */
  readonly kind?: ElfKind;
  readonly osAbi?: number;
  readonly abiVersion?: number;
  readonly eFlags?: number;
  readonly entry?: bigint;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly dtFlags?: number;
  /** DF_1_PIE is added for `pie` and `static-pie`. */
  readonly dtFlags1?: number;
  /** Writes DT_BIND_NOW, the oldest of its three places. */
  readonly bindNowTag?: boolean;
  readonly versionNeeds?: readonly VersionNeed[];
  readonly versionDefinitions?: readonly VersionDefinition[];
  /** `os` as the ABI numbers it: linux, hurd, solaris, freebsd, netbsd. */
  readonly abiTag?: { readonly os: string; readonly kernel: string };
  readonly x86IsaNeeded?: 1 | 2 | 3 | 4;
  readonly x86IsaUsed?: 1 | 2 | 3 | 4;
  /** Hex digits. */
  readonly buildId?: string;
  /** p_align of every PT_LOAD; default 4096. */
  readonly loadAlign?: number;
  /** null: no PT_GNU_STACK. Default false. */
  readonly executableStack?: boolean | null;
  /** Undefined ones are written first, then defined ones, each in the given order. */
  readonly symbols?: readonly ElfSymbolSpec[];
  readonly relocations?: readonly ElfRelocation[];
  /** Which hash table tells the count of symbols; default `gnu`. */
  readonly hash?: 'sysv' | 'gnu' | 'none';
  readonly rodata?: string;
  readonly data?: string;
  readonly comment?: string;
  readonly arm?: ElfArmAttributes;
  /** `.go.buildinfo` in the form of Go 1.18 (inline) or of Go 1.13 (pointers). */
  readonly go?: { readonly version: string; readonly modinfo: string; readonly form?: 'inline' | 'pointers' };
  /** Section headers; default true. */
  readonly sections?: boolean;
  /** Zeros in `.text`, for large files. */
  readonly textBytes?: number;
}

/** A defined symbol has the value 0x1000 unless it says another. */
export type ElfSymbolSpec = Partial<DynamicSymbol> & { readonly name: string; readonly value?: number };

/** Values of the public aeabi attributes, as numbers of the addenda. */
export interface ElfArmAttributes {
  readonly cpuName?: string;
  readonly cpuArch?: number;
  readonly cpuProfile?: string;
  readonly fpArch?: number;
  readonly simdArch?: number;
  readonly vfpArgs?: number;
}

interface MachineRow {
  readonly e_machine: number;
  readonly bits: 32 | 64;
  readonly endianness: 'little' | 'big';
}

const row = (e_machine: number, bits: 32 | 64, endianness: 'little' | 'big' = 'little'): MachineRow => ({
  e_machine,
  bits,
  endianness,
});

/** e_machine of the gABI registry, with the class and byte order that each word implies. */
export const ELF_MACHINES: Readonly<Record<string, MachineRow>> = {
  x86_64: row(62, 64),
  i386: row(3, 32),
  aarch64: row(183, 64),
  arm: row(40, 32),
  riscv64: row(243, 64),
  riscv32: row(243, 32),
  s390x: row(22, 64, 'big'),
  s390: row(22, 32, 'big'),
  ppc64le: row(21, 64),
  ppc64: row(21, 64, 'big'),
  ppc: row(20, 32, 'big'),
  mips: row(8, 32, 'big'),
  mips64: row(8, 64),
  loongarch64: row(258, 64),
  sparc64: row(43, 64, 'big'),
  sparc: row(2, 32, 'big'),
  ia64: row(50, 64),
  m68k: row(4, 32, 'big'),
  alpha: row(0x9026, 64),
  hppa: row(15, 32, 'big'),
  sh4: row(42, 32),
  bpf: row(247, 64),
  avr: row(83, 32),
};

const E_TYPE: Readonly<Record<ElfKind, number>> = {
  relocatable: 1,
  executable: 2,
  pie: 3,
  'static-pie': 3,
  'shared-object': 3,
  core: 4,
  other: 0xfe00,
};

const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, GNU_STACK: 0x6474e551, GNU_PROPERTY: 0x6474e553 };
const SHT = { PROGBITS: 1, STRTAB: 3, HASH: 5, DYNAMIC: 6, NOTE: 7, DYNSYM: 11 };
const SHT_GNU = { HASH: 0x6ffffff6, VERDEF: 0x6ffffffd, VERNEED: 0x6ffffffe, VERSYM: 0x6fffffff };
const SHT_ARM_ATTRIBUTES = 0x70000003;
const DF_1_PIE = 0x08000000;

type Zone = 'read' | 'execute' | 'write' | 'file';

/** A section to be placed: bytes, or bytes that need the addresses of others. */
interface Piece {
  readonly name: string;
  readonly type: number;
  readonly zone: Zone;
  readonly align: number;
  readonly size: number;
  readonly entrySize?: number;
  /** Name of the section for sh_link. */
  readonly link?: string;
  readonly info?: number;
  readonly bytes: (place: (name: string) => Place) => Uint8Array;
}

interface Place {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

interface Target extends MachineRow {
  readonly writer: () => ElfBytes;
}

/** Bytes of an ELF file with what is asked for and nothing else. */
export function elf(options: ElfOptions = {}): Uint8Array {
  const target = targetOf(options);
  const kind = options.kind ?? (options.interpreter === undefined ? 'shared-object' : 'pie');
  const loaded = kind !== 'relocatable';
  const pieces = collectPieces(target, options, kind, loaded);
  return layOut(target, options, kind, pieces);
}

function targetOf(options: ElfOptions): Target {
  const known = ELF_MACHINES[options.machine ?? 'x86_64'];
  const bits = options.bits ?? known?.bits ?? 64;
  const endianness = options.endianness ?? known?.endianness ?? 'little';
  const e_machine = options.eMachine ?? known?.e_machine ?? Number((options.machine ?? '').replace('other-', ''));
  return { e_machine, bits, endianness, writer: () => new ElfBytes(bits, endianness) };
}

function fixed(
  name: string,
  type: number,
  zone: Zone,
  align: number,
  bytes: Uint8Array,
  more: Partial<Piece> = {},
): Piece {
  return { name, type, zone, align, size: bytes.length, bytes: () => bytes, ...more };
}

function collectPieces(target: Target, options: ElfOptions, kind: ElfKind, loaded: boolean): Piece[] {
  const text = (value: string) => new TextEncoder().encode(value);
  const pieces: Piece[] = [];
  if (options.interpreter !== undefined) {
    pieces.push(fixed('.interp', SHT.PROGBITS, 'read', 1, text(`${options.interpreter}\0`)));
  }
  pieces.push(...notePieces(target, options));
  if (loaded && kind !== 'core') pieces.push(...dynamicPieces(target, options, kind));
  if (options.rodata !== undefined) {
    pieces.push(fixed('.rodata', SHT.PROGBITS, 'read', 16, text(options.rodata)));
  }
  pieces.push(fixed('.text', SHT.PROGBITS, 'execute', 16, new Uint8Array(options.textBytes ?? 16)));
  pieces.push(...goPieces(target, options));
  if (options.data !== undefined) pieces.push(fixed('.data', SHT.PROGBITS, 'write', 16, text(options.data)));
  if (options.comment !== undefined) {
    pieces.push(fixed('.comment', SHT.PROGBITS, 'file', 1, text(`${options.comment}\0`)));
  }
  if (options.arm !== undefined) {
    pieces.push(fixed('.ARM.attributes', SHT_ARM_ATTRIBUTES, 'file', 1, armAttributes(target, options.arm)));
  }
  return pieces;
}

// --- notes (gABI 4.1, "Note Section") ---------------------------------------------------------------------------

function note(target: Target, type: number, description: Uint8Array, align: number): Uint8Array {
  const writer = target.writer().u32(4).u32(description.length).u32(type).cString('GNU');
  return writer.align(align).raw(description).align(align).done();
}

const ABI_OS = ['linux', 'hurd', 'solaris', 'freebsd', 'netbsd'];

function notePieces(target: Target, options: ElfOptions): Piece[] {
  const pieces: Piece[] = [];
  const { abiTag, buildId } = options;
  if (abiTag !== undefined) {
    const words = target.writer().u32(ABI_OS.indexOf(abiTag.os));
    for (const part of abiTag.kernel.split('.')) words.u32(Number(part));
    pieces.push(fixed('.note.ABI-tag', SHT.NOTE, 'read', 4, note(target, 1, words.done(), 4)));
  }
  if (buildId !== undefined) {
    const id = Uint8Array.from(buildId.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
    pieces.push(fixed('.note.gnu.build-id', SHT.NOTE, 'read', 4, note(target, 3, id, 4)));
  }
  const properties = gnuProperties(target, options);
  if (properties.length > 0) {
    const align = target.bits / 8;
    pieces.push(fixed('.note.gnu.property', SHT.NOTE, 'read', align, note(target, 5, properties, align)));
  }
  return pieces;
}

/** GNU_PROPERTY_X86_ISA_1_NEEDED / _USED: the baseline and every level up to the wanted one. */
function gnuProperties(target: Target, options: ElfOptions): Uint8Array {
  const writer = target.writer();
  const wanted: readonly (readonly [number, number | undefined])[] = [
    [0xc0008002, options.x86IsaNeeded],
    [0xc0010002, options.x86IsaUsed],
  ];
  for (const [type, level] of wanted) {
    if (level === undefined) continue;
    writer
      .u32(type)
      .u32(4)
      .u32((1 << level) - 1)
      .align(target.bits / 8);
  }
  return writer.done();
}

// --- dynamic linking (gABI 4.1, chapter 5) ----------------------------------------------------------------------

interface PlacedSymbol {
  readonly symbol: ElfSymbolSpec;
  readonly defined: boolean;
}

function dynamicPieces(target: Target, options: ElfOptions, kind: ElfKind): Piece[] {
  const tags = dynamicTags(options, kind);
  const symbols = (options.symbols ?? []).map((symbol) => ({ symbol, defined: symbol.defined ?? false }));
  const ordered = [...symbols.filter((entry) => !entry.defined), ...symbols.filter((entry) => entry.defined)];
  const isDynamic = tags.length + ordered.length > 0 || hasVersions(options);
  if (!isDynamic) return [];

  const strings = new ElfStrings();
  const entries = tags.map(([tag, value]) => [tag, typeof value === 'string' ? strings.offset(value) : value] as const);
  const tables: Piece[] = [...versionPieces(target, options, ordered, strings)];
  tables.unshift(symbolTable(target, ordered, strings));
  tables.push(...hashPieces(target, options.hash ?? 'gnu', ordered));
  const relocations = relocationsOf(target, options, ordered);
  tables.push(...relocations.map(({ name, bytes }) => fixed(name, SHT.PROGBITS, 'read', target.bits / 8, bytes)));
  const dynstr = strings.done();
  tables.splice(1, 0, fixed('.dynstr', SHT.STRTAB, 'read', 1, dynstr));
  const all = [...entries, ...relocations.flatMap((table) => table.tags)];
  return [...tables, dynamicSection(target, options, all, tables, dynstr.length)];
}

function relocationsOf(target: Target, options: ElfOptions, symbols: readonly PlacedSymbol[]) {
  // i386 and arm keep the addend where it is applied.
  const withAddends = ![3, 40].includes(target.e_machine);
  const indexOf = (name: string) => symbols.findIndex(({ symbol }) => symbol.name === name) + 1;
  return relocationTables(target.writer, withAddends, options.relocations ?? [], indexOf);
}

function hasVersions(options: ElfOptions): boolean {
  return (options.versionNeeds ?? []).length + (options.versionDefinitions ?? []).length > 0;
}

/** Tags whose value is known before the layout; a string stands for its offset in .dynstr. */
function dynamicTags(options: ElfOptions, kind: ElfKind): (readonly [number, number | string])[] {
  const tags: (readonly [number, number | string])[] = (options.needed ?? []).map((name) => [1, name] as const);
  if (options.soname !== undefined) tags.push([14, options.soname]);
  if (options.rpath !== undefined) tags.push([15, options.rpath]);
  if (options.runpath !== undefined) tags.push([29, options.runpath]);
  if (options.bindNowTag === true) tags.push([24, 0]);
  if (options.dtFlags !== undefined) tags.push([30, options.dtFlags]);
  const isPie = kind === 'pie' || kind === 'static-pie';
  const flags1 = (options.dtFlags1 ?? 0) | (isPie ? DF_1_PIE : 0);
  if (flags1 !== 0) tags.push([0x6ffffffb, flags1]);
  return tags;
}

function dynamicSection(
  target: Target,
  options: ElfOptions,
  entries: readonly (readonly [number, number])[],
  tables: readonly Piece[],
  stringBytes: number,
): Piece {
  const entrySize = target.bits / 4;
  const needs = (options.versionNeeds ?? []).length;
  const definitions = (options.versionDefinitions ?? []).length;
  const addressTags: readonly (readonly [number, string])[] = [
    [5, '.dynstr'],
    [6, '.dynsym'],
    [4, '.hash'],
    [0x6ffffef5, '.gnu.hash'],
    [7, '.rela.dyn'],
    [17, '.rel.dyn'],
    [23, '.rela.plt'],
    [23, '.rel.plt'],
    [0x6ffffff0, '.gnu.version'],
    [0x6ffffffc, '.gnu.version_d'],
    [0x6ffffffe, '.gnu.version_r'],
  ];
  const present = addressTags.filter(([, name]) => tables.some((table) => table.name === name));
  const counts: (readonly [number, number])[] = [
    [10, stringBytes],
    [11, target.bits === 64 ? 24 : 16],
  ];
  if (definitions > 0) counts.push([0x6ffffffd, definitions]);
  if (needs > 0) counts.push([0x6fffffff, needs]);
  const total = entries.length + present.length + counts.length + 1;
  return {
    name: '.dynamic',
    type: SHT.DYNAMIC,
    zone: 'write',
    align: target.bits / 8,
    size: total * entrySize,
    entrySize,
    link: '.dynstr',
    bytes: (place) => {
      const addresses = present.map(([tag, name]) => [tag, place(name).address] as const);
      const writer = target.writer();
      for (const [tag, value] of [...entries, ...addresses, ...counts]) writer.word(tag).word(value);
      return writer.word(0).word(0).done();
    },
  };
}

const BINDINGS = { local: 0, global: 1, weak: 2, unique: 10 };
const TYPES = { none: 0, object: 1, function: 2, section: 3, file: 4, common: 5, tls: 6, ifunc: 10, other: 15 };
const VISIBILITIES = { default: 0, internal: 1, hidden: 2, protected: 3 };

function symbolTable(target: Target, symbols: readonly PlacedSymbol[], strings: ElfStrings): Piece {
  const writer = target.writer();
  const put = (name: number, info: number, other: number, index: number, value: number) =>
    target.bits === 64
      ? writer.u32(name).u8(info).u8(other).u16(index).word(value).word(0)
      : writer.u32(name).word(value).word(0).u8(info).u8(other).u16(index);
  put(0, 0, 0, 0, 0);
  for (const { symbol, defined } of symbols) {
    const info = BINDINGS[symbol.binding ?? 'global'] * 16 + TYPES[symbol.type ?? 'function'];
    const value = symbol.value ?? (defined ? 0x1000 : 0);
    put(strings.offset(symbol.name), info, VISIBILITIES[symbol.visibility ?? 'default'], defined ? 1 : 0, value);
  }
  return fixed('.dynsym', SHT.DYNSYM, 'read', target.bits / 8, writer.done(), {
    entrySize: target.bits === 64 ? 24 : 16,
    link: '.dynstr',
    info: 1,
  });
}

/** The System V hash of a name (gABI 4.1, "Hash Table"). */
export function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of new TextEncoder().encode(name)) {
    hash = (hash * 16 + byte) % 2 ** 32;
    const top = hash & 0xf0000000;
    hash = ((hash ^ (top >>> 24)) & ~top) >>> 0;
  }
  return hash;
}

/** The hash of DT_GNU_HASH: Bernstein's, from 5381. */
function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of new TextEncoder().encode(name)) hash = (hash * 33 + byte) % 2 ** 32;
  return hash;
}

/** Tables with one bucket, so that any order of symbols is a valid one. */
function hashPieces(target: Target, hash: 'sysv' | 'gnu' | 'none', symbols: readonly PlacedSymbol[]): Piece[] {
  if (hash === 'none') return [];
  const count = symbols.length + 1;
  if (hash === 'sysv') {
    // s390x and Alpha have entries of eight bytes.
    const size = target.bits === 64 && [22, 0x9026].includes(target.e_machine) ? 8 : 4;
    const writer = target.writer().uint(1, size).uint(count, size);
    writer.uint(count > 1 ? 1 : 0, size).uint(0, size);
    for (let index = 1; index < count; index += 1) writer.uint(index + 1 < count ? index + 1 : 0, size);
    return [fixed('.hash', SHT.HASH, 'read', size, writer.done(), { entrySize: size, link: '.dynsym' })];
  }
  const defined = symbols.filter((entry) => entry.defined);
  const first = count - defined.length;
  const writer = target.writer().u32(1).u32(first).u32(1).u32(0);
  writer.word(target.bits === 64 ? 0xffffffffffffffffn : 0xffffffff).u32(defined.length > 0 ? first : 0);
  defined.forEach(({ symbol }, index) => {
    const even = gnuHash(symbol.name) - (gnuHash(symbol.name) % 2);
    writer.u32(even + (index === defined.length - 1 ? 1 : 0));
  });
  return [fixed('.gnu.hash', SHT_GNU.HASH, 'read', target.bits / 8, writer.done(), { link: '.dynsym' })];
}

// --- symbol versions (LSB Core, "Symbol Versioning") ------------------------------------------------------------

const VER_FLG_BASE = 1;
const VER_FLG_WEAK = 2;

function versionPieces(
  target: Target,
  options: ElfOptions,
  symbols: readonly PlacedSymbol[],
  strings: ElfStrings,
): Piece[] {
  if (!hasVersions(options)) return [];
  const definitions = options.versionDefinitions ?? [];
  const needs = options.versionNeeds ?? [];
  const indexes = versionIndexes(definitions, needs);
  const versym = target.writer().u16(0);
  for (const { symbol, defined } of symbols) {
    const version = symbol.version ?? null;
    const index = version === null ? 1 : indexes.get(version);
    if (index === undefined) throw new Error(`${symbol.name} has a version that is neither needed nor defined`);
    versym.u16(index + (defined && symbol.versionHidden === true ? 0x8000 : 0));
  }
  const pieces = [fixed('.gnu.version', SHT_GNU.VERSYM, 'read', 2, versym.done(), { entrySize: 2, link: '.dynsym' })];
  if (definitions.length > 0) {
    const bytes = versionDefinitionTable(target, definitions, strings);
    const more = { link: '.dynstr', info: definitions.length };
    pieces.push(fixed('.gnu.version_d', SHT_GNU.VERDEF, 'read', 4, bytes, more));
  }
  if (needs.length > 0) {
    const bytes = versionNeedTable(target, needs, indexes, strings);
    pieces.push(fixed('.gnu.version_r', SHT_GNU.VERNEED, 'read', 4, bytes, { link: '.dynstr', info: needs.length }));
  }
  return pieces;
}

function versionIndexes(
  definitions: readonly VersionDefinition[],
  needs: readonly VersionNeed[],
): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  let next = 2;
  for (const definition of definitions) {
    if (definition.base) indexes.set(definition.name, 1);
    else indexes.set(definition.name, next++);
  }
  for (const need of needs) {
    for (const version of need.versions) if (!indexes.has(version.name)) indexes.set(version.name, next++);
  }
  return indexes;
}

function versionDefinitionTable(
  target: Target,
  definitions: readonly VersionDefinition[],
  strings: ElfStrings,
): Uint8Array {
  const writer = target.writer();
  const indexes = versionIndexes(definitions, []);
  definitions.forEach((definition, at) => {
    const names = [definition.name, ...definition.parents];
    const flags = (definition.base ? VER_FLG_BASE : 0) + (definition.weak ? VER_FLG_WEAK : 0);
    const last = at === definitions.length - 1;
    writer
      .u16(1)
      .u16(flags)
      .u16(indexes.get(definition.name) ?? 1)
      .u16(names.length);
    writer
      .u32(sysvHash(definition.name))
      .u32(20)
      .u32(last ? 0 : 20 + 8 * names.length);
    names.forEach((name, index) => writer.u32(strings.offset(name)).u32(index === names.length - 1 ? 0 : 8));
  });
  return writer.done();
}

function versionNeedTable(
  target: Target,
  needs: readonly VersionNeed[],
  indexes: ReadonlyMap<string, number>,
  strings: ElfStrings,
): Uint8Array {
  const writer = target.writer();
  needs.forEach((need, at) => {
    const last = at === needs.length - 1;
    writer.u16(1).u16(need.versions.length).u32(strings.offset(need.file)).u32(16);
    writer.u32(last ? 0 : 16 * (need.versions.length + 1));
    need.versions.forEach(({ name, weak }, index) => {
      writer
        .u32(sysvHash(name))
        .u16(weak ? VER_FLG_WEAK : 0)
        .u16(indexes.get(name) ?? 0);
      writer.u32(strings.offset(name)).u32(index === need.versions.length - 1 ? 0 : 16);
    });
  });
  return writer.done();
}

// --- what compilers leave ---------------------------------------------------------------------------------------

/** `A`, one subsection `aeabi` with one Tag_File (Addenda, "Formal syntax of build attributes section"). */
function armAttributes(target: Target, arm: ElfArmAttributes): Uint8Array {
  const attributes = target.writer();
  if (arm.cpuName !== undefined) attributes.uleb128(5).cString(arm.cpuName);
  const profile = arm.cpuProfile?.charCodeAt(0);
  const numbers: readonly (readonly [number, number | undefined])[] = [
    [6, arm.cpuArch],
    [7, profile],
    [10, arm.fpArch],
    [12, arm.simdArch],
    [28, arm.vfpArgs],
  ];
  for (const [tag, value] of numbers) if (value !== undefined) attributes.uleb128(tag).uleb128(value);
  const file = target
    .writer()
    .u8(1)
    .u32(attributes.length + 5)
    .raw(attributes.done());
  const section = target
    .writer()
    .u32(file.length + 10)
    .cString('aeabi')
    .raw(file.done());
  return target.writer().raw(new TextEncoder().encode('A')).raw(section.done()).done();
}

/** The blob of Go's linker (cmd/link, `buildinfo`): magic, pointer size, flags, then pointers or inline strings. */
function goPieces(target: Target, options: ElfOptions): Piece[] {
  const { go } = options;
  if (go === undefined) return [];
  const magic = [0xff, ...new TextEncoder().encode(' Go buildinf:')];
  // modinfo has 16 bytes of magic on either side.
  const modinfo = go.modinfo === '' ? '' : `${'0'.repeat(16)}${go.modinfo}${'1'.repeat(16)}`;
  if (go.form !== 'pointers') {
    const inline = target.writer().raw(magic).u8(0).u8(2).align(32);
    for (const text of [go.version, modinfo]) {
      const bytes = new TextEncoder().encode(text);
      inline.uleb128(bytes.length).raw(bytes);
    }
    return [fixed('.go.buildinfo', SHT.PROGBITS, 'write', 16, inline.align(16).done())];
  }
  const version = new TextEncoder().encode(go.version);
  const module = new TextEncoder().encode(modinfo);
  const word = target.bits / 8;
  const texts = fixed('.go.strings', SHT.PROGBITS, 'read', 1, Uint8Array.from([...version, ...module]));
  const blob: Piece = {
    name: '.go.buildinfo',
    type: SHT.PROGBITS,
    zone: 'write',
    align: 16,
    size: 32 + 4 * word,
    bytes: (place) => {
      const at = place('.go.buildinfo').address + 32;
      const text = place('.go.strings').address;
      const writer = target.writer().raw(magic).u8(word);
      writer
        .u8(target.endianness === 'big' ? 1 : 0)
        .word(at)
        .word(at + 2 * word);
      writer.align(32).word(text).word(version.length);
      return writer
        .word(text + version.length)
        .word(module.length)
        .done();
    },
  };
  return [texts, blob];
}

// --- layout -----------------------------------------------------------------------------------------------------

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly place: Place;
  readonly align: number;
}

const ZONES: readonly Zone[] = ['read', 'execute', 'write', 'file'];
const ZONE_FLAGS: Readonly<Record<Zone, number>> = { read: 4, execute: 5, write: 6, file: 0 };

function layOut(target: Target, options: ElfOptions, kind: ElfKind, pieces: readonly Piece[]): Uint8Array {
  const loaded = kind !== 'relocatable';
  const align = options.loadAlign ?? 4096;
  const base = kind === 'executable' ? 0x400000 : 0;
  const segmentCount = loaded ? countSegments(options, pieces) : 0;
  const sizes = HEADER_BYTES[target.bits];
  const headerBytes = sizes.file + segmentCount * sizes.program;

  const places = new Map<string, Place>();
  const loads: Segment[] = [];
  let offset = headerBytes;
  ZONES.forEach((zone, index) => {
    const from = index === 0 ? 0 : offset;
    // Congruent modulo p_align, and never on one page with the segment before.
    const shift = zone === 'file' || !loaded ? 0 : base + index * align;
    for (const piece of pieces.filter((candidate) => candidate.zone === zone)) {
      offset = Math.ceil(offset / piece.align) * piece.align;
      places.set(piece.name, { offset, address: zone === 'file' ? 0 : offset + shift, size: piece.size });
      offset += piece.size;
    }
    if (zone !== 'file' && offset > from && loaded) {
      const place = { offset: from, address: from + shift, size: offset - from };
      loads.push({ type: PT.LOAD, flags: ZONE_FLAGS[zone], place, align });
    }
  });
  const segments = loaded ? [...interpreterSegments(places), ...loads, ...otherSegments(options, pieces, places)] : [];
  if (segments.length !== segmentCount) throw new Error('segments were counted wrongly');
  return assemble({ target, options, kind, pieces, places, segments, end: offset });
}

function countSegments(options: ElfOptions, pieces: readonly Piece[]): number {
  const zones = new Set(pieces.map((piece) => piece.zone).filter((zone) => zone !== 'file'));
  zones.add('read');
  const named = ['.interp', '.dynamic', '.note.gnu.property'].filter((name) =>
    pieces.some((piece) => piece.name === name),
  );
  const notes = pieces.filter((piece) => piece.type === SHT.NOTE).length;
  return zones.size + named.length + notes + (options.executableStack === null ? 0 : 1);
}

function interpreterSegments(places: ReadonlyMap<string, Place>): Segment[] {
  const place = places.get('.interp');
  return place === undefined ? [] : [{ type: PT.INTERP, flags: 4, place, align: 1 }];
}

function otherSegments(options: ElfOptions, pieces: readonly Piece[], places: ReadonlyMap<string, Place>): Segment[] {
  const segments: Segment[] = [];
  for (const piece of pieces) {
    const place = places.get(piece.name);
    if (place === undefined) continue;
    if (piece.name === '.dynamic') segments.push({ type: PT.DYNAMIC, flags: 6, place, align: piece.align });
    if (piece.type === SHT.NOTE) segments.push({ type: PT.NOTE, flags: 4, place, align: piece.align });
    if (piece.name === '.note.gnu.property') {
      segments.push({ type: PT.GNU_PROPERTY, flags: 4, place, align: piece.align });
    }
  }
  const stack = { offset: 0, address: 0, size: 0 };
  if (options.executableStack !== null) {
    segments.push({ type: PT.GNU_STACK, flags: options.executableStack === true ? 7 : 6, place: stack, align: 16 });
  }
  return segments;
}

interface Assembly {
  readonly target: Target;
  readonly options: ElfOptions;
  readonly kind: ElfKind;
  readonly pieces: readonly Piece[];
  readonly places: ReadonlyMap<string, Place>;
  readonly segments: readonly Segment[];
  readonly end: number;
}

function assemble(assembly: Assembly): Uint8Array {
  const { target, options, pieces, places, segments, end } = assembly;
  const withSections = options.sections ?? true;
  const names = new ElfStrings();
  for (const piece of pieces) names.offset(piece.name);
  const nameOffset = names.offset('.shstrtab');
  const nameBytes = names.done();
  const sectionTable = Math.ceil((end + nameBytes.length) / 8) * 8;
  const sectionSize = HEADER_BYTES[target.bits].section;
  const sectionCount = pieces.length + 2;
  const file = new Uint8Array(withSections ? sectionTable + sectionCount * sectionSize : end);

  file.set(fileHeader(assembly, withSections ? { offset: sectionTable, count: sectionCount } : null), 0);
  file.set(programHeaders(target, segments), HEADER_BYTES[target.bits].file);
  const place = (name: string): Place => places.get(name) ?? { offset: 0, address: 0, size: 0 };
  for (const piece of pieces) file.set(piece.bytes(place), place(piece.name).offset);
  if (!withSections) return file;

  file.set(nameBytes, end);
  const writer = target.writer().raw(new Uint8Array(sectionSize));
  for (const piece of pieces) sectionHeader(writer, names.offset(piece.name), piece, place(piece.name), pieces);
  const namesPiece = fixed('.shstrtab', SHT.STRTAB, 'file', 1, nameBytes);
  sectionHeader(writer, nameOffset, namesPiece, { offset: end, address: 0, size: nameBytes.length }, pieces);
  file.set(writer.done(), sectionTable);
  return file;
}

/** Sizes of the ELF header, a program header and a section header. */
const HEADER_BYTES = { 32: { file: 52, program: 32, section: 40 }, 64: { file: 64, program: 56, section: 64 } };

/** e_ident (gABI 4.1, Figure 4-4). */
function identity(target: Target, { osAbi = 0, abiVersion = 0 }: ElfOptions): ElfBytes {
  const fields = [target.bits / 32, target.endianness === 'little' ? 1 : 2, 1, osAbi, abiVersion];
  return target
    .writer()
    .raw([0x7f, 0x45, 0x4c, 0x46, ...fields])
    .align(16);
}

function fileHeader(assembly: Assembly, sections: { offset: number; count: number } | null): Uint8Array {
  const { target, options, kind, places, segments } = assembly;
  const sizes = HEADER_BYTES[target.bits];
  const runs = ['executable', 'pie', 'static-pie'].includes(kind);
  const entry = options.entry ?? BigInt((runs ? places.get('.text')?.address : 0) ?? 0);
  const writer = identity(target, options).u16(E_TYPE[kind]).u16(target.e_machine).u32(1).word(entry);
  writer.word(segments.length > 0 ? sizes.file : 0).word(sections?.offset ?? 0);
  writer
    .u32(options.eFlags ?? 0)
    .u16(sizes.file)
    .u16(sizes.program)
    .u16(segments.length);
  const count = sections?.count ?? 0;
  return writer
    .u16(sizes.section)
    .u16(count)
    .u16(Math.max(0, count - 1))
    .done();
}

function programHeaders(target: Target, segments: readonly Segment[]): Uint8Array {
  const writer = target.writer();
  for (const { type, flags, place, align } of segments) {
    writer.u32(type);
    if (target.bits === 64) writer.u32(flags);
    writer.word(place.offset).word(place.address).word(place.address).word(place.size).word(place.size);
    if (target.bits === 32) writer.u32(flags);
    writer.word(align);
  }
  return writer.done();
}

const SHF_ALLOC: Readonly<Record<Zone, number>> = { read: 2, execute: 6, write: 3, file: 0 };

function sectionHeader(writer: ElfBytes, name: number, piece: Piece, place: Place, pieces: readonly Piece[]): void {
  const link = pieces.findIndex((candidate) => candidate.name === piece.link) + 1;
  writer.u32(name).u32(piece.type).word(SHF_ALLOC[piece.zone]).word(place.address).word(place.offset);
  writer
    .word(place.size)
    .u32(link)
    .u32(piece.info ?? 0)
    .word(piece.align)
    .word(piece.entrySize ?? 0);
}
