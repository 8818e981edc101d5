import type { ElfBinary } from '../../model/binary.js';
import type { Closure, LoadedObject } from '../../model/resolution.js';
import { elfOf } from '../loader.js';

/** Files in which a process looks for symbols. */
export interface Scope {
  readonly binaries: readonly ElfBinary[];
  readonly members: ReadonlySet<ElfBinary>;
  /** The program: a copy relocation does not look there. */
  readonly program: ElfBinary | null;
  /** False where something that may define symbols was not found or could not be read. */
  readonly complete: boolean;
}

/** Parts of a file whose loss hides symbols. */
const SYMBOL_PARTS = /symbol|version|dynamic|program header|hash/;

/**
 * The global scope: the program, what is preloaded and all that they need, breadth first (gABI 4.1, "Shared Object
 * Dependencies"); for a library that a process loads, what the process has mapped before it. Where a symbol is defined
 * does not matter here, only whether it is.
 */
export function scopeOf(closure: Closure, process: Closure | null): Scope {
  const before = process === null ? [] : membersOf(process);
  const objects = [...before, ...membersOf(closure)];
  const binaries = objects.flatMap(({ entry }) => elfOf(entry) ?? []);
  const needs = [closure, ...(process === null ? [] : [process])].flatMap((each) =>
    each.objects.flatMap(({ needed }) => needed),
  );
  return {
    binaries,
    members: new Set(binaries),
    program: binaries[0] ?? null,
    complete:
      closure.complete &&
      process?.complete !== false &&
      binaries.every(({ gaps }) => gaps.every(({ part }) => !SYMBOL_PARTS.test(part))) &&
      needs.every(({ status }) => status === 'found' || status === 'builtin'),
  };
}

/** The loader is mapped by the kernel; it is searched only where something needs it by name. */
function membersOf({ objects, preloads = [] }: Closure): readonly LoadedObject[] {
  const needed = new Set<string | null>();
  for (const { realPath } of [...preloads, ...objects.flatMap((object) => object.needed)]) needed.add(realPath);
  return objects.filter((object, index) => index === 0 || needed.has(object.realPath));
}
