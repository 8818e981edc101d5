/**
 * Builds PE files from the specification (PE Format; ECMA-335 for the CLI part), to be read by tests.
 *
 * The file has two sections: `.text` (RVA 0x1000, one RET) and `.rdata` (RVA 0x2000), which holds everything else.
 */
export interface PeParts {
  /** A name, or the number of the COFF header. Default `x86_64`. */
  readonly machine?: keyof typeof MACHINE | number;
  /** Default: 32 for i386 and arm, else 64. */
  readonly bits?: 32 | 64;
  readonly dll?: boolean;
  /** Number of the optional header; default 3, a console program. */
  readonly subsystem?: number;
  readonly subsystemVersion?: readonly [number, number];
  readonly osVersion?: readonly [number, number];
  readonly characteristics?: number;
  readonly dllCharacteristics?: number;
  /** DLL → names, or ordinals as numbers. */
  readonly imports?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly delayImports?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Delay descriptors with virtual addresses, as linkers before Visual C++ 7 wrote them. */
  readonly oldDelayImports?: boolean;
  readonly exports?: readonly PeExportPart[];
  readonly exportName?: string;
  readonly manifest?: string | Uint8Array;
  readonly clr?: ClrParts;
  /** A load configuration with a CHPEMetadataPointer. */
  readonly hybrid?: boolean;
  /** Bytes put into `.rdata` as they are. */
  readonly data?: Uint8Array;
}

export interface PeExportPart {
  /** Left out: exported by ordinal only. */
  readonly name?: string;
  /** Default: counted from 1. */
  readonly ordinal?: number;
  readonly forwarder?: string;
}

export interface ClrParts {
  /** Default `v4.0.30319`. */
  readonly version?: string;
  /** Default 1, COMIMAGE_FLAGS_ILONLY. */
  readonly flags?: number;
  readonly targetFramework?: string;
  readonly modules?: readonly string[];
  /** String literals (`#US`). */
  readonly literals?: readonly string[];
}

const MACHINE = { i386: 0x14c, x86_64: 0x8664, aarch64: 0xaa64, arm: 0x1c4, arm64ec: 0xa641 } as const;
const IMAGE_BASE = { 32: 0x400000n, 64: 0x140000000n } as const;
const PE_AT = 0x80;
const HEADERS_BYTES = 0x400;
const TEXT_RVA = 0x1000;
const RDATA_RVA = 0x2000;
const RDATA_AT = 0x600;

type Directory = readonly [rva: number, size: number];

export function pe(parts: PeParts = {}): Uint8Array {
  const machine = typeof parts.machine === 'number' ? parts.machine : MACHINE[parts.machine ?? 'x86_64'];
  const bits = parts.bits ?? (machine === MACHINE.i386 || machine === MACHINE.arm ? 32 : 64);
  const rdata = new Block(RDATA_RVA, bits, IMAGE_BASE[bits]);
  const directories = addDirectories(rdata, parts);
  if (parts.data !== undefined) rdata.add(parts.data);
  return assemble(parts, machine, bits, rdata, directories);
}

/** Data directories by index, those that were asked for. */
function addDirectories(rdata: Block, parts: PeParts): ReadonlyMap<number, Directory> {
  const { exports, imports, manifest, delayImports, clr } = parts;
  const directories = new Map<number, Directory>();
  if (exports !== undefined) directories.set(0, addExports(rdata, exports, parts.exportName ?? 'built.dll'));
  if (imports !== undefined) directories.set(1, addImports(rdata, imports));
  if (manifest !== undefined) directories.set(2, addManifest(rdata, manifest, parts.dll === true ? 2 : 1));
  if (parts.hybrid === true) directories.set(10, addLoadConfiguration(rdata));
  if (delayImports !== undefined) {
    directories.set(13, addDelayImports(rdata, delayImports, parts.oldDelayImports === true));
  }
  if (clr !== undefined) directories.set(14, addClr(rdata, clr));
  return directories;
}

/** A program of MS-DOS: `MZ` without `PE\0\0`. */
export function dosProgram(): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set([0x4d, 0x5a, 0x00, 0x01, 0x01]);
  return bytes;
}

function assemble(
  parts: PeParts,
  machine: number,
  bits: 32 | 64,
  rdata: Block,
  directories: ReadonlyMap<number, Directory>,
): Uint8Array {
  const rawBytes = align(rdata.length, 0x200);
  const bytes = new Uint8Array(RDATA_AT + rawBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4d, 0x5a]);
  view.setUint32(60, PE_AT, true);
  bytes.set([0x50, 0x45, 0, 0], PE_AT);
  const optionalBytes = (bits === 64 ? 112 : 96) + 16 * 8;
  writeCoff(view, PE_AT + 4, machine, optionalBytes, parts);
  writeOptional(view, PE_AT + 24, bits, parts);
  for (const [index, [rva, size]] of directories) {
    const at = PE_AT + 24 + optionalBytes - 16 * 8 + index * 8;
    view.setUint32(at, rva, true);
    view.setUint32(at + 4, size, true);
  }
  const table = PE_AT + 24 + optionalBytes;
  writeSection(bytes, table, '.text', [1, TEXT_RVA, 0x200, HEADERS_BYTES, 0x60000020]);
  writeSection(bytes, table + 40, '.rdata', [rdata.length, RDATA_RVA, rawBytes, RDATA_AT, 0x40000040]);
  bytes[HEADERS_BYTES] = 0xc3;
  bytes.set(rdata.bytes(), RDATA_AT);
  return bytes;
}

function writeCoff(view: DataView, at: number, machine: number, optionalBytes: number, parts: PeParts): void {
  view.setUint16(at, machine, true);
  view.setUint16(at + 2, 2, true);
  view.setUint16(at + 16, optionalBytes, true);
  view.setUint16(at + 18, parts.characteristics ?? (parts.dll === true ? 0x2022 : 0x0022), true);
}

function writeOptional(view: DataView, at: number, bits: 32 | 64, parts: PeParts): void {
  const [osMajor, osMinor] = parts.osVersion ?? [6, 0];
  const [subsystemMajor, subsystemMinor] = parts.subsystemVersion ?? [6, 0];
  view.setUint16(at, bits === 64 ? 0x20b : 0x10b, true);
  view.setUint32(at + 16, TEXT_RVA, true);
  if (bits === 64) view.setBigUint64(at + 24, IMAGE_BASE[64], true);
  else view.setUint32(at + 28, Number(IMAGE_BASE[32]), true);
  view.setUint32(at + 32, 0x1000, true);
  view.setUint32(at + 36, 0x200, true);
  view.setUint16(at + 40, osMajor, true);
  view.setUint16(at + 42, osMinor, true);
  view.setUint16(at + 48, subsystemMajor, true);
  view.setUint16(at + 50, subsystemMinor, true);
  view.setUint32(at + 56, 0x100000, true);
  view.setUint32(at + 60, HEADERS_BYTES, true);
  view.setUint16(at + 68, parts.subsystem ?? 3, true);
  view.setUint16(at + 70, parts.dllCharacteristics ?? 0, true);
  view.setUint32(at + (bits === 64 ? 108 : 92), 16, true);
}

function writeSection(bytes: Uint8Array, at: number, name: string, fields: readonly number[]): void {
  const view = new DataView(bytes.buffer);
  const [virtualSize = 0, rva = 0, rawSize = 0, rawAt = 0, flags = 0] = fields;
  bytes.set(latin1(name), at);
  view.setUint32(at + 8, virtualSize, true);
  view.setUint32(at + 12, rva, true);
  view.setUint32(at + 16, rawSize, true);
  view.setUint32(at + 20, rawAt, true);
  view.setUint32(at + 36, flags, true);
}

/** Import directory table, then per DLL: lookup table, address table, hint/name entries, name. */
function addImports(rdata: Block, imports: NonNullable<PeParts['imports']>): Directory {
  const dlls = Object.entries(imports);
  const size = 20 * (dlls.length + 1);
  const table = rdata.reserve(size, 4);
  dlls.forEach(([dll, names], index) => {
    const thunks = addThunks(rdata, names, 0n);
    rdata.patch32(table + index * 20, thunks);
    rdata.patch32(table + index * 20 + 12, rdata.text(dll));
    rdata.patch32(table + index * 20 + 16, addThunks(rdata, names, 0n));
  });
  return [table, size];
}

function addDelayImports(rdata: Block, imports: NonNullable<PeParts['delayImports']>, virtual: boolean): Directory {
  const dlls = Object.entries(imports);
  const size = 32 * (dlls.length + 1);
  const table = rdata.reserve(size, 4);
  const base = virtual ? rdata.imageBase : 0n;
  dlls.forEach(([dll, names], index) => {
    const at = table + index * 32;
    rdata.patch32(at, virtual ? 0 : 1);
    rdata.patch32(at + 4, rdata.text(dll) + Number(base));
    rdata.patch32(at + 12, rdata.reserve(8, 8) + Number(base));
    rdata.patch32(at + 16, addThunks(rdata, names, base) + Number(base));
  });
  return [table, size];
}

function addThunks(rdata: Block, names: readonly (string | number)[], base: bigint): number {
  const size = rdata.bits / 8;
  const table = rdata.reserve((names.length + 1) * size, size);
  names.forEach((name, index) => {
    const ordinalBit = 1n << BigInt(rdata.bits - 1);
    const value =
      typeof name === 'number'
        ? ordinalBit | BigInt(name)
        : BigInt(rdata.add(Uint8Array.of(0, 0, ...latin1(name), 0), 2)) + base;
    rdata.patchWord(table + index * size, value);
  });
  return table;
}

function addExports(rdata: Block, exports: readonly PeExportPart[], exportName: string): Directory {
  const start = rdata.reserve(40, 4);
  const ordinals = exports.map((entry, index) => entry.ordinal ?? index + 1);
  const base = Math.min(...ordinals);
  const count = Math.max(...ordinals) - base + 1;
  const functions = rdata.reserve(count * 4, 4);
  exports.forEach((entry, index) => {
    const target = entry.forwarder === undefined ? TEXT_RVA : rdata.text(entry.forwarder);
    rdata.patch32(functions + ((ordinals[index] ?? 0) - base) * 4, target);
  });
  const named = exports
    .flatMap((entry, index) => (entry.name === undefined ? [] : [{ name: entry.name, ordinal: ordinals[index] ?? 0 }]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const pointers = rdata.reserve(named.length * 4, 4);
  const nameOrdinals = rdata.reserve(named.length * 2, 2);
  named.forEach((entry, index) => {
    rdata.patch32(pointers + index * 4, rdata.text(entry.name));
    rdata.patch16(nameOrdinals + index * 2, entry.ordinal - base);
  });
  const fields = [rdata.text(exportName), base, count, named.length, functions, pointers, nameOrdinals];
  fields.forEach((value, index) => rdata.patch32(start + 12 + index * 4, value));
  return [start, rdata.end - start];
}

/** RT_MANIFEST (24) → number → language 1033 → data. */
function addManifest(rdata: Block, manifest: string | Uint8Array, id: number): Directory {
  const text = typeof manifest === 'string' ? new TextEncoder().encode(manifest) : manifest;
  const root = rdata.reserve(3 * 24 + 16, 4);
  [24, id, 1033].forEach((key, level) => {
    rdata.patch16(root + level * 24 + 14, 1);
    rdata.patch32(root + level * 24 + 16, key);
    rdata.patch32(root + level * 24 + 20, (level + 1) * 24 + (level < 2 ? 0x80000000 : 0));
  });
  rdata.patch32(root + 72, rdata.add(text, 4));
  rdata.patch32(root + 76, text.length);
  return [root, 88];
}

function addLoadConfiguration(rdata: Block): Directory {
  const size = 0x140;
  const at = rdata.reserve(size, 8);
  rdata.patch32(at, size);
  if (rdata.bits === 64) rdata.patchWord(at + 200, rdata.imageBase + BigInt(at));
  else rdata.patch32(at + 124, Number(rdata.imageBase) + at);
  return [at, size];
}

/** CLI header, metadata root with four streams, and the tables TypeRef, MemberRef, CustomAttribute, ModuleRef. */
function addClr(rdata: Block, parts: ClrParts): Directory {
  const header = rdata.reserve(72, 4);
  const metadata = clrMetadata(parts);
  const root = rdata.add(metadata, 4);
  [72, 0x00050002, root, metadata.length, parts.flags ?? 1].forEach((value, index) =>
    rdata.patch32(header + index * 4, value),
  );
  return [header, 72];
}

function clrMetadata(parts: ClrParts): Uint8Array {
  const strings = new Heap();
  const blobs = new Heap();
  const literals = new Heap();
  for (const literal of parts.literals ?? []) {
    const text = Buffer.from(literal, 'utf16le');
    literals.add([text.length + 1, ...text, 0]);
  }
  const framework = parts.targetFramework === undefined ? [] : frameworkRows(parts.targetFramework, strings, blobs);
  const modules = (parts.modules ?? []).map((name) => u16(strings.text(name)));
  const tables = [...framework, { table: 0x1a, rows: modules }].filter(({ rows }) => rows.length > 0);
  const valid = tables.reduce((bits, { table }) => bits | (1 << table), 0);
  const counts = tables.flatMap(({ rows }) => u32(rows.length));
  const stream = [...u32(0), 2, 0, 0, 1, ...u32(valid), ...u32(0), ...u32(0), ...u32(0), ...counts];
  return metadataRoot(parts.version ?? 'v4.0.30319', [
    ['#~', [...stream, ...tables.flatMap(({ rows }) => rows.flat())]],
    ['#Strings', strings.bytes()],
    ['#US', literals.bytes()],
    ['#Blob', blobs.bytes()],
  ]);
}

/** TypeRef, MemberRef and CustomAttribute of an attribute on the assembly, one row each. */
function frameworkRows(
  framework: string,
  strings: Heap,
  blobs: Heap,
): readonly { readonly table: number; readonly rows: readonly (readonly number[])[] }[] {
  const text = latin1(framework);
  const value = blobs.add([text.length + 5, 1, 0, text.length, ...text, 0, 0]);
  const typeRef = [...u16(0), ...u16(strings.text('TargetFrameworkAttribute')), ...u16(0)];
  const memberRef = [...u16((1 << 3) | 1), ...u16(strings.text('.ctor')), ...u16(0)];
  const attribute = [...u16((1 << 5) | 14), ...u16((1 << 3) | 3), ...u16(value)];
  return [
    { table: 0x01, rows: [typeRef] },
    { table: 0x0a, rows: [memberRef] },
    { table: 0x0c, rows: [attribute] },
  ];
}

function metadataRoot(version: string, streams: readonly (readonly [string, readonly number[]])[]): Uint8Array {
  const versionBytes = padded([...latin1(version), 0]);
  const names = streams.map(([name]) => padded([...latin1(name), 0]));
  const headerBytes = names.reduce((sum, name) => sum + 8 + name.length, 20 + versionBytes.length);
  const headers: number[] = [];
  const bodies: number[] = [];
  streams.forEach(([, body], index) => {
    headers.push(...u32(headerBytes + bodies.length), ...u32(body.length), ...(names[index] ?? []));
    bodies.push(...padded(body));
  });
  const start = [...latin1('BSJB'), ...u16(1), ...u16(1), ...u32(0), ...u32(versionBytes.length), ...versionBytes];
  return Uint8Array.from([...start, ...u16(0), ...u16(streams.length), ...headers, ...bodies]);
}

/** A heap of the metadata: index 0 is the empty value. */
class Heap {
  private readonly content: number[] = [0];

  add(bytes: readonly number[]): number {
    const at = this.content.length;
    this.content.push(...bytes);
    return at;
  }

  text(text: string): number {
    return this.add([...latin1(text), 0]);
  }

  bytes(): readonly number[] {
    return this.content;
  }
}

/** Content of a section that grows; addresses are RVAs. */
class Block {
  readonly bits: 32 | 64;
  readonly imageBase: bigint;
  private readonly start: number;
  private content = new Uint8Array(256);
  length = 0;

  constructor(start: number, bits: 32 | 64, imageBase: bigint) {
    this.start = start;
    this.bits = bits;
    this.imageBase = imageBase;
  }

  get end(): number {
    return this.start + this.length;
  }

  reserve(size: number, alignment: number): number {
    const at = align(this.length, alignment);
    this.length = at + size;
    while (this.content.length < this.length) {
      const larger = new Uint8Array(this.content.length * 2);
      larger.set(this.content);
      this.content = larger;
    }
    return this.start + at;
  }

  add(bytes: Uint8Array, alignment = 1): number {
    const rva = this.reserve(bytes.length, alignment);
    this.content.set(bytes, rva - this.start);
    return rva;
  }

  text(text: string): number {
    return this.add(Uint8Array.of(...latin1(text), 0));
  }

  patch16(rva: number, value: number): void {
    this.view().setUint16(rva - this.start, value, true);
  }

  patch32(rva: number, value: number): void {
    this.view().setUint32(rva - this.start, value, true);
  }

  /** A word of the machine: 4 or 8 bytes. */
  patchWord(rva: number, value: bigint): void {
    if (this.bits === 64) this.view().setBigUint64(rva - this.start, value, true);
    else this.patch32(rva, Number(value));
  }

  bytes(): Uint8Array {
    return this.content.subarray(0, this.length);
  }

  private view(): DataView {
    return new DataView(this.content.buffer);
  }
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

function padded(bytes: readonly number[]): readonly number[] {
  return [...bytes, ...new Array<number>(align(bytes.length, 4) - bytes.length).fill(0)];
}

function u16(value: number): readonly number[] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function u32(value: number): readonly number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}

function latin1(text: string): readonly number[] {
  return [...Buffer.from(text, 'latin1')];
}
