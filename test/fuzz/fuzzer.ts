import { performance } from 'node:perf_hooks';
import { shorter } from './minimise.js';
import { mutate } from './mutate.js';
import { Random, seedFor } from './random.js';
import { shapeOf, textOf } from './shape.js';
import type { InputSlot } from './shared.js';
import type { Target } from './target.js';

/** Something that must not happen, with the input that makes it happen. */
export interface FuzzFinding {
  readonly target: string;
  readonly kind: 'throws' | 'slow' | 'differs' | 'hangs' | 'memory';
  /** Message and place; one finding for each. */
  readonly key: string;
  readonly detail: string;
  readonly input: Uint8Array;
}

export interface FuzzCount {
  readonly target: string;
  readonly executions: number;
  /** Inputs that took a way that no input before took. */
  readonly shapes: number;
  readonly seconds: number;
  readonly slowestMs: number;
  /** Growth of the resident memory of the process after a collection, in MiB. */
  readonly growthMiB: number;
}

export interface FuzzOrder {
  readonly seed: number;
  readonly executions: number;
  readonly seconds: number;
}

/** Every so many executions the same input is run again and must give the same. */
const REPEAT_EVERY = 16;
const MAX_CORPUS = 1500;
/** Executions between looks at the clock of the whole run and at the memory. */
const BATCH = 256;
const MAX_GROWTH_MIB = 400;

/** Runs one target on inputs that follow from the seed, and tells what must not happen. */
export async function fuzz(
  target: Target,
  order: FuzzOrder,
  slot: InputSlot,
  tell: (finding: FuzzFinding) => void,
): Promise<FuzzCount> {
  const run = new Run(target, slot, tell);
  const random = new Random(seedFor(order.seed, target.name));
  for (const seed of target.seeds()) await run.once(Uint8Array.from(seed.subarray(0, target.maxBytes)));
  const started = performance.now();
  const before = memoryMiB();
  while (run.executions < order.executions && performance.now() - started < order.seconds * 1000) {
    for (let step = 0; step < BATCH && run.executions < order.executions; step++) {
      if (performance.now() - started >= order.seconds * 1000) break;
      await run.once(
        target.generate === undefined || (run.corpus.length > 0 && random.chance(10))
          ? mutate(target, run.corpus, random)
          : target.generate(random),
      );
    }
  }
  const growthMiB = Math.round(memoryMiB() - before);
  if (growthMiB > MAX_GROWTH_MIB)
    tell({ target: target.name, kind: 'memory', key: 'memory', detail: `grew by ${growthMiB} MiB`, input: slot.input });
  const seconds = (performance.now() - started) / 1000;
  return {
    target: target.name,
    executions: run.executions,
    shapes: run.shapes,
    seconds,
    slowestMs: Math.round(run.slowestMs),
    growthMiB,
  };
}

function memoryMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1024 ** 2;
}

class Run {
  readonly corpus: Uint8Array[] = [];
  executions = 0;
  slowestMs = 0;
  readonly #target: Target;
  readonly #slot: InputSlot;
  readonly #tell: (finding: FuzzFinding) => void;
  readonly #shapes = new Set<number>();
  readonly #told = new Set<string>();

  constructor(target: Target, slot: InputSlot, tell: (finding: FuzzFinding) => void) {
    this.#target = target;
    this.#slot = slot;
    this.#tell = tell;
  }

  get shapes(): number {
    return this.#shapes.size;
  }

  async once(input: Uint8Array): Promise<void> {
    this.executions += 1;
    this.#slot.put(input);
    const started = performance.now();
    try {
      const pending = this.#target.run(input.slice());
      const value = pending instanceof Promise ? ((await pending) as unknown) : pending;
      this.#remember(value, input);
      const took = performance.now() - started;
      if (took > this.#target.boundMs) await this.#maybeSlow(input, took);
      else this.slowestMs = Math.max(this.slowestMs, took);
      if (this.executions % REPEAT_EVERY === 0) await this.#compare(input, value);
    } catch (cause) {
      await this.#thrown(input, cause);
    }
  }

  #remember(value: unknown, input: Uint8Array): void {
    const shape = shapeOf(value);
    if (this.#shapes.has(shape)) return;
    this.#shapes.add(shape);
    if (this.corpus.length < MAX_CORPUS) this.corpus.push(input);
    else this.corpus[shape % MAX_CORPUS] = input;
  }

  /** The machine may have been busy: only what takes the processor so long, twice, is slow. */
  async #maybeSlow(input: Uint8Array, first: number): Promise<void> {
    let best = first;
    for (let attempt = 0; attempt < 2 && best > this.#target.boundMs; attempt++) {
      const before = process.cpuUsage();
      this.#slot.put(input);
      await this.#target.run(input.slice());
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, (user + system) / 1000);
    }
    this.slowestMs = Math.max(this.slowestMs, best);
    if (best > this.#target.boundMs)
      this.#report('slow', 'slow', `${Math.round(best)} ms, the bound is ${this.#target.boundMs}`, input);
  }

  async #compare(input: Uint8Array, value: unknown): Promise<void> {
    const again: unknown = await this.#target.run(input.slice());
    if (textOf(again) !== textOf(value))
      this.#report('differs', 'differs', 'the same input gives another result', input);
  }

  async #thrown(input: Uint8Array, cause: unknown): Promise<void> {
    const key = faultKey(cause);
    if (this.#told.has(key)) return;
    const small = await shorter(input, async (candidate) => (await faultOf(this.#target, candidate)) === key);
    this.#report('throws', key, cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), small);
  }

  #report(kind: FuzzFinding['kind'], key: string, detail: string, input: Uint8Array): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell({ target: this.#target.name, kind, key, detail, input });
  }
}

async function faultOf(target: Target, input: Uint8Array): Promise<string | null> {
  try {
    await target.run(input.slice());
    return null;
  } catch (cause) {
    return faultKey(cause);
  }
}

/** Message without numbers, and the first place in this project. */
function faultKey(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const place = /src\/[^):]*:\d+/.exec(cause.stack ?? '')?.[0] ?? '';
  return `${cause.name}: ${cause.message.replaceAll(/\d+/g, '#').slice(0, 120)} ${place}`;
}
