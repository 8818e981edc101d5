import type { Flow } from './trace.js';

/** How an instruction goes on. */
export interface Exit {
  /** Falls through to the next one. */
  readonly through: boolean;
  /** Address of a direct branch; null where there is none. */
  readonly branch: number | null;
  /** Address of the word that an indirect call or jump reads its target from; null where it is no fixed place. */
  readonly slot: number | null;
  readonly isCall: boolean;
  /** A jump to wherever a register or a table says. */
  readonly indirect: boolean;
  /** Does nothing: what fills up the space in front of a loop. */
  readonly padding: boolean;
}

/** A flow that also says where its calls and jumps lead. */
export interface CodeFlow extends Flow {
  exit(index: number): Exit;
  /** Bytes that a call puts on the stack in front of its arguments. */
  readonly returnAddressBytes: number;
}

interface Edges {
  readonly before: readonly (readonly number[])[];
  readonly after: (index: number) => readonly number[];
}

/** Jumps through tables in one function whose targets are guessed. */
const MAX_TABLE_JUMPS = 64;

/**
 * Ways between the instructions of one function. What nothing leads to, in a function with jumps through tables, is
 * taken for the target of every one of them; in others it is padding, or run by the unwinder only.
 */
export function predecessors(exits: readonly Exit[], indexAt: (address: number) => number): Edges {
  const before: number[][] = exits.map(() => []);
  const after: number[][] = exits.map(() => []);
  const link = (from: number, to: number): void => {
    if (to < 0 || to >= exits.length) return;
    before[to]?.push(from);
    after[from]?.push(to);
  };
  const reached = new Uint8Array(exits.length);
  const visit = (start: number): void => {
    const waiting = [start];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const exit = exits[index];
      if (exit === undefined || reached[index] === 1) continue;
      reached[index] = 1;
      const branch = exit.branch === null || exit.isCall ? -1 : indexAt(exit.branch);
      if (exit.through) link(index, index + 1);
      link(index, branch);
      waiting.push(...(after[index] ?? []));
    }
  };
  visit(0);
  const jumps = exits.flatMap(({ indirect }, index) => (indirect ? [index] : []));
  exits.forEach((exit, index) => {
    if (reached[index] === 1 || exit.padding) return;
    if (jumps.length <= MAX_TABLE_JUMPS) for (const jump of jumps) link(jump, index);
    visit(index);
  });
  return { before, after: (index) => after[index] ?? [] };
}
