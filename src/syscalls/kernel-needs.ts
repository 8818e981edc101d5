import type {
  KernelFloor,
  KernelNeeds,
  SystemCallSite,
  SystemCallUse,
  SystemCallUseKind,
} from '../model/kernel-needs.js';
import { compareVersions } from '../model/version.js';
import type { Guard, KnownCall, SystemCallKnowledge } from './knowledge.js';
import type { CodeMachine } from './image.js';
import { isOfLibc, reach, type CodeObject, type Reached, type ReachedSite, type Way } from './reach.js';

/** One program of the start path with all that its loader maps. */
export interface CodeProgram {
  readonly path: string;
  /** In the loader's order, the program first, the loader itself among them. */
  readonly objects: readonly CodeObject[];
  /** Files of the closure whose code is not at hand, and why. */
  readonly missing: readonly { readonly path: string; readonly text: string }[];
}

/** Sites that are listed for one call. */
const MAX_SITES = 4;

const USE_OF: Readonly<Record<Way, SystemCallUseKind>> = { called: 'needed', guarded: 'fallback', taken: 'unknown' };
const RANK: Readonly<Record<SystemCallUseKind, number>> = { needed: 3, fallback: 2, unknown: 1 };

/** Calls of all programs of a start path, and the oldest kernel that has those which are needed. */
export function kernelNeeds(
  programs: readonly CodeProgram[],
  floors: readonly KernelFloor[],
  knowledge: SystemCallKnowledge,
): KernelNeeds | null {
  const machine = programs[0]?.objects[0]?.summary.machine;
  if (machine === undefined) return null;
  const searches = programs.map((program) => ({ program, reached: reachProgram(program, machine, knowledge) }));
  const systemCalls = callsOf(
    searches.flatMap(({ reached }) => reached.sites),
    knowledge.calls[machine],
  );
  const notFollowed = searches.flatMap(({ program, reached }) => unfollowed(program, reached));
  const setBy = highest([...systemCalls.flatMap(floorOf), ...floors]);
  return {
    machine,
    minimum: setBy?.version ?? null,
    setBy,
    systemCalls,
    complete: notFollowed.length === 0,
    notFollowed: notFollowed.filter(({ path, text }, index) => {
      return notFollowed.findIndex((other) => other.path === path && other.text === text) === index;
    }),
  };
}

/** What one program can come to, without what the C library does for functions that nobody asks for. */
export function reachProgram(
  { objects }: CodeProgram,
  machine: CodeMachine,
  { guards, calls }: SystemCallKnowledge,
): Reached {
  const entered = objects.filter(({ role }) => role === 'program' || role === 'loader');
  const found = reach(objects, entered);
  const reached = { ...found, sites: withSignalReturn(found.sites, calls[machine]) };
  if (DYNAMIC_NAMES.some((name) => reached.imports.has(name))) return reached;
  const closed = guards.filter((guard) => !isAskedFor(guard, reached.imports));
  const isClosed = ({ object, number }: ReachedSite): boolean => {
    const name = number === null ? null : calls[machine].get(number)?.name;
    return isOfLibc(object) && closed.some((guard) => guard.call === name && guard.in === object.role);
  };
  return { ...reached, sites: reached.sites.filter((site) => !isClosed(site)) };
}

/** Who handles signals returns from the handler with a call of the kernel's own code: on arm64 no file has it. */
function withSignalReturn(
  sites: readonly ReachedSite[],
  known: ReadonlyMap<number, KnownCall>,
): readonly ReachedSite[] {
  const numberOf = (name: string): number | undefined => [...known.values()].find((call) => call.name === name)?.number;
  const handles = numberOf('rt_sigaction');
  const returns = numberOf('rt_sigreturn');
  if (handles === undefined || returns === undefined) return sites;
  const added = sites.filter(({ number }) => number === handles).map((site) => ({ ...site, number: returns }));
  return [...sites, ...added];
}

/** With these a program can ask for any function, by a name that it makes up. */
const DYNAMIC_NAMES = ['dlopen', 'dlsym', 'dlvsym', 'dlmopen'];

function isAskedFor(guard: Guard, imports: ReadonlySet<string>): boolean {
  return guard.for.some((wanted) => {
    if (!wanted.endsWith('*')) return imports.has(wanted);
    const start = wanted.slice(0, -1);
    return [...imports].some((name) => name.startsWith(start));
  });
}

function callsOf(sites: readonly ReachedSite[], known: ReadonlyMap<number, KnownCall>): readonly SystemCallUse[] {
  const byNumber = new Map<number, ReachedSite[]>();
  for (const site of sites) {
    if (site.number === null || known.get(site.number)?.since === null) continue;
    const same = byNumber.get(site.number);
    if (same === undefined) byNumber.set(site.number, [site]);
    else same.push(site);
  }
  return [...byNumber].map(([number, found]) => callOf(number, found, known.get(number))).sort(byName);
}

/** By code unit, so that the order is the same in every locale. */
function byName(left: SystemCallUse, right: SystemCallUse): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

function callOf(number: number, sites: readonly ReachedSite[], known: KnownCall | undefined): SystemCallUse {
  const ranked = [...sites].sort((left, right) => RANK[USE_OF[right.way]] - RANK[USE_OF[left.way]]);
  const use = useOf(ranked[0], known);
  const places = new Map(ranked.map((site) => [`${site.object.path}:${site.offset}`, placeOf(site)]));
  return {
    name: known?.name ?? `number ${number}`,
    number,
    use,
    since: known?.since ?? null,
    sites: [...places.values()].slice(0, MAX_SITES),
  };
}

/** Kernels that have no call newer than this are not met any more: what is older needs no way out (glibc 2.26, NEWS). */
const OLDEST_KERNEL = '3.2';

function useOf(best: ReachedSite | undefined, known: KnownCall | undefined): SystemCallUseKind {
  if (best === undefined || best.way === 'taken') return 'unknown';
  const isOld = (compareVersions(known?.since ?? '', OLDEST_KERNEL) ?? 1) <= 0;
  if (isOld) return 'needed';
  return hasOwnLibc(best.object) && FALLBACKS.has(known?.name ?? '') ? 'fallback' : USE_OF[best.way];
}

/** A static program has a C library inside that cannot be told from the rest. */
function hasOwnLibc({ role, summary }: CodeObject): boolean {
  return role === 'program' && !summary.nodes.some(({ imports }) => imports.length > 0);
}

/** Calls that glibc and musl make themselves with something to fall back on. */
const FALLBACKS: ReadonlySet<string> = new Set([
  'clone3',
  'faccessat2',
  'fchmodat2',
  'getrandom',
  'membarrier',
  'rseq',
  'statx',
]);

function placeOf({ object, offset, name }: ReachedSite): SystemCallSite {
  return { path: object.path, offset, function: name };
}

/** First kernels for a machine: a call that they have says nothing. */
const FIRST_KERNELS: readonly string[] = ['2.6', '3.7'];

function floorOf({ name, use, since, sites }: SystemCallUse): readonly KernelFloor[] {
  if (use !== 'needed' || since === null || FIRST_KERNELS.includes(since)) return [];
  const [site] = sites;
  return [{ kind: 'system-call', name, version: since, path: site?.path ?? null, offset: site?.offset ?? null }];
}

function highest(floors: readonly KernelFloor[]): KernelFloor | null {
  return floors.reduce<KernelFloor | null>((best, floor) => {
    return best === null || (compareVersions(floor.version, best.version) ?? 0) > 0 ? floor : best;
  }, null);
}

/**
 * What the search could not see. A number that comes from a variable inside the C library is that of `syscall()` itself
 * or of the calls that change ids in every thread (glibc, nptl/nptl_setxid.c): those are found at their callers.
 */
function unfollowed({ objects, missing }: CodeProgram, reached: Reached): KernelNeeds['notFollowed'] {
  const numbers = reached.sites
    .filter(({ number, object }) => number === null && !isOfLibc(object))
    .map(({ object, offset, name }) => ({
      path: object.path,
      text: `the number of a system call at offset ${offset}${name === null ? '' : ` in ${name}`} comes from a variable`,
    }));
  const opens = DYNAMIC_NAMES.filter((name) => reached.imports.has(name)).slice(0, 1);
  const program = objects[0]?.path ?? '';
  return [
    ...missing,
    ...numbers,
    ...opens.map((name) => ({ path: program, text: `${name} may load further libraries, which were not looked at` })),
  ];
}
