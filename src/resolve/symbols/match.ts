import type { ElfBinary } from '../../model/binary.js';
import { DEFINITION, flagsAt, LOOKUP, SYMBOL_WORDS, VERSION_MASK } from '../../model/symbols.js';
import { findDefinition, versionAt, type NumberedVersion } from './table.js';

/** One name as a loader looks it up. */
export interface Reference {
  readonly first: number;
  readonly second: number;
  /** Flags of LOOKUP. */
  readonly flags: number;
  /** Version that is asked for; null for none. */
  readonly version: NumberedVersion | null;
}

/** Whether a file defines what is looked up, as one loader sees it. */
export type Matches = (provider: ElfBinary, reference: Reference) => boolean;

/** Flags of all definitions of the name in a file. Those of one name may be apart from each other by hash collisions. */
function definitionsOf({ symbols }: ElfBinary, { first, second }: Reference): readonly number[] {
  const { definitions } = symbols;
  const found: number[] = [];
  let index = findDefinition(definitions, first, second);
  if (index === -1) return found;
  for (; definitions[index * SYMBOL_WORDS] === first; index += 1) {
    if (definitions[index * SYMBOL_WORDS + 1] === second) found.push(flagsAt(definitions, index));
  }
  return found;
}

/** A PLT entry stands for a function where its address is taken, not where it is called. */
function isPltOnly(definition: number, { flags }: Reference): boolean {
  return (definition & DEFINITION.plt) !== 0 && (flags & LOOKUP.call) !== 0 && (flags & LOOKUP.start) === 0;
}

/**
 * glibc, elf/dl-lookup.c, `check_match` and `do_lookup_x`. A file without versions satisfies any reference. Otherwise a
 * reference with a version takes a definition of that version, or one without version that is not hidden; a reference
 * without takes the base or the first version, or the only one that is not hidden.
 */
export const matchesInGlibc: Matches = (provider, reference) => {
  let others = 0;
  for (const definition of definitionsOf(provider, reference)) {
    if (isPltOnly(definition, reference)) continue;
    if (!provider.symbols.versioned) return !mustHaveVersions(provider, reference);
    const hidden = (definition & DEFINITION.hidden) !== 0;
    if (reference.version !== null) {
      const version = versionAt(provider, definition & VERSION_MASK);
      if (version === null ? !hidden : version.name === reference.version.name) return true;
    } else if ((definition & DEFINITION.oldest) !== 0) {
      return true;
    } else if (!hidden) {
      others += 1;
    }
  }
  return others === 1;
};

/** The loader ends with an assertion of `check_match` where the very file that is to define a version has none at all. */
function mustHaveVersions({ soname }: ElfBinary, { version }: Reference): boolean {
  return version !== null && version.file !== null && version.file === soname;
}

/** musl, ldso/dynlink.c, `find_sym2`: versions do not count, but a hidden definition is passed over. */
export const matchesInMusl: Matches = (provider, reference) => {
  const passedOver = DEFINITION.hidden | DEFINITION.zero | DEFINITION.indirect;
  return definitionsOf(provider, reference).some(
    (definition) => (definition & passedOver) === 0 && !isPltOnly(definition, reference),
  );
};
