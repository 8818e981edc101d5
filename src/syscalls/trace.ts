/** Where a value is: a register by its number, or a word of the stack by its distance from the stack at entry. */
export type Place = number;

const STACK = 2 ** 24;

export const stackPlace = (distance: number): Place => STACK + distance;
/** Bytes from the stack pointer at entry; null for a register. */
export const stackDistance = (place: Place): number | null => (place < STACK / 2 ? null : place - STACK);

/** What one instruction does to a place, read backwards. */
export type Step =
  | { readonly kind: 'pass' }
  | { readonly kind: 'value'; readonly value: number }
  /** The place has what one of these had, and `add` more. */
  | { readonly kind: 'from'; readonly places: readonly Place[]; readonly add: number }
  | { readonly kind: 'lost' };

export const PASS: Step = { kind: 'pass' };
export const LOST: Step = { kind: 'lost' };
export const from = (place: Place, add = 0): Step => ({ kind: 'from', places: [place], add });

/** The instructions of one function with what leads to each. */
export interface Flow {
  readonly addresses: readonly number[];
  /** Index of the instruction at an address; -1 where none begins there. */
  indexAt(address: number): number;
  before(index: number): readonly number[];
  step(index: number, place: Place): Step;
  /** The value that a place must have on the way from a branch to `next`; null where the branch does not say. */
  implied(index: number, next: number, place: Place): number | null;
  /** Stack pointer before an instruction, relative to its value at entry; null where it is not known. */
  stackAt(index: number): number | null;
}

/** Values that a place can have at one instruction, as far as they are constants. */
export interface Traced {
  readonly values: readonly number[];
  /** Places at the function's entry that it may come from. */
  readonly parameters: readonly Place[];
  /** Some way leads to something that is neither. */
  readonly lost: boolean;
}

/** Steps of one search; the functions that enter the kernel are short. */
const MAX_STEPS = 20_000;

interface Position {
  readonly index: number;
  readonly place: Place;
  readonly add: number;
}

/** Searches backwards, on every way that leads to instruction `start`, for what is in `place` before it. */
export function trace(flow: Flow, start: number, place: Place): Traced {
  return new Search(flow).run({ index: start, place, add: 0 });
}

class Search {
  private readonly values = new Set<number>();
  private readonly parameters = new Set<Place>();
  private readonly seen = new Set<string>();
  private readonly waiting: Position[] = [];
  private lost = false;
  private readonly flow: Flow;

  constructor(flow: Flow) {
    this.flow = flow;
  }

  run(start: Position): Traced {
    this.waiting.push(start);
    for (let position = this.waiting.pop(); position !== undefined; position = this.waiting.pop()) {
      const key = `${position.index}:${position.place}:${position.add}`;
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      if (this.seen.size > MAX_STEPS) {
        this.lost = true;
        break;
      }
      this.visit(position);
    }
    const values = [...this.values].sort((left, right) => left - right);
    return { values, parameters: [...this.parameters], lost: this.lost };
  }

  private visit(position: Position): void {
    const before = this.flow.before(position.index);
    if (position.index === 0) this.enter(position);
    else if (before.length === 0) this.lost = true;
    for (const index of before) {
      const implied = this.flow.implied(index, position.index, position.place);
      if (implied === null) this.stepBack(index, position);
      else this.values.add(implied + position.add);
    }
  }

  /** A parameter with something added to it is no number that a caller hands on. */
  private enter({ place, add }: Position): void {
    if (add === 0) this.parameters.add(place);
    else this.lost = true;
  }

  private stepBack(index: number, { place, add }: Position): void {
    const step = this.flow.step(index, place);
    if (step.kind === 'value') this.values.add(step.value + add);
    else if (step.kind === 'lost') this.lost = true;
    else if (step.kind === 'pass') this.waiting.push({ index, place, add });
    else for (const next of step.places) this.waiting.push({ index, place: next, add: add + step.add });
  }
}
