import type { CodeNode, CodeSummary } from './summary.js';

/** One file that the loader maps for a program. */
export interface CodeObject {
  readonly path: string;
  readonly summary: CodeSummary;
  /**
   * The C library and its loader keep their promise to run on old kernels by themselves: what they do inside has a way
   * out, and only the function that a program asks for by its name is needed.
   */
  readonly role: 'program' | 'library' | 'loader' | 'other';
}

/** Keeps its promise to run on old kernels by itself: the C library, its loader, and Go's own library in a Go program. */
const keepsPromise = (object: CodeObject): boolean => isOfLibc(object) || object.summary.everything;

/** The C library and the loader. */
export const isOfLibc = ({ role }: CodeObject): boolean => role === 'library' || role === 'loader';

/** How a node is reached: `called` by direct calls from the start; `guarded` so, but from code that tests for ENOSYS. */
export type Way = 'called' | 'guarded' | 'taken';

/** A site that the program can come to. */
export interface ReachedSite {
  readonly object: CodeObject;
  /** Name of the function, where it has one. */
  readonly name: string | null;
  readonly offset: number;
  readonly number: number | null;
  readonly way: Way;
}

export interface Reached {
  readonly sites: readonly ReachedSite[];
  /** Names that were bound on the way by others than the C library: what the program asks its libraries for. */
  readonly imports: ReadonlySet<string>;
}

/** Ranks of the ways; a better one replaces a worse. */
const TAKEN = 1;
const GUARDED = 2;
const CALLED = 3;
const WAYS: readonly Way[] = ['taken', 'taken', 'guarded', 'called'];

/**
 * What a program can come to from its entry point and its constructors. `objects` are in the loader's order, the program
 * first: a name is bound to the first that defines it (gABI 4.1, "Shared Object Dependencies"). `entered` are those
 * whose entry point is run: the program, and its interpreter.
 */
export function reach(objects: readonly CodeObject[], entered: readonly CodeObject[]): Reached {
  return new Search(objects).run(entered);
}

class Search {
  private readonly objects: readonly CodeObject[];
  /** Rank by which each node was reached, one array an object; 0: not. */
  private readonly ranks: readonly Uint8Array[];
  private readonly bound = new Map<string, readonly (readonly [number, number])[]>();
  private readonly asked = new Set<string>();
  private readonly waiting: (readonly [number, number])[] = [];

  constructor(objects: readonly CodeObject[]) {
    this.objects = objects;
    this.ranks = objects.map(({ summary }) => new Uint8Array(summary.nodes.length));
  }

  run(entered: readonly CodeObject[]): Reached {
    this.objects.forEach((object, index) => {
      const { summary } = object;
      const rank = keepsPromise(object) ? GUARDED : CALLED;
      for (const node of summary.constructors) this.visit(index, node, rank);
      if (summary.everything) summary.nodes.forEach((_, node) => this.visit(index, node, GUARDED));
      if (entered.includes(object) && summary.entry !== null) this.enter(index, summary.entry, rank);
    });
    for (let next = this.waiting.pop(); next !== undefined; next = this.waiting.pop()) this.follow(...next);
    return { sites: this.sites(), imports: this.asked };
  }

  /** What the entry point takes the address of is `main` and what goes with it. */
  private enter(object: number, entry: number, rank: number): void {
    this.visit(object, entry, rank);
    for (const node of this.objects[object]?.summary.nodes[entry]?.taken ?? []) this.visit(object, node, rank);
  }

  private visit(object: number, node: number, rank: number): void {
    const ranks = this.ranks[object];
    if (ranks === undefined || (ranks[node] ?? rank) >= rank) return;
    ranks[node] = rank;
    this.waiting.push([object, node]);
  }

  private follow(object: number, index: number): void {
    const from = this.objects[object];
    const node = from?.summary.nodes[index];
    if (from === undefined || node === undefined) return;
    const called = this.rankOfCalls(from, node, this.ranks[object]?.[index] ?? 0);
    for (const target of node.calls) this.visit(object, target, called);
    for (const target of node.taken) this.visit(object, target, TAKEN);
    for (const name of node.imports) {
      if (!isOfLibc(from)) this.asked.add(name);
      for (const [where, target] of this.bind(name)) this.visit(where, target, called);
    }
  }

  private rankOfCalls(from: CodeObject, node: CodeNode, rank: number): number {
    if (rank === TAKEN) return TAKEN;
    return node.checksEnosys || keepsPromise(from) ? GUARDED : CALLED;
  }

  /** Data that the program copies (`stdout`) has its pointers in the library, so a name without a node is sought on. */
  private bind(name: string): readonly (readonly [number, number])[] {
    const known = this.bound.get(name);
    if (known !== undefined) return known;
    const object = this.objects.findIndex(({ summary }) => Object.hasOwn(summary.exports, name));
    const node = this.objects[object]?.summary.exports[name];
    const found = node === undefined ? [] : [[object, node] as const];
    this.bound.set(name, found);
    return found;
  }

  private sites(): readonly ReachedSite[] {
    return this.objects.flatMap((object, index) =>
      object.summary.nodes.flatMap((node, at): readonly ReachedSite[] => {
        const rank = this.ranks[index]?.[at] ?? 0;
        if (rank === 0) return [];
        const way = rank === CALLED && node.checksEnosys ? 'guarded' : (WAYS[rank] ?? 'taken');
        return node.sites.map(({ offset, number }) => ({ object, name: node.name, offset, number, way }));
      }),
    );
  }
}
