import type { FactTree, Proof } from '../model/rule.js';
import { describeTest, labelOf } from './describe.js';
import { environmentOf, isList, readFact } from './environment.js';
import type { Environment } from './environment.js';
import { eachElement, judgeExpression } from './evaluate.js';
import type { Expression, FactRead, Some, Test } from './expression.js';
import { NO, truthOf, UNKNOWN } from './level.js';
import type { Rule } from './rule.js';

/** Most elements of one list that a proof shows; those that decide come first. */
const MAX_ELEMENTS = 50;

type Reading = Proof['read'][number];

/** Judges a rule on the trees of one subject; every part is in the proof. `guest` null leaves open what reads it. */
export function evaluate(rule: Rule, facts: FactTree, guest: FactTree | null): Proof {
  return proveRule(rule, environmentOf(facts, guest));
}

/** The proof of `applies` and `match`, joined like `all`. */
export function proveRule(rule: Rule, environment: Environment): Proof {
  const parts = [proveExpression(rule.applies, environment), proveExpression(rule.match, environment)];
  const truths = parts.map((part) => part.truth);
  const truth = truths.includes('no') ? 'no' : truths.includes('unknown') ? 'unknown' : 'yes';
  return { truth, label: rule.title, read: [], parts };
}

/** The proof of one condition: every part is judged, also where the answer is clear before. */
export function proveExpression(expression: Expression, environment: Environment): Proof {
  const truth = truthOf(judgeExpression(expression, environment, UNKNOWN));
  const label = labelOf(expression);
  switch (expression.kind) {
    case 'all':
    case 'any':
      return { truth, label, read: [], parts: expression.parts.map((part) => proveExpression(part, environment)) };
    case 'not':
      return { truth, label, read: [], parts: [proveExpression(expression.part, environment)] };
    case 'some':
      return { truth, label, ...proveElements(expression, environment) };
    case 'test':
      return { truth, label: describeTest(expression), read: readingsOf(expression, environment), parts: [] };
  }
}

/** Elements for which it holds or may hold; where there is none, all, so that the "no" is explained. */
function proveElements(some: Some, environment: Environment): Pick<Proof, 'read' | 'parts'> {
  const list = readFact(some.list, environment);
  if (!isList(list)) return { read: [reading(some.list, environment)], parts: [] };
  const deciding: number[] = [];
  const others: number[] = [];
  eachElement(some, environment, (index) => {
    (judgeExpression(some.where, environment, UNKNOWN) === NO ? others : deciding).push(index);
  });
  const shown = new Set((deciding.length > 0 ? deciding : others).slice(0, MAX_ELEMENTS));
  const parts: Proof[] = [];
  eachElement(some, environment, (index) => {
    if (!shown.has(index)) return;
    const proof = proveExpression(some.where, environment);
    parts.push({ ...proof, label: `${some.name} ${index}: ${proof.label}` });
  });
  return { read: [], parts };
}

function readingsOf(test: Test, environment: Environment): readonly Reading[] {
  const left = reading(test.fact, environment);
  return test.operand.kind === 'fact' ? [left, reading(test.operand.fact, environment)] : [left];
}

/** Path with the index of the element, as a person would look it up: `binary.load-segments[1].align-bytes`. */
function reading(fact: FactRead, environment: Environment): Reading {
  return { path: placedPath(fact, environment), value: readFact(fact, environment) };
}

/**
 * A bound name says only which list its element is of. The innermost `[]` gets the index of that element; lists
 * further out keep theirs open, as their element is told apart by the proof's own labels.
 */
function placedPath(fact: FactRead, environment: Environment): string {
  if (typeof fact.from !== 'number') return fact.catalogPath;
  const at = fact.catalogPath.lastIndexOf('[]');
  const index = environment.indexes[fact.from];
  if (at < 0 || index === undefined) return fact.catalogPath;
  return `${fact.catalogPath.slice(0, at)}[${index}]${fact.catalogPath.slice(at + 2)}`;
}
