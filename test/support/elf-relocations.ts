import type { ElfBytes } from './elf-bytes.js';

/** An entry of a relocation table (gABI 4.1, "Relocation"). */
export interface ElfRelocation {
  /** Name of a symbol of the file; left out: none (R_*_RELATIVE). */
  readonly symbol?: string;
  /** Number of the psABI. */
  readonly type: number;
  /** In DT_JMPREL, not in DT_RELA or DT_REL. */
  readonly lazy?: boolean;
}

/** A table with the entries of the dynamic section that tell of it. */
export interface RelocationTable {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Tag of its address, and tags whose value is known. */
  readonly addressTag: number;
  readonly tags: readonly (readonly [number, number])[];
}

const DT = {
  PLTRELSZ: 2,
  RELA: 7,
  RELASZ: 8,
  REL: 17,
  RELSZ: 18,
  PLTREL: 20,
  JMPREL: 23,
  RELACOUNT: 0x6ffffff9,
  RELCOUNT: 0x6ffffffa,
};

/** Tables in the form of the machine: with addends (RELA), or without for i386 and arm. */
export function relocationTables(
  writer: () => ElfBytes,
  withAddends: boolean,
  relocations: readonly ElfRelocation[],
  indexOf: (symbol: string) => number,
): readonly RelocationTable[] {
  const bytesOf = (entries: readonly ElfRelocation[]): Uint8Array => {
    const bytes = writer();
    for (const { symbol, type } of entries) {
      const index = symbol === undefined ? 0 : indexOf(symbol);
      bytes.word(0x1000).word(bytes.bits === 64 ? BigInt(index) * 2n ** 32n + BigInt(type) : index * 256 + type);
      if (withAddends) bytes.word(0);
    }
    return bytes.done();
  };
  const kind = withAddends ? '.rela' : '.rel';
  const plain = relocations.filter(({ lazy }) => lazy !== true);
  const lazy = relocations.filter((each) => each.lazy === true);
  const relative = plain.findIndex(({ symbol }) => symbol !== undefined);
  const table = (
    name: string,
    entries: readonly ElfRelocation[],
    addressTag: number,
    more: (size: number) => RelocationTable['tags'],
  ) => {
    if (entries.length === 0) return [];
    const bytes = bytesOf(entries);
    return [{ name, bytes, addressTag, tags: more(bytes.length) }];
  };
  return [
    ...table(`${kind}.dyn`, plain, withAddends ? DT.RELA : DT.REL, (size) => [
      [withAddends ? DT.RELASZ : DT.RELSZ, size],
      [withAddends ? DT.RELACOUNT : DT.RELCOUNT, relative === -1 ? plain.length : relative],
    ]),
    ...table(`${kind}.plt`, lazy, DT.JMPREL, (size) => [
      [DT.PLTRELSZ, size],
      [DT.PLTREL, withAddends ? DT.RELA : DT.REL],
    ]),
  ];
}
