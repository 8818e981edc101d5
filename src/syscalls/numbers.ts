import { ARCHITECTURES } from './architecture.js';
import type { CodeFlow } from './flow.js';
import { offsetOf, type CodeImage } from './image.js';
import type { Bound, Graph } from './nodes.js';
import type { Records } from './records.js';
import { stackDistance, stackPlace, trace, type Place, type Traced } from './trace.js';

/** One place from which the kernel is entered, with a number that it can have there. */
export interface CodeSite {
  /** Offset in the file of the instruction that enters the kernel, or of the call that hands the number on. */
  readonly offset: number;
  /** null: it could not be followed. */
  readonly number: number | null;
}

/** A function that takes the number from its caller, and where it finds it. */
interface Wrapper {
  readonly index: number;
  readonly place: Place;
  readonly depth: number;
}

/** How far a number is handed on: Go's longest way has five functions. */
const MAX_DEPTH = 12;
/** Functions that are taken apart in one file. */
const MAX_FLOWS = 200_000;

/** Numbers of all sites, by index of the function. */
export function numberSites(
  image: CodeImage,
  records: Records,
  graph: Graph,
  names: (index: number) => readonly string[],
): ReadonlyMap<number, readonly CodeSite[]> {
  return new NumberSearch(image, records, graph, names).run();
}

class NumberSearch {
  private readonly flows = new Map<number, CodeFlow>();
  private readonly sites = new Map<number, Map<string, CodeSite>>();
  private readonly seen = new Set<string>();
  private readonly waiting: Wrapper[] = [];
  private readonly callers: ReadonlyMap<number, readonly number[]>;
  private readonly image: CodeImage;
  private readonly records: Records;
  private readonly graph: Graph;
  private readonly names: (index: number) => readonly string[];

  constructor(image: CodeImage, records: Records, graph: Graph, names: (index: number) => readonly string[]) {
    this.image = image;
    this.records = records;
    this.graph = graph;
    this.names = names;
    this.callers = callersOf(graph, records.records.length);
  }

  run(): ReadonlyMap<number, readonly CodeSite[]> {
    const { number, wrappers } = ARCHITECTURES[this.image.machine];
    this.records.records.forEach(({ sites }, index) => {
      for (const address of sites) this.follow(index, address, number, 0);
    });
    this.graph.links.forEach(({ imports }, index) => {
      for (const [name, place] of Object.entries(wrappers)) {
        if (imports.includes(name))
          this.followCalls(index, (target) => 'name' in target && target.name === name, place);
      }
    });
    for (let wrapper = this.waiting.pop(); wrapper !== undefined; wrapper = this.waiting.pop()) this.callersOf(wrapper);
    return new Map([...this.sites].map(([index, found]) => [index, [...found.values()]]));
  }

  private callersOf({ index, place, depth }: Wrapper): void {
    for (const caller of this.callers.get(index) ?? []) {
      this.followCalls(caller, (target) => 'node' in target && target.node === index, place, depth);
    }
  }

  private flow(index: number): CodeFlow | null {
    const known = this.flows.get(index);
    if (known !== undefined) return known;
    const start = this.records.functions.starts[index];
    const end = this.records.functions.ends[index];
    if (start === undefined || end === undefined || this.flows.size >= MAX_FLOWS) return null;
    const offset = offsetOf(this.image, start);
    const flow = ARCHITECTURES[this.image.machine].flow(this.image, offset, offset + end - start, start);
    this.flows.set(index, flow);
    return flow;
  }

  /** Follows the number from the instruction at an address. */
  private follow(index: number, address: number, place: Place, depth: number): void {
    const flow = this.flow(index);
    const at = flow?.indexAt(address) ?? -1;
    if (flow === null || at === -1) this.add(index, address, null);
    else this.keep(index, address, trace(flow, at, place), depth);
  }

  /** Follows an argument from every call of one function in another. */
  private followCalls(index: number, isWanted: (target: Bound) => boolean, place: Place, depth = 0): void {
    const flow = this.flow(index);
    if (flow === null) return;
    flow.addresses.forEach((address, at) => {
      const target = this.targetOf(flow, at);
      if (target === null || !isWanted(target)) return;
      const asked = placeAtCall(flow, at, place);
      if (asked === null) this.add(index, address, null);
      else this.keep(index, address, trace(flow, at, asked), depth);
    });
  }

  /** What a call, or a jump out of the function, leads to. */
  private targetOf(flow: CodeFlow, at: number): Bound | null {
    const { branch, slot, isCall } = flow.exit(at);
    if (branch !== null) {
      const isLoop = !isCall && flow.indexAt(branch) > 0;
      return isLoop ? null : this.graph.branchTarget(branch);
    }
    return slot === null || this.isLinkage(flow, at) ? null : this.graph.slotTarget(slot);
  }

  /** A stub of the procedure linkage table: who calls it is found by the name behind it. */
  private isLinkage(flow: CodeFlow, at: number): boolean {
    if (flow.exit(at).isCall || flow.exit(at).slot === null || at === 0) return false;
    const { stub } = ARCHITECTURES[this.image.machine];
    return flow.before(at).length === 0 || stub(this.image, flow.addresses[at - 1] ?? 0) !== null;
  }

  private keep(index: number, address: number, { values, parameters, lost }: Traced, depth: number): void {
    for (const value of values) this.add(index, address, value);
    if (lost) this.add(index, address, null);
    for (const place of parameters) this.addWrapper(index, address, place, depth);
  }

  private addWrapper(index: number, address: number, place: Place, depth: number): void {
    const key = `${index}:${place}`;
    const distance = stackDistance(place);
    if (distance !== null && distance <= 0) this.add(index, address, null);
    else if (depth >= MAX_DEPTH) this.add(index, address, null);
    else if (!this.seen.has(key)) {
      this.seen.add(key);
      const { wrappers } = ARCHITECTURES[this.image.machine];
      const isKnown = this.names(index).some((name) => wrappers[name] === place);
      const isCalled = (this.callers.get(index) ?? []).length > 0;
      if (!isCalled && !isKnown) this.add(index, address, null);
      this.waiting.push({ index, place, depth: depth + 1 });
    }
  }

  private add(index: number, address: number, number: number | null): void {
    const found = this.sites.get(index) ?? new Map<string, CodeSite>();
    this.sites.set(index, found);
    const valid = number !== null && number >= 0 && number < MAX_NUMBER ? number : null;
    found.set(`${address}:${String(valid)}`, { offset: offsetOf(this.image, address), number: valid });
  }
}

/** No architecture that is followed has numbers above; x32 sets bit 30. */
const MAX_NUMBER = 2 ** 12;

/** Where the caller has what the called function finds in `place`; null where its stack is not known. */
function placeAtCall(flow: CodeFlow, at: number, place: Place): Place | null {
  const distance = stackDistance(place);
  if (distance === null) return place;
  const stack = flow.stackAt(at);
  return stack === null ? null : stackPlace(stack - (flow.exit(at).isCall ? flow.returnAddressBytes : 0) + distance);
}

function callersOf({ links }: Graph, functionCount: number): ReadonlyMap<number, readonly number[]> {
  const callers = new Map<number, number[]>();
  links.slice(0, functionCount).forEach(({ calls }, index) => {
    for (const target of calls) {
      const known = callers.get(target);
      if (known === undefined) callers.set(target, [index]);
      else known.push(index);
    }
  });
  return callers;
}
