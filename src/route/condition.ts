import type { Truth } from '../model/rule.js';

/**
 * Conditions of route files: declarative, typed, total. Same operators and the same three truth values as the
 * expressions of rules; here they read `host.…` and `image.…`, because routes are what stands between the two.
 */
export type Condition =
  | { readonly kind: 'constant'; readonly truth: Truth }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'some'; readonly list: string; readonly name: string; readonly where: Condition }
  | { readonly kind: 'test'; readonly fact: string; readonly operator: Operator; readonly operand: Operand };

export type Operator = (typeof OPERATORS)[number];
export type Scalar = string | number | boolean;
export type Operand =
  | { readonly kind: 'literal'; readonly value: Scalar | readonly Scalar[] }
  | { readonly kind: 'fact'; readonly path: string };

export const OPERATORS = [
  'exists',
  'is',
  'in',
  'contains',
  'starts-with',
  'ends-with',
  'below',
  'at-least',
  'older-than',
  'newer-than',
] as const;

/** Reads a fact: `undefined` is unknown, `null` is known to be absent. */
export type Lookup = (path: string) => unknown;

/** Kleene's logic: a part that is unknown decides nothing, and is never read as "no". */
export function evaluate(condition: Condition, lookup: Lookup): Truth {
  switch (condition.kind) {
    case 'constant':
      return condition.truth;
    case 'all':
      return conjunction(condition.parts.map((part) => evaluate(part, lookup)));
    case 'any':
      return negate(conjunction(condition.parts.map((part) => negate(evaluate(part, lookup)))));
    case 'not':
      return negate(evaluate(condition.part, lookup));
    case 'some':
      return evaluateSome(condition, lookup);
    case 'test':
      return evaluateTest(condition, lookup);
  }
}

function conjunction(parts: readonly Truth[]): Truth {
  if (parts.includes('no')) return 'no';
  return parts.includes('unknown') ? 'unknown' : 'yes';
}

function negate(truth: Truth): Truth {
  if (truth === 'unknown') return 'unknown';
  return truth === 'yes' ? 'no' : 'yes';
}

function evaluateSome(condition: Extract<Condition, { kind: 'some' }>, lookup: Lookup): Truth {
  const list = lookup(condition.list);
  if (list === undefined) return 'unknown';
  if (!Array.isArray(list)) return 'no';
  const bound = `${condition.name}.`;
  const truths = list.map((element: unknown) =>
    evaluate(condition.where, (path) =>
      path.startsWith(bound) ? memberOf(element, path.slice(bound.length)) : lookup(path),
    ),
  );
  return negate(conjunction(truths.map(negate)));
}

function memberOf(element: unknown, key: string): unknown {
  if (typeof element !== 'object' || element === null) return undefined;
  return Object.entries(element).find(([name]) => name === key)?.[1];
}

function evaluateTest(condition: Extract<Condition, { kind: 'test' }>, lookup: Lookup): Truth {
  const left = lookup(condition.fact);
  const right = condition.operand.kind === 'literal' ? condition.operand.value : lookup(condition.operand.path);
  if (left === undefined || right === undefined) return 'unknown';
  if (condition.operator === 'exists') return (left !== null) === right ? 'yes' : 'no';
  if (left === null || right === null) return 'no';
  return COMPARE[condition.operator](left, right) ? 'yes' : 'no';
}

const COMPARE: Readonly<Record<Exclude<Operator, 'exists'>, (left: unknown, right: unknown) => boolean>> = {
  is: (left, right) => left === right,
  in: (left, right) => Array.isArray(right) && right.includes(left),
  contains: (left, right) =>
    Array.isArray(left)
      ? left.includes(right)
      : typeof left === 'string' && typeof right === 'string' && left.includes(right),
  'starts-with': (left, right) => typeof left === 'string' && typeof right === 'string' && left.startsWith(right),
  'ends-with': (left, right) => typeof left === 'string' && typeof right === 'string' && left.endsWith(right),
  below: (left, right) => typeof left === 'number' && typeof right === 'number' && left < right,
  'at-least': (left, right) => typeof left === 'number' && typeof right === 'number' && left >= right,
  'older-than': (left, right) =>
    typeof left === 'string' && typeof right === 'string' && compareVersions(left, right) < 0,
  'newer-than': (left, right) =>
    typeof left === 'string' && typeof right === 'string' && compareVersions(left, right) > 0,
};

/** Compares by the leading dotted numbers: `6.8.0-45-generic` is 6.8.0, and `6.8` equals `6.8.0`. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [versionParts(left), versionParts(right)];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const versionParts = (version: string): readonly number[] =>
  (/^\d{1,9}(?:\.\d{1,9})*/.exec(version)?.[0] ?? '').split('.').map(Number);
