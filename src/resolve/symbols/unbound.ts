import type { ElfBinary } from '../../model/binary.js';
import { flagsAt, LOOKUP, lookupNames, SYMBOL_WORDS, VERSION_MASK } from '../../model/symbols.js';
import { hashesOf, withoutLfs64 } from './lfs64.js';
import { matchesInGlibc, matchesInMusl, type Matches, type Reference } from './match.js';
import type { Scope } from './scope.js';
import { versionAt } from './table.js';

export type Family = 'glibc' | 'musl';

/** What was found for the names of one file: each is bound once, then only asked whether its provider is there. */
interface Bound {
  readonly providers: ElfBinary[];
  /** Provider of each name: index + 1; 0 where none was found yet. */
  readonly by: Uint16Array;
}

const MAX_PROVIDERS = 0xffff;

/** What one loader does with names. */
interface Binder {
  readonly matches: Matches;
  readonly known: WeakMap<ElfBinary, Bound>;
}

const BINDERS: Readonly<Record<Family, Binder>> = {
  glibc: { matches: matchesInGlibc, known: new WeakMap<ElfBinary, Bound>() },
  musl: { matches: matchesInMusl, known: new WeakMap<ElfBinary, Bound>() },
};

/** Indexes of names that nothing in the scope defines, weak and unused ones left out. */
export function unboundLookups(binary: ElfBinary, scope: Scope, family: Family): readonly number[] {
  const binder = BINDERS[family];
  let bound = binder.known.get(binary);
  if (bound === undefined) {
    bound = { providers: [], by: new Uint16Array(binary.symbols.lookups.length / SYMBOL_WORDS) };
    binder.known.set(binary, bound);
  }
  const isThere = bound.providers.map((provider) => scope.members.has(provider));
  if (!bound.by.includes(0) && isThere.every(Boolean)) return [];
  return search(binary, scope, family, bound, isThere);
}

function search(
  binary: ElfBinary,
  scope: Scope,
  family: Family,
  bound: Bound,
  isThere: readonly boolean[],
): readonly number[] {
  const { lookups } = binary.symbols;
  const missing: number[] = [];
  for (let index = 0; index < bound.by.length; index += 1) {
    const known = bound.by[index] ?? 0;
    if (known > 0 && isThere[known - 1] !== false) continue;
    const flags = flagsAt(lookups, index);
    if (!isLookedUp(flags, family)) continue;
    const provider = providerOf(binary, index, scope, family);
    if (provider !== null) note(bound, index, provider);
    else if ((flags & LOOKUP.weak) === 0) missing.push(index);
  }
  return missing;
}

/** What no relocation uses is not looked up; glibc finds what the file itself defines. */
function isLookedUp(flags: number, family: Family): boolean {
  if ((flags & (LOOKUP.start | LOOKUP.call)) === 0) return false;
  return family === 'musl' || (flags & LOOKUP.own) === 0;
}

function note({ providers, by }: Bound, index: number, provider: ElfBinary): void {
  let position = providers.indexOf(provider);
  if (position === -1) position = providers.push(provider) - 1;
  if (position < MAX_PROVIDERS) by[index] = position + 1;
}

function providerOf(binary: ElfBinary, index: number, scope: Scope, family: Family): ElfBinary | null {
  const { lookups } = binary.symbols;
  const flags = flagsAt(lookups, index);
  const reference: Reference = {
    first: lookups[index * SYMBOL_WORDS] ?? 0,
    second: lookups[index * SYMBOL_WORDS + 1] ?? 0,
    flags,
    version: versionAt(binary, flags & VERSION_MASK),
  };
  const { matches } = BINDERS[family];
  const without = (flags & LOOKUP.copy) === 0 ? null : scope.program;
  const found = scope.binaries.find((provider) => provider !== without && matches(provider, reference));
  if (found !== undefined) return found;
  const plain = family === 'musl' ? withoutLfs64(lookupNames(binary.symbols)[index] ?? '') : null;
  if (plain === null) return null;
  return (
    scope.binaries.find((provider) => isLibc(provider) && matches(provider, { ...reference, ...hashesOf(plain) })) ??
    null
  );
}

function isLibc({ soname }: ElfBinary): boolean {
  return soname?.startsWith('libc.') === true;
}
