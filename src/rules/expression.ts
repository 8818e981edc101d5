import type { FactRoot, FactType, Operator } from '../facts/catalog-types.js';
import type { Place } from './source.js';
import type { Pattern } from './pattern.js';

/** A fact that a condition reads, found in the catalog. */
export interface FactRead {
  /** As written in the rule: `segment.align-bytes`. */
  readonly written: string;
  /** In the catalog: `binary.load-segments[].align-bytes`. */
  readonly catalogPath: string;
  /** Where the walk starts: a tree, or the element that a `some` holds in its slot. */
  readonly from: FactRoot | number;
  readonly keys: readonly string[];
  readonly type: FactType;
  readonly unit: string | null;
  readonly readsGuest: boolean;
}

export type Literal = string | number | boolean;

export type Operand =
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'list'; readonly values: readonly Literal[] }
  | { readonly kind: 'fact'; readonly fact: FactRead }
  | { readonly kind: 'pattern'; readonly pattern: Pattern };

interface ExpressionCommon {
  readonly place: Place;
  /** True where a guest fact is read anywhere in it. */
  readonly readsGuest: boolean;
}

export interface Join extends ExpressionCommon {
  readonly kind: 'all' | 'any';
  readonly parts: readonly Expression[];
}

export interface Negation extends ExpressionCommon {
  readonly kind: 'not';
  readonly part: Expression;
}

/** At least one element of a list; inside `where` the element is in `slot`. */
export interface Some extends ExpressionCommon {
  readonly kind: 'some';
  readonly list: FactRead;
  readonly name: string;
  readonly slot: number;
  readonly where: Expression;
}

/** One predicate: a fact, an operator, an operand. */
export interface Test extends ExpressionCommon {
  readonly kind: 'test';
  readonly fact: FactRead;
  readonly operator: Operator;
  readonly operand: Operand;
}

/** A condition after it was checked against the catalog: evaluating it cannot fail. */
export type Expression = Join | Negation | Some | Test;

/** A name that `some` binds. */
export interface BoundName {
  readonly name: string;
  /** Catalog path of the list: `binary.load-segments`. */
  readonly list: string;
  readonly slot: number;
  /** False under a `not`: there is then no one element that it stands for, so texts cannot use it. */
  readonly positive: boolean;
}
