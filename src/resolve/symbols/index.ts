import type { Closure, LoadedObject, MissingSymbol } from '../../model/resolution.js';
import type { ElfBinary } from '../../model/binary.js';
import type { LoaderContext } from '../loader.js';
import { flagsAt, LOOKUP, lookupNames, VERSION_MASK } from '../../model/symbols.js';
import { elfOf } from '../loader.js';
import { nameOf } from '../paths.js';
import { scopeOf } from './scope.js';
import { versionAt } from './table.js';
import { unboundLookups, type Family } from './unbound.js';
import { missingProcedures } from './windows.js';

/** Missing symbols that are kept of one file, those of the start first; a library of another generation lacks hundreds. */
export const MAX_MISSING_SYMBOLS = 100;

/** What a loader would say of the symbols of a closure. */
export interface SymbolFindings {
  /** False where a library is missing or unread: what is missing is then a consequence, or may be there. */
  readonly complete: boolean;
  readonly missing: ReadonlyMap<LoadedObject, readonly MissingSymbol[]>;
}

type Context = Pick<LoaderContext, 'environment' | 'rootfs' | 'process'>;

/**
 * Binds every symbol of the files of a closure as its loader would. For a library on its own, outside of a process, all
 * that its host program defines is missing.
 */
export function bindSymbols(closure: Closure, context: Context, limit = MAX_MISSING_SYMBOLS): SymbolFindings {
  switch (closure.loader) {
    case 'glibc':
    case 'musl':
      return bindElf(closure, context, closure.loader, limit);
    case 'windows':
      return missingProcedures(closure, context.rootfs);
    case 'dyld':
    case 'static':
    case 'unknown':
      return { complete: false, missing: new Map() };
  }
}

/** The closure with the missing symbols of each object, where all that could define them was found and read. */
export function withMissingSymbols(closure: Closure, context: Context): Closure {
  const versionsMissing = closure.objects.some(({ missingVersions }) => missingVersions.some(({ weak }) => !weak));
  // The loader ends before it binds anything.
  if (versionsMissing) return closure;
  const { complete, missing } = bindSymbols(closure, context);
  if (!complete) return closure;
  const objects = closure.objects.map((object) => ({ ...object, missingSymbols: missing.get(object) ?? [] }));
  return { ...closure, objects };
}

function bindElf(
  closure: Closure,
  { environment, process = null }: Context,
  family: Family,
  limit: number,
): SymbolFindings {
  const scope = scopeOf(closure, process);
  const missing = new Map<LoadedObject, readonly MissingSymbol[]>();
  for (const object of closure.objects) {
    const binary = elfOf(object.entry);
    if (binary === null || !scope.members.has(binary) || isLoader(binary)) continue;
    const bindsNow =
      binary.bindNow || (family === 'musl' ? process === null : (environment['LD_BIND_NOW'] ?? '') !== '');
    const unbound = unboundLookups(binary, scope, family);
    if (unbound.length === 0) continue;
    missing.set(object, described(binary, unbound, bindsNow, closure, limit));
  }
  return { complete: scope.complete, missing };
}

/** A loader relocates itself before anything else is mapped. */
function isLoader({ soname }: ElfBinary): boolean {
  return soname !== null && /^(?:ld-linux|ld64\.|ld\.so|libc\.musl-|libc\.so$)/.test(soname);
}

function described(
  binary: ElfBinary,
  unbound: readonly number[],
  bindsNow: boolean,
  closure: Closure,
  limit: number,
): readonly MissingSymbol[] {
  const names = lookupNames(binary.symbols);
  const { lookups } = binary.symbols;
  const isCall = (index: number): boolean => !bindsNow && (flagsAt(lookups, index) & LOOKUP.start) === 0;
  const starts = unbound.filter((index) => !isCall(index));
  return [...starts, ...unbound.filter(isCall)].slice(0, limit).map((index) => {
    const version = versionAt(binary, flagsAt(lookups, index) & VERSION_MASK);
    const provider = version?.file ?? null;
    return {
      name: names[index] ?? '',
      version: version?.name ?? null,
      provider,
      providerPath: provider === null ? null : pathOf(provider, closure),
      when: isCall(index) ? 'call' : 'start',
    };
  });
}

/** The object that serves a soname. */
function pathOf(name: string, { objects }: Closure): string | null {
  const found = objects.find(({ entry, path }) => elfOf(entry)?.soname === name || nameOf(path) === name);
  return found?.path ?? null;
}
