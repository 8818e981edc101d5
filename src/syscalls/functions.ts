import { frameRanges, type CodeRange } from './eh-frame.js';
import { goFunctions } from './go-table.js';
import type { CodeImage } from './image.js';
import { lowerBound } from './pointers.js';
import type { CodeSymbol } from './symbols.js';

/** Functions of a file by address: disjoint, ascending. Several names of one place are one function. */
export interface Functions {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index of the function that holds an address; -1 where none does. */
  at(address: number): number;
}

/** Where the functions are, from whatever the file has: frames, symbols, Go's table. */
export interface KnownFunctions {
  readonly ranges: readonly CodeRange[];
  /** The table of a Go program holds all that its linker kept, so there is nothing else to find. */
  readonly isGo: boolean;
  /** Offsets of Go's names in the file by start address. */
  readonly goNames: ReadonlyMap<number, number>;
}

export function knownFunctions(image: CodeImage, symbols: readonly CodeSymbol[]): KnownFunctions {
  const go = goFunctions(image);
  const goNames = new Map(go.map(({ start, nameAt }) => [start, nameAt]));
  const ofSymbols = symbols.flatMap(({ kind, defined, address, size }): readonly CodeRange[] =>
    kind === 'function' && defined && size > 0 ? [{ start: address, end: address + size }] : [],
  );
  const ranges = [...frameRanges(image), ...go, ...ofSymbols];
  return { ranges: disjoint(ranges.filter((range) => isCode(image, range))), isGo: go.length > 0, goNames };
}

function isCode({ segments }: CodeImage, { start, end }: CodeRange): boolean {
  return segments.some((segment) => segment.executable && start >= segment.address && end <= segment.end);
}

/** Overlapping ranges become one: what is between two entries of one body falls through from one to the other. */
function disjoint(ranges: readonly CodeRange[]): readonly CodeRange[] {
  const sorted = [...ranges].sort((left, right) => left.start - right.start || right.end - left.end);
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Ranges of code that no known function covers. */
export function uncovered({ segments }: CodeImage, ranges: readonly CodeRange[]): readonly CodeRange[] {
  const gaps: CodeRange[] = [];
  for (const segment of segments) {
    if (!segment.executable) continue;
    let from = segment.address;
    for (const { start, end } of ranges) {
      if (end <= segment.address || start >= segment.end) continue;
      if (start > from) gaps.push({ start: from, end: start });
      from = Math.max(from, end);
    }
    if (from < segment.end) gaps.push({ start: from, end: segment.end });
  }
  return gaps;
}

/** Cuts the uncovered code at every place that is called or pointed to, and joins it with the known functions. */
export function allFunctions(
  known: readonly CodeRange[],
  gaps: readonly CodeRange[],
  found: ReadonlySet<number>,
): Functions {
  const cuts = [...found].sort((left, right) => left - right);
  const pieces = gaps.flatMap(({ start, end }): readonly CodeRange[] => {
    const inside = cuts.slice(lowerBound(cuts, start), lowerBound(cuts, end));
    return inside.map((cut, index) => ({ start: cut, end: inside[index + 1] ?? end }));
  });
  const ranges = [...known, ...pieces].sort((left, right) => left.start - right.start);
  const starts = Float64Array.from(ranges, ({ start }) => start);
  const ends = Float64Array.from(ranges, ({ end }) => end);
  return { starts, ends, at: (address) => indexAt(starts, ends, address) };
}

function indexAt(starts: Float64Array, ends: Float64Array, address: number): number {
  const index = lowerBound(starts, address + 1) - 1;
  return index >= 0 && address < (ends[index] ?? 0) ? index : -1;
}
