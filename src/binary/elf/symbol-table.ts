import type { ElfSymbols } from '../../model/symbols.js';
import type { ElfFile } from './header.js';
import type { SymbolTable } from './symbols.js';
import type { IndexedDefinition, IndexedNeed } from './versions.js';
import {
  DEFINITION,
  firstHash,
  LOOKUP,
  MAX_VERSION_NUMBER,
  secondHash,
  SYMBOL_WORDS,
  VERSION_MASK,
} from '../../model/symbols.js';
import { decodeText } from '../door.js';
import { MAX_DYNAMIC_SYMBOLS } from './constants.js';
import { USE } from './relocations.js';
import { VERSYM_HIDDEN } from './versions.js';

/** Symbol (gABI 4.1, Figures 4-15 to 4-19): the values that decide who binds to what. */
const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2, GNU_UNIQUE: 10 } as const;
const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, COMMON: 5, TLS: 6, GNU_IFUNC: 10 } as const;
const STV = { HIDDEN: 2, INTERNAL: 1 } as const;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;

/** What glibc's loader takes for a definition (elf/dl-lookup.c, `ALLOWED_STT`). */
const BINDABLE_TYPES: ReadonlySet<number> = new Set(Object.values(STT));
const BINDABLE: ReadonlySet<number> = new Set([STB.GLOBAL, STB.WEAK, STB.GNU_UNIQUE]);

/** What is read beside the symbols themselves. */
export interface SymbolExtras {
  /** `.gnu.version` */
  readonly versions: Uint16Array | null;
  readonly needs: readonly IndexedNeed[];
  readonly definitions: readonly IndexedDefinition[];
  /** Uses by relocations; null where they are not known. */
  readonly uses: Uint8Array | null;
  /** Without a hash table no loader finds a definition. */
  readonly hashed: boolean;
}

/** One symbol of the table. */
interface Fields {
  readonly binding: number;
  readonly type: number;
  readonly visibility: number;
  readonly section: number;
  readonly hasValue: boolean;
}

/** Packs the symbols that a loader looks up or finds; local ones are left out. */
export function packSymbols(file: ElfFile, table: SymbolTable, extras: SymbolExtras): ElfSymbols {
  const numbers = versionNumbers(extras);
  const read = fieldReader(file, table);
  const lookups = new Packed();
  const others = new Packed();
  const definitions = new Packed();
  const versionOf = (index: number): number => extras.versions?.[index] ?? 0;
  const useOf = (index: number): number => extras.uses?.[index] ?? 0;
  for (let index = 1; index < table.count; index += 1) {
    const fields = read(index);
    const version = versionOf(index);
    const use = useOf(index);
    const definition = extras.hashed ? definitionFlags(fields, version) : null;
    const isUndefined = fields.section === SHN_UNDEF;
    const other = isUndefined ? 0 : ownFlags(definition, use);
    if (definition === null && !isUndefined && other === 0) continue;
    const name = nameAt(table, index, read);
    if (name.length === 0) continue;
    const number = numbers.get(version & VERSION_MASK) ?? 0;
    if (isUndefined) lookups.add(name, number | lookupFlags(fields, use), true);
    if (other !== 0) others.add(name, number | other, true);
    if (definition !== null) definitions.add(name, number | definition, false);
  }
  return {
    names: lookups.names() + others.names(),
    lookups: joined(lookups.words(), others.words()),
    definitions: sorted(definitions.words()),
    versioned: extras.versions !== null,
    usesKnown: extras.uses !== null,
  };
}

type ReadFields = ((index: number) => Fields) & { readonly nameOffset: (index: number) => number };

function fieldReader(file: ElfFile, { bytes, entrySize }: SymbolTable): ReadFields {
  const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = file.header.endianness === 'little';
  const { wide } = file;
  const infoAt = wide ? 4 : 12;
  const read = (index: number): Fields => {
    const at = index * entrySize;
    const info = fields.getUint8(at + infoAt);
    return {
      binding: info >> 4,
      type: info & 0xf,
      visibility: fields.getUint8(at + infoAt + 1) & 3,
      section: fields.getUint16(at + infoAt + 2, little),
      hasValue: wide
        ? fields.getUint32(at + 8, little) !== 0 || fields.getUint32(at + 12, little) !== 0
        : fields.getUint32(at + 4, little) !== 0,
    };
  };
  return Object.assign(read, { nameOffset: (index: number) => fields.getUint32(index * entrySize, little) });
}

function nameAt({ strings, from, entrySize }: SymbolTable, index: number, read: ReadFields): Uint8Array {
  return strings.name(read.nameOffset(index), from + index * entrySize, 'st_name');
}

function lookupFlags({ binding }: Fields, use: number): number {
  return (
    flag(binding === STB.WEAK, LOOKUP.weak) |
    flag((use & USE.start) !== 0, LOOKUP.start) |
    flag((use & USE.call) !== 0, LOOKUP.call)
  );
}

/** Definitions that musl passes over (ldso/dynlink.c, `find_sym2`), so that not even the file itself is bound to them. */
const PASSED_OVER_IN_MUSL = DEFINITION.hidden | DEFINITION.indirect | DEFINITION.zero;

/** A symbol that the file defines and that is looked up all the same; 0: it finds itself. */
function ownFlags(definition: number | null, use: number): number {
  if ((use & USE.copy) !== 0) return LOOKUP.copy | LOOKUP.start;
  if (use === 0 || definition === null || (definition & PASSED_OVER_IN_MUSL) === 0) return 0;
  return LOOKUP.own | flag((use & USE.start) !== 0, LOOKUP.start) | flag((use & USE.call) !== 0, LOOKUP.call);
}

/** null: nothing outside of the file binds to it (elf/dl-lookup.c, `check_match`, `do_lookup_x`). */
function definitionFlags(fields: Fields, version: number): number | null {
  const { binding, type, visibility, section, hasValue } = fields;
  if (!BINDABLE.has(binding) || !BINDABLE_TYPES.has(type)) return null;
  if (visibility === STV.HIDDEN || visibility === STV.INTERNAL) return null;
  const mayBeZero = section === SHN_ABS || (type === STT.TLS && section !== SHN_UNDEF);
  if (!hasValue && !mayBeZero) return null;
  return (
    flag((version & VERSYM_HIDDEN) !== 0, DEFINITION.hidden) |
    flag((version & VERSION_MASK) < 3, DEFINITION.oldest) |
    flag(type === STT.GNU_IFUNC, DEFINITION.indirect) |
    flag(section === SHN_UNDEF, DEFINITION.plt) |
    flag(!hasValue && type !== STT.TLS, DEFINITION.zero)
  );
}

function flag(holds: boolean, bit: number): number {
  return holds ? bit : 0;
}

/** Number of each index of `.gnu.version`; the base definition names the file, not a version. */
function versionNumbers({ needs, definitions }: SymbolExtras): ReadonlyMap<number, number> {
  const numbers = new Map<number, number>();
  let number = 0;
  const set = (index: number): void => {
    if (number <= MAX_VERSION_NUMBER) numbers.set(index & VERSION_MASK, number);
  };
  for (const need of needs) {
    for (const index of need.indexes) {
      number += 1;
      if (index > 1) set(index);
    }
  }
  for (const { base, index } of definitions) {
    number += 1;
    if (!base) set(index);
  }
  return numbers;
}

/** Words and names while they are collected. */
class Packed {
  private readonly list: number[] = [];
  private readonly texts: string[] = [];

  add(name: Uint8Array, flags: number, named: boolean): void {
    this.list.push(firstHash(name), secondHash(name), flags);
    if (named) this.texts.push(decodeText(name));
  }

  names(): string {
    return this.texts.length === 0 ? '' : `${this.texts.join('\0')}\0`;
  }

  words(): Uint32Array {
    return Uint32Array.from(this.list);
  }
}

function joined(first: Uint32Array, second: Uint32Array): Uint32Array {
  if (second.length === 0) return first;
  const all = new Uint32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** By hash, so that a loader's question is a binary search. */
function sorted(words: Uint32Array): Uint32Array {
  const count = words.length / SYMBOL_WORDS;
  const keys = new Float64Array(count);
  // Hash and index in one number below 2^53.
  for (let index = 0; index < count; index += 1) {
    keys[index] = (words[index * SYMBOL_WORDS] ?? 0) * MAX_DYNAMIC_SYMBOLS + index;
  }
  keys.sort();
  const result = new Uint32Array(words.length);
  keys.forEach((key, position) => {
    const from = (key % MAX_DYNAMIC_SYMBOLS) * SYMBOL_WORDS;
    result.set(words.subarray(from, from + SYMBOL_WORDS), position * SYMBOL_WORDS);
  });
  return result;
}
