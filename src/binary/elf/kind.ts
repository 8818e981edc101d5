import type { ElfKind } from '../../model/binary.js';
import type { DynamicEntry } from './dynamic.js';
import { DF_1_PIE, DT, ET_CORE, ET_DYN, ET_EXEC, ET_REL } from './constants.js';
import { entryOf, flagsOf } from './dynamic.js';

export interface KindFacts {
  readonly e_type: number;
  readonly e_entry: bigint;
  readonly interpreter: string | null;
  /** null: the file has no dynamic section. */
  readonly dynamic: readonly DynamicEntry[] | null;
}

/** e_type, and what tells programs and libraries among ET_DYN apart. */
export function kindOf(facts: KindFacts): ElfKind {
  switch (facts.e_type) {
    case ET_REL:
      return 'relocatable';
    case ET_EXEC:
      return 'executable';
    case ET_CORE:
      return 'core';
    case ET_DYN:
      return isProgram(facts) ? (facts.interpreter === null ? 'static-pie' : 'pie') : 'shared-object';
    default:
      return 'other';
  }
}

/**
 * DF_1_PIE says so (binutils 2.26 and newer). Before, linkers gave programs DT_DEBUG and no soname; libc.so.6 has an
 * interpreter and an entry too, and a soname. A file without dynamic section can only be started.
 */
function isProgram({ e_entry, interpreter, dynamic }: KindFacts): boolean {
  if (dynamic === null) return interpreter !== null || e_entry !== 0n;
  if ((flagsOf(dynamic, DT.FLAGS_1) & DF_1_PIE) !== 0) return true;
  if (entryOf(dynamic, DT.SONAME) !== null) return false;
  return interpreter !== null || (entryOf(dynamic, DT.DEBUG) !== null && e_entry !== 0n);
}
