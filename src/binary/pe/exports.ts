import { withinLimit } from '../door.js';
import type { PeExport } from '../../model/binary.js';
import { DIRECTORY, MAX_EXPORTS } from './constants.js';
import type { DataDirectory } from './header.js';
import type { PeImage } from './sections.js';

/**
 * Export directory (PE Format, "Export Directory Table"), 40 bytes: Name 12, OrdinalBase 16, AddressTableEntries 20,
 * NumberOfNamePointers 24, ExportAddressTable 28, NamePointer 32, OrdinalTable 36.
 *
 * An address inside the directory is not code but the text of a forwarder.
 */
export interface PeExports {
  readonly exportName: string | null;
  readonly exports: readonly PeExport[];
}

const EXPORT_DIRECTORY_BYTES = 40;

export function readExports(image: PeImage): PeExports {
  const directory = image.header.directories[DIRECTORY.export];
  if (directory === undefined || directory.rva === 0) return { exportName: null, exports: [] };
  const fields = image.fields(directory.rva, EXPORT_DIRECTORY_BYTES, 'export directory');
  const nameRva = fields.getUint32(12, true);
  const base = fields.getUint32(16, true);
  const functionCount = withinLimit(fields.getUint32(20, true), MAX_EXPORTS, directory.at, 'exports');
  const nameCount = withinLimit(fields.getUint32(24, true), MAX_EXPORTS, directory.at, 'exported names');
  const addresses = readTable(image, fields.getUint32(28, true), functionCount, 4, 'export address table');
  const names = readNames(image, fields.getUint32(32, true), fields.getUint32(36, true), nameCount);
  const exports: PeExport[] = [];
  for (let index = 0; index < functionCount; index += 1) {
    const address = addresses.getUint32(index * 4, true);
    if (address === 0) continue;
    const forwarder = isForwarder(directory, address) ? image.name(address, 'forwarder') : null;
    for (const name of names.get(index) ?? [null]) exports.push({ name, ordinal: base + index, forwarder });
  }
  return { exportName: nameRva === 0 ? null : image.name(nameRva, 'export directory name'), exports };
}

/** Names by the index of their function; one function can have several. */
function readNames(image: PeImage, pointersRva: number, ordinalsRva: number, count: number): Map<number, string[]> {
  const pointers = readTable(image, pointersRva, count, 4, 'export name pointer table');
  const ordinals = readTable(image, ordinalsRva, count, 2, 'export ordinal table');
  const names = new Map<number, string[]>();
  for (let index = 0; index < count; index += 1) {
    const name = image.name(pointers.getUint32(index * 4, true), 'exported name');
    const target = ordinals.getUint16(index * 2, true);
    const known = names.get(target);
    if (known === undefined) names.set(target, [name]);
    else known.push(name);
  }
  return names;
}

function readTable(image: PeImage, rva: number, count: number, size: number, field: string): DataView {
  return count === 0 ? new DataView(new ArrayBuffer(0)) : image.fields(rva, count * size, field);
}

function isForwarder(directory: DataDirectory, address: number): boolean {
  return address >= directory.rva && address - directory.rva < directory.size;
}
