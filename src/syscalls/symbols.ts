import { PartReader } from '../binary/door.js';
import { StringTable } from '../binary/elf/dynamic.js';
import { readSymbolTable } from '../binary/elf/symbols.js';
import type { CodeImage } from './image.js';

/** A symbol of .dynsym or .symtab that has a place, or a name that others are asked for. */
export interface CodeSymbol {
  readonly name: string;
  readonly kind: 'function' | 'object' | 'other';
  readonly address: number;
  readonly size: number;
  readonly defined: boolean;
  /** In .dynsym and not local: others can be bound to it. */
  readonly exported: boolean;
}

/** sh_type of .symtab; entries are as in .dynsym (gABI 4.1, Figure 4-15). */
const SHT_SYMTAB = 2;
const ENTRY_BYTES = 24;
const MAX_SYMBOLS = 2 ** 22;
const STT = { object: 1, function: 2, tls: 6, ifunc: 10 };

/** Dynamic symbols by their index, for relocations; empty where there are none. */
export function dynamicSymbols(image: CodeImage): readonly CodeSymbol[] {
  const parts = new PartReader();
  const { file, map, dynamic, sections } = image;
  const table = parts.read('symbols', null, () => readSymbolTable({ file, map, dynamic, sections }));
  return table === null ? [] : symbolsIn(table.bytes, table.strings, true);
}

/** Symbols of .symtab; empty in a stripped file. */
export function staticSymbols({ bytes, sections }: CodeImage): readonly CodeSymbol[] {
  const table = sections.find(({ sh_type }) => sh_type === SHT_SYMTAB);
  const names = sections.find(({ name }) => name === '.strtab');
  if (table === undefined || names === undefined) return [];
  const length = Math.min(table.sh_size, MAX_SYMBOLS * ENTRY_BYTES);
  const strings = new StringTable(bytes.subarray(names.sh_offset, names.sh_offset + names.sh_size), names.sh_offset);
  return symbolsIn(bytes.subarray(table.sh_offset, table.sh_offset + length), strings, false);
}

function symbolsIn(bytes: Uint8Array, strings: StringTable, dynamic: boolean): readonly CodeSymbol[] {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = new PartReader();
  const symbols: CodeSymbol[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const info = fields.getUint8(at + 4);
    const type = info & 15;
    const nameAt = fields.getUint32(at, true);
    symbols.push({
      name: parts.read('symbols', '', () => strings.text(nameAt, at, 'st_name')),
      kind: kindOf(type),
      address: Number(fields.getBigUint64(at + 8, true)),
      size: Number(fields.getBigUint64(at + 16, true)),
      defined: fields.getUint16(at + 6, true) !== 0 && type !== STT.tls,
      exported: dynamic && info >> 4 !== 0,
    });
  }
  return symbols;
}

function kindOf(type: number): CodeSymbol['kind'] {
  if (type === STT.function || type === STT.ifunc) return 'function';
  return type === STT.object ? 'object' : 'other';
}
