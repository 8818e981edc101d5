import type { FactRoot } from '../facts/catalog-types.js';
import type { FactTree, FactValue } from '../model/rule.js';
import type { FactRead } from './expression.js';

/** A value, null for "read and not there", undefined for a gap. */
export type Known = FactValue | undefined;

/** What one evaluation reads: the trees, and the elements that `some` holds just now. */
export interface Environment {
  readonly roots: Readonly<Partial<Record<FactRoot, FactTree>>>;
  /** True: no guest was given, so what reads it is open. */
  readonly open: boolean;
  /** By slot; written while a `some` goes through its list. */
  readonly bound: Known[];
  /** Index of each bound element in its list, for the proof. */
  readonly indexes: number[];
}

/** `facts` are trees by their first word; `guest` null leaves everything open that reads it. */
export function environmentOf(facts: FactTree, guest: FactTree | null): Environment {
  const roots: Partial<Record<FactRoot, FactTree>> = {};
  for (const root of ['image', 'program', 'binary', 'reference'] as const) {
    const tree = facts[root];
    if (isTree(tree)) roots[root] = tree;
  }
  if (guest !== null) roots.guest = guest;
  return { roots, open: guest === null, bound: [], indexes: [] };
}

export function isList(value: Known): value is readonly FactValue[] {
  return Array.isArray(value);
}

export function isTree(value: Known): value is FactTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Below a null everything is null; below a gap, or a value of another type than the catalog says, everything is a gap. */
export function readFact(fact: FactRead, environment: Environment): Known {
  return follow(startOf(fact, environment), fact.keys);
}

function startOf(fact: FactRead, environment: Environment): Known {
  return typeof fact.from === 'number' ? environment.bound[fact.from] : environment.roots[fact.from];
}

function follow(start: Known, keys: readonly string[]): Known {
  let value = start;
  for (const key of keys) {
    if (value === null) return null;
    if (!isTree(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Byte offset that stands beside a fact in its record; null where there is none. */
export function offsetBeside(fact: FactRead, environment: Environment): number | null {
  const offset = follow(startOf(fact, environment), [...fact.keys.slice(0, -1), 'offset']);
  return typeof offset === 'number' ? offset : null;
}
