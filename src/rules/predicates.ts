import type { Operator } from '../facts/catalog-types.js';
import { assertNever } from '../model/result.js';
import type { FactValue } from '../model/rule.js';
import { compareVersions } from '../model/version.js';
import { isList, isTree, readFact } from './environment.js';
import type { Environment, Known } from './environment.js';
import type { Literal, Operand, Test } from './expression.js';
import { levelOf, NO, UNKNOWN, YES } from './level.js';
import type { Level } from './level.js';

/** The value on the right: a literal, a list of them, or what the fact holds. */
function rightValue(operand: Operand, environment: Environment): Known {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'list':
      return operand.values;
    case 'fact':
      return readFact(operand.fact, environment);
    case 'pattern':
      return operand.pattern.source;
    default:
      return assertNever(operand);
  }
}

/**
 * One predicate. A gap on either side makes it unknown. What is read and not there (null) equals nothing, is in no list
 * and is neither above nor below anything, so every predicate but `exists: false` is then *no*.
 */
export function judgeTest(test: Test, environment: Environment): Level {
  const left = readFact(test.fact, environment);
  const right = rightValue(test.operand, environment);
  if (test.operator === 'exists') return left === undefined ? UNKNOWN : levelOf((left !== null) === (right === true));
  if (left === null || right === null) return NO;
  if (left === undefined || right === undefined) return UNKNOWN;
  return COMPARISONS[test.operator](left, right, test);
}

/** A predicate that reads a guest when there is none: open, unless the image's side of it settles the matter. */
export function judgeOpenTest(test: Test, environment: Environment, open: Level): Level {
  const sides = test.operand.kind === 'fact' ? [test.fact, test.operand.fact] : [test.fact];
  const values = sides.filter((fact) => !fact.readsGuest).map((fact) => readFact(fact, environment));
  if (values.includes(null)) return NO;
  return values.includes(undefined) ? UNKNOWN : open;
}

type Comparison = (left: FactValue, right: FactValue, test: Test) => Level;

const COMPARISONS: Readonly<Record<Exclude<Operator, 'exists'>, Comparison>> = {
  is: (left, right, test) => equal(left, right, hasVersions(test)),
  in: (left, right, test) => memberOf(right, left, hasVersions(test)),
  contains: (left, right, test) =>
    typeof left === 'string' ? text(left, right, (a, b) => a.includes(b)) : memberOf(left, right, hasVersions(test)),
  'starts-with': (left, right) => anyText(left, right, (a, b) => a.startsWith(b)),
  'ends-with': (left, right) => anyText(left, right, (a, b) => a.endsWith(b)),
  matches: (left, _, test) => matches(test, left),
  below: (left, right) => numbers(left, right, (a, b) => a < b),
  'at-least': (left, right) => numbers(left, right, (a, b) => a >= b),
  'older-than': (left, right) => versions(left, right, (order) => order < 0),
  'newer-than': (left, right) => versions(left, right, (order) => order > 0),
};

function hasVersions(test: Test): boolean {
  return test.fact.type === 'version' || test.fact.type === 'version-list';
}

function isLiteral(value: FactValue): value is Literal {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function equal(left: FactValue, right: FactValue, asVersions: boolean): Level {
  if (!isLiteral(left) || !isLiteral(right)) return UNKNOWN;
  if (!asVersions) return levelOf(left === right);
  return versions(left, right, (order) => order === 0);
}

/** In a list; or among flags, where what is neither true nor false is not known. */
function memberOf(group: FactValue, member: FactValue, asVersions: boolean): Level {
  if (isList(group)) {
    let greatest: Level = NO;
    for (const element of group) {
      const level = equal(element, member, asVersions);
      if (level === YES) return YES;
      if (level === UNKNOWN) greatest = UNKNOWN;
    }
    return greatest;
  }
  if (!isTree(group) || typeof member !== 'string') return UNKNOWN;
  const flag = Object.hasOwn(group, member) ? group[member] : undefined;
  if (flag === undefined) return UNKNOWN;
  return levelOf(flag === true);
}

function text(left: FactValue, right: FactValue, holds: (left: string, right: string) => boolean): Level {
  return typeof left === 'string' && typeof right === 'string' ? levelOf(holds(left, right)) : UNKNOWN;
}

/** `right` may be a list: then one of its texts is enough. */
function anyText(left: FactValue, right: FactValue, holds: (left: string, right: string) => boolean): Level {
  if (!isList(right)) return text(left, right, holds);
  const levels = right.map((one) => text(left, one, holds));
  return levels.includes(YES) ? YES : levels.includes(UNKNOWN) ? UNKNOWN : NO;
}

function matches(test: Test, left: FactValue): Level {
  if (typeof left !== 'string' || test.operand.kind !== 'pattern') return UNKNOWN;
  const found = test.operand.pattern.matches(left);
  return found === null ? UNKNOWN : levelOf(found);
}

function numbers(left: FactValue, right: FactValue, holds: (left: number, right: number) => boolean): Level {
  return typeof left === 'number' && typeof right === 'number' ? levelOf(holds(left, right)) : UNKNOWN;
}

function versions(left: FactValue, right: FactValue, holds: (order: number) => boolean): Level {
  if (typeof left !== 'string' || typeof right !== 'string') return UNKNOWN;
  const order = compareVersions(left, right);
  return order === null ? UNKNOWN : levelOf(holds(order));
}
