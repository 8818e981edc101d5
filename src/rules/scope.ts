import { FACT_ROOTS, lookupFact } from '../facts/catalog-types.js';
import type { Catalog, FactRoot, Scope } from '../facts/catalog-types.js';
import type { Subject } from '../model/rule.js';
import type { BoundName, FactRead } from './expression.js';
import type { ReportFault } from './fields.js';
import type { Place, SourceNode } from './source.js';

/** What is shared while the conditions and texts of one rule are checked. */
export interface Checking {
  readonly catalog: Catalog;
  readonly subject: Subject;
  readonly report: ReportFault;
  /** Every name bound so far; slots count up through the whole rule. */
  readonly names: BoundName[];
}

/** Where in a condition the check is. */
export interface Position {
  readonly checking: Checking;
  /** Names that can be read here. */
  readonly visible: readonly BoundName[];
  readonly negated: boolean;
  /** Names that something has read; one that nothing reads is a fault. */
  readonly used: Set<string>;
}

/** A fact path in a condition, found in the catalog; null where it is wrong. */
export function checkFact(node: SourceNode, position: Position, prefix = ''): FactRead | null {
  const { checking, visible } = position;
  if (node.kind !== 'scalar' || typeof node.value !== 'string') {
    checking.report(node.place, 'expected the path of a fact');
    return null;
  }
  const fact = findFact(`${prefix}${node.value}`, node.place, visible, checking);
  if (fact !== null) position.used.add(fact.written.split('.', 1)[0] ?? '');
  return fact;
}

/** Finds a path in the catalog; reports it where it is not there. */
export function findFact(
  written: string,
  place: Place,
  visible: readonly BoundName[],
  checking: Checking,
): FactRead | null {
  const scope: Scope = {
    subject: checking.subject,
    bound: new Map(visible.map((bound) => [bound.name, bound.list])),
  };
  const found = lookupFact(checking.catalog, scope, written);
  if (!found.ok) {
    const { message, nearest } = found.error;
    checking.report(place, nearest === null ? message : `${message}; did you mean \`${nearest}\`?`);
    return null;
  }
  const { catalogPath, from, keys, type, unit, readsGuest } = found.value;
  const slot = visible.find((bound) => bound.name === from)?.slot;
  return { written, catalogPath, from: slot ?? rootOf(from), keys, type, unit, readsGuest };
}

function rootOf(word: string): FactRoot {
  return FACT_ROOTS.find((root) => root === word) ?? 'image';
}
