import { withinLimit } from '../door.js';
import { DIRECTORY, MAX_MANIFEST_BYTES, MAX_RESOURCE_ENTRIES, RT_MANIFEST } from './constants.js';
import type { PeImage } from './sections.js';

/**
 * Resource directory (PE Format, "The .rsrc Section"): a tree of type, name and language. A table has 16 bytes
 * (number of named entries at 12, of numbered ones at 14), then entries of 8 bytes: name or number, and the offset of
 * the next table (top bit set) or of the data entry, from the root. A data entry has the RVA at 0 and the size at 4.
 */
const TABLE_BYTES = 16;
const ENTRY_BYTES = 8;
const DATA_ENTRY_BYTES = 16;
const IS_TABLE = 0x80000000;

interface Entry {
  /** Null for an entry with a name. */
  readonly id: number | null;
  readonly isTable: boolean;
  readonly offset: number;
}

/** Bytes of the first manifest: number 1 in a program, 2 in a DLL. Null where there is none. */
export function readManifestBytes(image: PeImage): Uint8Array | null {
  const root = image.header.directories[DIRECTORY.resource]?.rva ?? 0;
  if (root === 0) return null;
  const type = readTable(image, root, 0).find((entry) => entry.id === RT_MANIFEST && entry.isTable);
  if (type === undefined) return null;
  const name = readTable(image, root, type.offset)[0];
  if (name?.isTable !== true) return null;
  const language = readTable(image, root, name.offset)[0];
  if (language === undefined || language.isTable) return null;
  const data = image.fields(root + language.offset, DATA_ENTRY_BYTES, 'resource data entry');
  const rva = data.getUint32(0, true);
  const size = withinLimit(data.getUint32(4, true), MAX_MANIFEST_BYTES, root, 'bytes of manifest');
  return image.bytes(rva, size, 'manifest');
}

/** One resource of the file. Type, name and language are numbers, or null for a text. */
export interface PeResource {
  readonly type: number | null;
  readonly id: number | null;
  readonly language: number | null;
  readonly size: number;
}

/** Every resource; the tree has three levels, and a limit on all of its entries together. */
export function listResources(image: PeImage): readonly PeResource[] {
  const root = image.header.directories[DIRECTORY.resource]?.rva ?? 0;
  if (root === 0) return [];
  const found: PeResource[] = [];
  for (const type of readTable(image, root, 0)) {
    for (const name of tableOf(image, root, type)) {
      for (const language of tableOf(image, root, name)) {
        const size = language.isTable
          ? 0
          : image.fields(root + language.offset, 8, 'resource data entry').getUint32(4, true);
        found.push({ type: type.id, id: name.id, language: language.id, size });
        withinLimit(found.length, MAX_RESOURCE_ENTRIES, root, 'resource entries');
      }
    }
  }
  return found;
}

function tableOf(image: PeImage, root: number, entry: Entry): readonly Entry[] {
  return entry.isTable ? readTable(image, root, entry.offset) : [];
}

function readTable(image: PeImage, root: number, offset: number): readonly Entry[] {
  const table = image.fields(root + offset, TABLE_BYTES, 'resource directory table');
  const count = table.getUint16(12, true) + table.getUint16(14, true);
  withinLimit(count, MAX_RESOURCE_ENTRIES, root, 'resource entries');
  const entries = image.fields(root + offset + TABLE_BYTES, count * ENTRY_BYTES, 'resource directory entry');
  return Array.from({ length: count }, (_, index) => {
    const key = entries.getUint32(index * ENTRY_BYTES, true);
    const target = entries.getUint32(index * ENTRY_BYTES + 4, true);
    return { id: key >= IS_TABLE ? null : key, isTable: target >= IS_TABLE, offset: target % IS_TABLE };
  });
}
