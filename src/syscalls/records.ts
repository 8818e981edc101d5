import { ARCHITECTURES } from './architecture.js';
import { allFunctions, uncovered, type Functions, type KnownFunctions } from './functions.js';
import type { CodeRange } from './eh-frame.js';
import { offsetOf, segmentAt, type CodeImage } from './image.js';
import { lowerBound, type Pointers } from './pointers.js';
import type { SweepSink } from './sweep.js';

/** What one function does, as addresses. */
export interface FunctionRecord {
  /** Direct calls, and jumps that leave the function. */
  readonly branches: readonly number[];
  /** Addresses it computes. */
  readonly taken: readonly number[];
  /** Words that hold a pointer and that it reads. */
  readonly slots: readonly number[];
  readonly sites: readonly number[];
  readonly checksEnosys: boolean;
}

export interface Records {
  readonly functions: Functions;
  /** By index of the function. */
  readonly records: readonly FunctionRecord[];
}

/** Places from which a search for functions in uncovered code begins. */
interface Seeds {
  readonly known: KnownFunctions;
  readonly roots: readonly number[];
  readonly pointers: Pointers;
}

/** Passes over all code: first the functions that are known, then the rest, cut where something leads into it. */
export function readRecords(image: CodeImage, { known: written, roots, pointers }: Seeds): Records {
  const known = { ...written, ranges: extended(image, written.ranges) };
  const byStart = new Map<number, FunctionRecord>();
  const found = new Set<number>(roots);
  const see = (record: FunctionRecord): void => {
    for (const target of record.branches) found.add(target);
    for (const target of record.taken) found.add(target);
  };
  for (const range of known.ranges) {
    const record = recordOf(image, range, pointers);
    byStart.set(range.start, record);
    see(record);
  }
  for (const target of pointers.targets) if (target.kind === 'address') found.add(target.address);
  const gaps = known.isGo ? [] : uncovered(image, known.ranges);
  const jumps: Jump[] = [];
  for (const gap of gaps) for (const target of callsIn(image, gap, jumps)) found.add(target);
  addTailJumps(jumps, found);
  const functions = allFunctions(known.ranges, gaps, found);
  const records = Array.from(functions.starts, (start, index) => {
    return byStart.get(start) ?? recordOf(image, { start, end: functions.ends[index] ?? start }, pointers);
  });
  return { functions, records };
}

/** How far code may go on behind the end of its frame. */
const MAX_TAIL_BYTES = 4096;

/**
 * A frame may end in the middle of its function: glibc ends that of clone3 in front of the call, for the child has
 * another stack.
 */
function extended(image: CodeImage, ranges: readonly CodeRange[]): readonly CodeRange[] {
  const { fallsThrough } = ARCHITECTURES[image.machine];
  return ranges.map((range, index) => {
    const next = ranges[index + 1]?.start ?? range.end + MAX_TAIL_BYTES;
    const segmentEnd = segmentAt(image, range.start)?.end ?? range.end;
    const end = Math.min(next, range.end + MAX_TAIL_BYTES, segmentEnd);
    const offset = offsetOf(image, range.start);
    if (end <= range.end) return range;
    return fallsThrough(image, offset, offset + range.end - range.start) ? { start: range.start, end } : range;
  });
}

/** Where a jump stands and where it leads. */
type Jump = readonly [number, number];

/** A jump over the beginning of another function leaves its own, so its target begins one too. */
function addTailJumps(jumps: readonly Jump[], found: Set<number>): void {
  const starts = [...found].sort((left, right) => left - right);
  for (const [from, target] of jumps) {
    const next = starts[lowerBound(starts, Math.min(from, target) + 1)] ?? Infinity;
    if (next <= Math.max(from, target)) found.add(target);
  }
}

/** Calls that code nobody knows the functions of makes. Its jumps may be within one function. */
function callsIn(image: CodeImage, range: CodeRange, jumps: Jump[]): ReadonlySet<number> {
  const calls = new Set<number>();
  const nothing = (): void => undefined;
  sweep(image, range, {
    call: (target) => calls.add(target),
    take: (address) => calls.add(address),
    jump: (target, from) => {
      if (target % 16 === 0 && ARCHITECTURES[image.machine].mayBegin(image, target)) jumps.push([from, target]);
    },
    number: nothing,
    load: nothing,
    site: nothing,
    enosys: nothing,
  });
  return calls;
}

function sweep(image: CodeImage, { start, end }: CodeRange, sink: SweepSink): void {
  const offset = offsetOf(image, start);
  if (offset >= 0) ARCHITECTURES[image.machine].sweep(image, offset, offset + end - start, start, sink);
}

function recordOf(image: CodeImage, range: CodeRange, pointers: Pointers): FunctionRecord {
  const branches = new Set<number>();
  const taken = new Set<number>();
  const slots = new Set<number>();
  const sites: number[] = [];
  let checksEnosys = false;
  const isOutside = (address: number): boolean => address < range.start || address >= range.end;
  sweep(image, range, {
    call: (target) => branches.add(target),
    jump: (target) => {
      if (isOutside(target)) branches.add(target);
    },
    take: (address) => {
      if (isOutside(address)) taken.add(address);
    },
    number: (address) => {
      if (isOutside(address) && segmentAt(image, address) !== null) taken.add(address);
    },
    load: (address, width) => {
      for (let index = pointers.from(address); (pointers.at[index] ?? Infinity) < address + width; index++) {
        slots.add(pointers.at[index] ?? 0);
      }
    },
    site: (address) => sites.push(address),
    enosys: () => (checksEnosys = true),
  });
  return { branches: [...branches], taken: [...taken], slots: [...slots], sites, checksEnosys };
}
