import type { ElfBinary } from '../../model/binary.js';
import { SYMBOL_WORDS } from '../../model/symbols.js';

/** A version by its number in the packed symbols: its name, and for a need the soname that must define it. */
export interface NumberedVersion {
  readonly name: string;
  readonly file: string | null;
}

const versionsOfBinary = new WeakMap<ElfBinary, readonly NumberedVersion[]>();

/** Versions of a file by number - 1. */
function versionsOf(binary: ElfBinary): readonly NumberedVersion[] {
  let versions = versionsOfBinary.get(binary);
  if (versions === undefined) {
    versions = [
      ...binary.versionNeeds.flatMap(({ file, versions: names }) => names.map(({ name }) => ({ name, file }))),
      ...binary.versionDefinitions.map(({ name }) => ({ name, file: null })),
    ];
    versionsOfBinary.set(binary, versions);
  }
  return versions;
}

/** null: the symbol has none. */
export function versionAt(binary: ElfBinary, number: number): NumberedVersion | null {
  return number === 0 ? null : (versionsOf(binary)[number - 1] ?? null);
}

/** Index of the first definition with these hashes; -1 where there is none. Others with another version follow it. */
export function findDefinition(definitions: Uint32Array, first: number, second: number): number {
  let low = 0;
  let high = definitions.length / SYMBOL_WORDS;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((definitions[middle * SYMBOL_WORDS] ?? 0) < first) low = middle + 1;
    else high = middle;
  }
  for (let index = low; definitions[index * SYMBOL_WORDS] === first; index += 1) {
    if (definitions[index * SYMBOL_WORDS + 1] === second) return index;
  }
  return -1;
}
