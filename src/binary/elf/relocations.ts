import type { DynamicEntry } from './dynamic.js';
import type { ElfFile } from './header.js';
import type { SymbolSource } from './symbols.js';
import { badValue, withinLimit } from '../door.js';
import { DT, EM, MAX_RELOCATIONS } from './constants.js';
import { entryOf } from './dynamic.js';

/** How relocations use a symbol. */
export const USE = {
  /** Looked up before the program runs. */
  start: 1,
  /** In DT_JMPREL, so that it may be looked up when it is first called. */
  call: 2,
  /** A copy relocation. */
  copy: 4,
} as const;

/** Types of relocations that matter by machine (psABI of each, elf.h): R_*_COPY and R_*_JUMP_SLOT. */
const TYPES: Readonly<Record<number, { readonly copy: number; readonly jumpSlot: number }>> = {
  [EM.X86_64]: { copy: 5, jumpSlot: 7 },
  [EM.I386]: { copy: 5, jumpSlot: 7 },
  [EM.AARCH64]: { copy: 1024, jumpSlot: 1026 },
  [EM.ARM]: { copy: 20, jumpSlot: 22 },
  [EM.RISCV]: { copy: 4, jumpSlot: 5 },
  [EM.S390]: { copy: 9, jumpSlot: 11 },
  [EM.PPC]: { copy: 19, jumpSlot: 21 },
  [EM.PPC64]: { copy: 19, jumpSlot: 21 },
  [EM.LOONGARCH]: { copy: 4, jumpSlot: 5 },
};

/** Relocation (gABI 4.1, Figure 4-21): r_offset, r_info and, in DT_RELA, r_addend, one word each. */
interface Table {
  readonly from: number;
  readonly size: number;
  readonly entrySize: number;
  /** DT_JMPREL */
  readonly lazy: boolean;
  readonly at: number;
}

/** Bytes of a table that are read at once. */
const BLOCK_BYTES = 3 << 16;

/**
 * Uses of each symbol by index; null where the machine has relocations of another kind (MIPS), or none that are known.
 * DT_RELR has no symbols.
 */
export function readSymbolUses(source: SymbolSource, count: number): Uint8Array | null {
  const { file } = source;
  const types = TYPES[file.header.e_machine];
  if (types === undefined) return null;
  const uses = new Uint8Array(count);
  let left = MAX_RELOCATIONS;
  for (const table of tablesOf(source)) {
    left -= table.size / table.entrySize;
    if (left < 0) withinLimit(MAX_RELOCATIONS + 1, MAX_RELOCATIONS, table.at, 'relocations');
    eachRelocation(file, table, (symbol, type) => {
      if (symbol === 0 || type === 0) return;
      if (symbol >= count) throw badValue(table.at, 'symbol index of a relocation', symbol);
      const isCall = table.lazy && type === types.jumpSlot;
      const copy = type === types.copy ? USE.copy : 0;
      uses[symbol] = (uses[symbol] ?? 0) | copy | (isCall ? USE.call : USE.start);
    });
  }
  return uses;
}

function tablesOf(source: SymbolSource): readonly Table[] {
  const { dynamic, file } = source;
  const { entries } = dynamic;
  const plt = entryOf(entries, DT.JMPREL);
  const pltUsesRela = entryOf(entries, DT.PLTREL)?.value === DT.RELA;
  const rela = tableOf(source, DT.RELA, DT.RELASZ, 3 * file.word, DT.RELACOUNT);
  const rel = tableOf(source, DT.REL, DT.RELSZ, 2 * file.word, DT.RELCOUNT);
  const lazy = plt === null ? [] : tableOf(source, DT.JMPREL, DT.PLTRELSZ, (pltUsesRela ? 3 : 2) * file.word, null);
  // Some linkers count the entries of DT_JMPREL to DT_RELA or DT_REL, at its end.
  const [jump] = lazy;
  const before = [...rela, ...rel].map((table) =>
    jump !== undefined && table.from <= jump.from && table.from + table.size === jump.from + jump.size
      ? { ...table, size: jump.from - table.from }
      : table,
  );
  return [...before, ...lazy];
}

/** Entries behind the leading R_*_RELATIVE ones, which have no symbol; DT_RELACOUNT says how many those are. */
function tableOf(
  { dynamic, map }: SymbolSource,
  tag: bigint,
  sizeTag: bigint,
  entrySize: number,
  countTag: bigint | null,
): readonly Table[] {
  const table = entryOf(dynamic.entries, tag);
  const bytes = numberOf(entryOf(dynamic.entries, sizeTag));
  const relative = countTag === null ? 0 : numberOf(entryOf(dynamic.entries, countTag)) * entrySize;
  const size = bytes - (bytes % entrySize);
  if (table === null || size <= relative) return [];
  const from = map.offset(table.value, table.at, 'address of relocations') + relative;
  return [{ from, size: size - relative, entrySize, lazy: tag === DT.JMPREL, at: table.at }];
}

function numberOf(entry: DynamicEntry | null): number {
  if (entry === null) return 0;
  if (entry.value > BigInt(Number.MAX_SAFE_INTEGER)) throw badValue(entry.at, 'd_val', entry.value);
  return Number(entry.value);
}

function eachRelocation(file: ElfFile, table: Table, visit: (symbol: number, type: number) => void): void {
  const little = file.header.endianness === 'little';
  const { from, size, entrySize } = table;
  for (let done = 0; done < size; done += BLOCK_BYTES) {
    const bytes = file.reader.bytes(from + done, Math.min(BLOCK_BYTES, size - done));
    const fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += entrySize) {
      if (file.wide) {
        // ELF64_R_INFO: the symbol in the high word, the type in the low one.
        visit(fields.getUint32(at + (little ? 12 : 8), little), fields.getUint32(at + (little ? 8 : 12), little));
      } else {
        const info = fields.getUint32(at + 4, little);
        visit(info >>> 8, info & 0xff);
      }
    }
  }
}
