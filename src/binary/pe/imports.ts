import { badValue, withinLimit, type PartReader } from '../door.js';
import type { PeImport } from '../../model/binary.js';
import { DIRECTORY, MAX_IMPORTED_NAMES, MAX_IMPORT_DLLS } from './constants.js';
import type { PeImage } from './sections.js';

/**
 * Import directory (PE Format, "Import Directory Table", "Import Lookup Table") and delay-load directory
 * ("Delay-Load Directory Table").
 *
 *   import descriptor, 20 bytes       delay descriptor, 32 bytes
 *   ImportLookupTable    0            Attributes           0   bit 0: addresses are RVAs, else virtual addresses
 *   Name                12            Name                 4
 *   ImportAddressTable  16            DelayImportNameTable 16
 *
 * The loader takes no notice of the directory's size: the table ends with a descriptor without Name or address table.
 */
const IMPORT_DESCRIPTOR_BYTES = 20;
const DELAY_DESCRIPTOR_BYTES = 32;
const ATTRIBUTE_RVA_BASED = 1;
/** Thunks read at once. */
const THUNK_BLOCK = 512;
const PARTS = { import: 'import directory', delay: 'delay import directory' } as const;

/** One DLL as its descriptor says it; addresses are RVAs. */
interface Descriptor {
  readonly nameRva: number;
  readonly thunksRva: number;
  /** Subtracted from the thunks' addresses: the image base for old delay descriptors. */
  readonly base: bigint;
}

export function readImports(image: PeImage, parts: PartReader): readonly PeImport[] {
  const count = { names: 0 };
  const eager = descriptorsOf(image, parts, PARTS.import, DIRECTORY.import, importDescriptor);
  const delayed = descriptorsOf(image, parts, PARTS.delay, DIRECTORY.delayImport, delayDescriptor);
  return [
    ...eager.flatMap((descriptor) => readDll(image, parts, PARTS.import, descriptor, count)),
    ...delayed.flatMap((descriptor) => readDll(image, parts, PARTS.delay, descriptor, count)),
  ];
}

type ReadDescriptor = (image: PeImage, rva: number) => Descriptor | null;

/** Descriptors up to the end of the table; those before a broken one are kept. */
function descriptorsOf(
  image: PeImage,
  parts: PartReader,
  part: string,
  index: number,
  readOne: ReadDescriptor,
): readonly Descriptor[] {
  const directory = image.header.directories[index];
  if (directory === undefined || directory.rva === 0) return [];
  const step = readOne === importDescriptor ? IMPORT_DESCRIPTOR_BYTES : DELAY_DESCRIPTOR_BYTES;
  const found: Descriptor[] = [];
  parts.read(part, undefined, () => {
    for (let rva = directory.rva; ; rva += step) {
      const descriptor = readOne(image, rva);
      if (descriptor === null) return;
      found.push(descriptor);
      withinLimit(found.length, MAX_IMPORT_DLLS, directory.at, 'DLLs');
    }
  });
  return found;
}

/** A lookup table that lies in the headers, or that is not there, is not used: the address table has the same names. */
function importDescriptor(image: PeImage, rva: number): Descriptor | null {
  const fields = image.fields(rva, IMPORT_DESCRIPTOR_BYTES, 'import descriptor');
  const lookup = fields.getUint32(0, true);
  const nameRva = fields.getUint32(12, true);
  const addresses = fields.getUint32(16, true);
  if (nameRva === 0 || addresses === 0) return null;
  return { nameRva, thunksRva: lookup < image.header.SizeOfHeaders ? addresses : lookup, base: 0n };
}

function delayDescriptor(image: PeImage, rva: number): Descriptor | null {
  const fields = image.fields(rva, DELAY_DESCRIPTOR_BYTES, 'delay import descriptor');
  const base = (fields.getUint32(0, true) & ATTRIBUTE_RVA_BASED) === 0 ? image.header.ImageBase : 0n;
  const name = fields.getUint32(4, true);
  if (name === 0) return null;
  return { nameRva: toRva(name, base), thunksRva: toRva(fields.getUint32(16, true), base), base };
}

function toRva(address: number, base: bigint): number {
  const rva = BigInt(address) - base;
  if (rva < 0n) throw badValue(0, 'virtual address', address);
  return Number(rva);
}

/** One DLL; without its names where those cannot be read, not at all where its own name cannot. */
function readDll(
  image: PeImage,
  parts: PartReader,
  part: 'import directory' | 'delay import directory',
  descriptor: Descriptor,
  count: { names: number },
): readonly PeImport[] {
  const dll = readOnce(parts, part, null, () => image.name(descriptor.nameRva, 'DLL name'));
  if (dll === null) return [];
  const names: string[] = [];
  readOnce(parts, part, undefined, () => readNames(image, descriptor, names, count));
  return [{ dll, delayLoaded: part === PARTS.delay, names }];
}

/** One gap a part is enough: a hostile file has thousands of broken descriptors. */
function readOnce<T>(parts: PartReader, part: string, fallback: T, body: () => T): T {
  const before = parts.gaps.length;
  const value = parts.read(part, fallback, body);
  if (parts.gaps.length > before && parts.gaps.findIndex((gap) => gap.part === part) < before) parts.gaps.pop();
  return value;
}

/** Entries of the lookup table: the top bit marks an ordinal, otherwise a hint (2 bytes) and a name are there. */
function readNames(image: PeImage, descriptor: Descriptor, names: string[], count: { names: number }): void {
  for (const thunk of thunks(image, descriptor.thunksRva)) {
    count.names += 1;
    withinLimit(count.names, MAX_IMPORTED_NAMES, 0, 'imported names');
    if (thunk.ordinal !== null) names.push(`#${thunk.ordinal}`);
    else names.push(image.name(nameAddress(thunk.address, descriptor.base) + 2, 'imported name'));
  }
}

function nameAddress(address: bigint, base: bigint): number {
  const rva = address - base;
  if (rva < 0n || rva > 0x7fffffffn) throw badValue(0, 'address of imported name', address);
  return Number(rva);
}

interface Thunk {
  readonly ordinal: number | null;
  readonly address: bigint;
}

/** Reads the table in blocks, so that jumping to the names and back costs nothing. */
function* thunks(image: PeImage, start: number): Generator<Thunk> {
  const { isPe32Plus } = image.header;
  const size = isPe32Plus ? 8 : 4;
  for (let rva = start; ; rva += THUNK_BLOCK * size) {
    const room = Math.max(size, Math.min(THUNK_BLOCK * size, image.available(rva, 'import lookup table')));
    const block = image.fields(rva, room - (room % size), 'import lookup table');
    for (let at = 0; at < block.byteLength; at += size) {
      const value = isPe32Plus ? block.getBigUint64(at, true) : BigInt(block.getUint32(at, true));
      if (value === 0n) return;
      const isOrdinal = value >> BigInt(size * 8 - 1) === 1n;
      yield { ordinal: isOrdinal ? Number(value & 0xffffn) : null, address: value };
    }
    if (block.byteLength < THUNK_BLOCK * size) throw badValue(0, 'import lookup table at', start);
  }
}
