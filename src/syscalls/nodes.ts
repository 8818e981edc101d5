import { ARCHITECTURES } from './architecture.js';
import { offsetOf, segmentAt, type CodeImage } from './image.js';
import { lowerBound, type Pointers, type PointerTarget } from './pointers.js';
import type { Records } from './records.js';
import type { CodeSymbol } from './symbols.js';

/** What a node leads to: other nodes by their index, and names that are bound when the program runs. */
export interface Links {
  /** Called, or jumped to. */
  readonly calls: readonly number[];
  /** Computed or read as an address: called through it at some time, or read. */
  readonly taken: readonly number[];
  readonly imports: readonly string[];
}

/** Functions by their index, and behind them the objects of data that hold pointers. */
export interface Graph {
  readonly links: readonly Links[];
  /** Node of an address: a function, or an object with pointers; -1 where there is none. */
  readonly nodeAt: (address: number) => number;
  /** What a branch leads to: a node, or a name behind a stub. */
  readonly branchTarget: (address: number) => Bound | null;
  readonly slotTarget: (address: number) => Bound | null;
}

export type Bound = { readonly node: number } | { readonly name: string };

export interface GraphSource {
  readonly image: CodeImage;
  readonly symbols: readonly CodeSymbol[];
  readonly pointers: Pointers;
  readonly records: Records;
}

/** An object of data: words `[first, last)` of the pointers are in it. */
interface DataObject {
  readonly start: number;
  readonly end: number;
}

/** Joins functions and data to one graph. */
export function buildGraph(source: GraphSource): Graph {
  const { records, pointers } = source;
  const functionCount = records.records.length;
  const objects = dataObjects(source);
  const starts = Float64Array.from(objects, ({ start }) => start);
  const nodeAt = (address: number): number => {
    const inCode = records.functions.at(address);
    if (inCode !== -1) return inCode;
    const index = lowerBound(starts, address + 1) - 1;
    return index >= 0 && address < (objects[index]?.end ?? 0) ? functionCount + index : -1;
  };
  const binder = new Binder(source, nodeAt);
  const ofFunctions = records.records.map((record): Links => {
    const bound = new LinkSet();
    for (const address of record.branches) bound.add('calls', binder.branch(address));
    for (const address of record.taken) bound.add('taken', binder.branch(address));
    for (const address of record.slots) bound.add('taken', binder.slot(address));
    if (bound.asksByName()) for (const address of record.taken) bound.addName(nameAt(source.image, address));
    return bound.links();
  });
  const ofData = objects.map(({ start, end }): Links => {
    const bound = new LinkSet();
    for (let index = pointers.from(start); (pointers.at[index] ?? Infinity) < end; index++) {
      bound.add('taken', binder.pointer(pointers.targets[index]));
    }
    return bound.links();
  });
  return {
    links: [...ofFunctions, ...ofData],
    nodeAt,
    branchTarget: (address) => binder.branch(address),
    slotTarget: (address) => binder.slot(address),
  };
}

/** Longest name of a function of a C library that is looked for. */
const MAX_NAME_BYTES = 64;

/** The text at an address of data, where it can be the name of a function. */
function nameAt(image: CodeImage, address: number): string | null {
  const at = segmentAt(image, address)?.executable === false ? offsetOf(image, address) : -1;
  if (at < 0) return null;
  const text = image.bytes.subarray(at, at + MAX_NAME_BYTES);
  const end = text.indexOf(0);
  if (end < 2) return null;
  const name = String.fromCharCode(...text.subarray(0, end));
  return /^[A-Za-z_]\w*$/u.test(name) ? name : null;
}

const NOTHING: Links = { calls: [], taken: [], imports: [] };

class LinkSet {
  private readonly calls = new Set<number>();
  private readonly taken = new Set<number>();
  private readonly imports = new Set<string>();

  add(as: 'calls' | 'taken', bound: Bound | null): void {
    if (bound === null) return;
    if ('name' in bound) this.imports.add(bound.name);
    else if (as === 'calls') this.calls.add(bound.node);
    else this.taken.add(bound.node);
  }

  /** True where the function asks the loader for a name that it has as a text. */
  asksByName(): boolean {
    return this.imports.has('dlsym') || this.imports.has('dlvsym');
  }

  addName(name: string | null): void {
    if (name !== null) this.imports.add(name);
  }

  links(): Links {
    if (this.calls.size + this.taken.size + this.imports.size === 0) return NOTHING;
    return { calls: [...this.calls], taken: [...this.taken], imports: [...this.imports] };
  }
}

/** Finds out what addresses and words lead to; stubs are looked at once. */
class Binder {
  private readonly branches = new Map<number, Bound | null>();
  private readonly source: GraphSource;
  private readonly nodeAt: (address: number) => number;

  constructor(source: GraphSource, nodeAt: (address: number) => number) {
    this.source = source;
    this.nodeAt = nodeAt;
  }

  branch(address: number): Bound | null {
    const known = this.branches.get(address);
    if (known !== undefined) return known;
    const bound = this.resolve(address);
    this.branches.set(address, bound);
    return bound;
  }

  private resolve(address: number): Bound | null {
    const { image } = this.source;
    if (segmentAt(image, address)?.executable === true) {
      const slot = ARCHITECTURES[image.machine].stub(image, address);
      const behind = slot === null ? null : this.slot(slot);
      if (behind !== null) return behind;
    }
    const node = this.nodeAt(address);
    return node === -1 ? null : { node };
  }

  slot(address: number): Bound | null {
    return this.pointer(this.source.pointers.target(address) ?? undefined);
  }

  pointer(target: PointerTarget | undefined): Bound | null {
    if (target === undefined) return null;
    if (target.kind === 'symbol') return { name: target.symbol.name };
    return this.branch(target.address);
  }
}

/**
 * Objects that hold pointers. A symbol with a size is one; elsewhere one begins at each place whose address the code
 * computes or another word holds, and ends where the next one begins.
 */
function dataObjects({ image, symbols, pointers, records }: GraphSource): readonly DataObject[] {
  const named = symbols
    .filter(({ kind, defined, size }) => kind === 'object' && defined && size > 0)
    .map(({ address, size }) => ({ start: address, end: address + size }))
    .sort((left, right) => left.start - right.start || right.end - left.end);
  const isNamed = covers(named);
  const starts = new Set<number>();
  const consider = (address: number): void => {
    if (!isNamed(address) && segmentAt(image, address)?.executable === false) starts.add(address);
  };
  for (const { taken } of records.records) taken.forEach(consider);
  for (const target of pointers.targets) if (target.kind === 'address') consider(target.address);
  const all = [...starts, ...named.map(({ start }) => start)].sort((left, right) => left - right);
  const unnamed = [...starts].map((start) => ({ start, end: endOf(image, start, all[lowerBound(all, start + 1)]) }));
  const objects = [...named, ...unnamed].sort((left, right) => left.start - right.start || right.end - left.end);
  return disjointObjects(objects).filter(({ start, end }) => (pointers.at[pointers.from(start)] ?? Infinity) < end);
}

function endOf(image: CodeImage, start: number, next: number | undefined): number {
  const end = segmentAt(image, start)?.end ?? start;
  return next === undefined ? end : Math.min(end, next);
}

function disjointObjects(sorted: readonly DataObject[]): readonly DataObject[] {
  const result: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = result.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else result.push({ start, end });
  }
  return result;
}

function covers(sorted: readonly DataObject[]): (address: number) => boolean {
  const merged = disjointObjects(sorted);
  const starts = Float64Array.from(merged, ({ start }) => start);
  return (address) => {
    const index = lowerBound(starts, address + 1) - 1;
    return index >= 0 && address < (merged[index]?.end ?? 0);
  };
}
