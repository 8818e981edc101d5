import type { Closure } from '../model/resolution.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { AnalysedBinary, StartPath } from '../model/start.js';
import { resolveClosure, withMissingSymbols, type LoaderContext } from '../resolve/index.js';
import { elfOf } from '../resolve/loader.js';
import { MAX_CLOSURE_OBJECTS, MAX_PRESENT_BINARIES, MAX_PRESENT_CLOSURES } from './limits.js';
import { hostProcess, isPlugin, reachOf, type HostProcess, type Reached } from './reach.js';

/**
 * Every binary of the image with how it is reached and what its loader would map for it. A plug-in is resolved in the
 * process that loads it, where one of the start path does. `onLimit` is told where the rest is left out.
 */
export function analyseBinaries(
  start: StartPath,
  rootfs: Rootfs,
  onLimit: (path: string, field: string, limit: number) => void = () => undefined,
): readonly AnalysedBinary[] {
  const reached = reachOf(start, rootfs);
  const closures = closuresOfPrograms(start);
  const context: LoaderContext = { rootfs, environment: start.environment, workingDir: '/', secure: false };
  const budget: Budget = { onLimit, binaries: 0, objects: 0 };
  const binaries: AnalysedBinary[] = [];
  for (const entry of rootfs.entries()) {
    const { content } = entry;
    if (!isBinary(entry)) continue;
    const reach = reached.reach(entry);
    if (reach === 'present' && !spendBinary(budget, entry.path)) continue;
    const wanted = content?.kind === 'binary' && (reach !== 'present' || budget.binaries <= MAX_PRESENT_CLOSURES);
    const resolve = (): Closure | null => (wanted ? spendClosure(budget, entry, context, reached) : null);
    binaries.push({ entry, reach, closure: closures.get(entry.path) ?? resolve() });
  }
  return binaries;
}

function isBinary({ type, content }: RootfsEntry): boolean {
  return type === 'file' && (content?.kind === 'binary' || content?.kind === 'damaged');
}

/** What was spent on binaries beside the start path. */
interface Budget {
  readonly onLimit: (path: string, field: string, limit: number) => void;
  binaries: number;
  objects: number;
}

/** False where the binary is one too many. */
function spendBinary(budget: Budget, path: string): boolean {
  budget.binaries += 1;
  if (budget.binaries === MAX_PRESENT_BINARIES + 1) budget.onLimit(path, 'binaries', MAX_PRESENT_BINARIES);
  return budget.binaries <= MAX_PRESENT_BINARIES;
}

function spendClosure(budget: Budget, entry: RootfsEntry, context: LoaderContext, reached: Reached): Closure | null {
  if (budget.objects > MAX_CLOSURE_OBJECTS) return null;
  const closure = ownClosure(entry, context, reached);
  budget.objects += closure?.objects.reduce((sum, { needed }) => sum + 1 + needed.length, 0) ?? 0;
  if (budget.objects > MAX_CLOSURE_OBJECTS) budget.onLimit(entry.path, 'names in closures', MAX_CLOSURE_OBJECTS);
  return closure;
}

/** Closures that were worked out when the start was followed, with the environment that the program gets there. */
function closuresOfPrograms(start: StartPath): ReadonlyMap<string, Closure> {
  const closures = new Map<string, Closure>();
  for (const { lookup, closure } of start.programs) {
    if (lookup.found && closure !== null && !closures.has(lookup.realPath)) closures.set(lookup.realPath, closure);
  }
  return closures;
}

/** null: nothing that it needs is looked for (relocatable objects, cores, kernel modules). */
function ownClosure(entry: RootfsEntry, context: LoaderContext, reached: Reached): Closure | null {
  const elf = elfOf(entry);
  if (elf !== null && (elf.kind === 'relocatable' || elf.kind === 'core' || elf.kind === 'other')) return null;
  const process = isPlugin(entry) ? hostProcess(entry, reached) : null;
  const loader = process?.interpreter ?? undefined;
  const own: LoaderContext = {
    ...context,
    ...(process === null ? {} : { process: process.closure }),
    ...(loader === undefined ? {} : { interpreter: loader }),
  };
  const closure = resolveClosure(entry, own);
  return process !== null && bringsItsSymbols(process) ? withMissingSymbols(closure, own) : closure;
}

/** Extensions of PHP use each other's symbols, in the order in which they are loaded. */
function bringsItsSymbols({ family }: HostProcess): boolean {
  return family !== 'php';
}
