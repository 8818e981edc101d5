import type { ImageAnalysis } from '../model/analysis.js';
import type { Closure, LoadedObject } from '../model/resolution.js';
import type { AnalysedBinary, Reach } from '../model/start.js';
import { decidingReaches, stronger } from './program-facts.js';

/** One file as mapped in one process. */
export interface Occurrence {
  readonly object: LoadedObject;
  readonly loader: Closure['loader'];
  readonly complete: boolean;
  readonly reach: Reach;
  /** Path of the program in whose process it is mapped; null where none of the start path maps it. */
  readonly program: string | null;
}

export type Occurrences = ReadonlyMap<string, readonly Occurrence[]>;

/** Where each file is mapped by a program of the start path, by the file's own path. */
export function findOccurrences(analysis: ImageAnalysis): Occurrences {
  const byPath = new Map<string, Occurrence[]>();
  const reaches = decidingReaches(analysis.start.programs);
  analysis.start.programs.forEach((program, index) => {
    const { closure, lookup } = program;
    if (closure === null) return;
    const path = lookup.found ? lookup.realPath : program.requested;
    for (const occurrence of occurrencesOf(closure, reaches[index] ?? 'present', path)) {
      const found = byPath.get(occurrence.object.entry.path);
      if (found === undefined) byPath.set(occurrence.object.entry.path, [occurrence]);
      else found.push(occurrence);
    }
  });
  return byPath;
}

function occurrencesOf(closure: Closure, reach: Reach, program: string | null): readonly Occurrence[] {
  const { loader, complete } = closure;
  return closure.objects.map((object) => ({ object, loader, complete, reach, program }));
}

/** What was worked out about one binary: how it is reached, and the processes in which that is so. */
export interface Placed {
  readonly reach: Reach;
  readonly occurrences: readonly Occurrence[];
}

/**
 * A file that only programs that do not decide map is not decisive itself. Where several processes map it, those count
 * whose reach is the strongest; a file that none maps has its own closure.
 */
export function placeBinary(binary: AnalysedBinary, all: Occurrences): Placed {
  const found = all.get(binary.entry.path) ?? [];
  if (found.length > 0) {
    const reach = found.reduce<Reach>((best, { reach: each }) => stronger(best, each), 'present');
    return { reach, occurrences: found.filter((occurrence) => occurrence.reach === reach) };
  }
  const own = binary.closure === null ? [] : occurrencesOf(binary.closure, binary.reach, null);
  return { reach: binary.reach, occurrences: own.filter(({ object }) => object.entry.path === binary.entry.path) };
}
