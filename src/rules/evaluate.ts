import { assertNever } from '../model/result.js';
import { isList, readFact } from './environment.js';
import type { Environment } from './environment.js';
import type { Expression, Some } from './expression.js';
import { NO, opposite, UNKNOWN, YES } from './level.js';
import type { Level } from './level.js';
import { judgeOpenTest, judgeTest } from './predicates.js';
import type { Rule, RuleOutcome } from './rule.js';

/**
 * The truth of a condition, as cheaply as possible: it stops where the answer is clear.
 *
 * `open` is what a predicate counts as that reads the guest when there is none. Judged once with `yes` and once with
 * `no` (turned round under a `not`), a condition gives the greatest and the least that any guest can make of it.
 */
export function judgeExpression(expression: Expression, environment: Environment, open: Level): Level {
  switch (expression.kind) {
    case 'all':
      return leastOf(expression.parts, environment, open);
    case 'any':
      return greatestOf(expression.parts, environment, open);
    case 'not':
      return opposite(judgeExpression(expression.part, environment, opposite(open)));
    case 'some':
      return judgeSome(expression, environment, open);
    case 'test':
      return expression.readsGuest && environment.open
        ? judgeOpenTest(expression, environment, open)
        : judgeTest(expression, environment);
    default:
      return assertNever(expression);
  }
}

function leastOf(parts: readonly Expression[], environment: Environment, open: Level): Level {
  let least: Level = YES;
  for (const part of parts) {
    const level = judgeExpression(part, environment, open);
    if (level === NO) return NO;
    if (level < least) least = level;
  }
  return least;
}

function greatestOf(parts: readonly Expression[], environment: Environment, open: Level): Level {
  let greatest: Level = NO;
  for (const part of parts) {
    const level = judgeExpression(part, environment, open);
    if (level === YES) return YES;
    if (level > greatest) greatest = level;
  }
  return greatest;
}

function judgeSome(some: Some, environment: Environment, open: Level): Level {
  if (some.list.readsGuest && environment.open) return open;
  const list = readFact(some.list, environment);
  if (list === null) return NO;
  if (!isList(list)) return UNKNOWN;
  let greatest: Level = NO;
  for (const element of list) {
    environment.bound[some.slot] = element;
    const level = judgeExpression(some.where, environment, open);
    if (level > greatest) greatest = level;
    if (greatest === YES) break;
  }
  environment.bound[some.slot] = undefined;
  return greatest;
}

/** Calls back for each element of a `some`, with the element bound. */
export function eachElement(some: Some, environment: Environment, visit: (index: number) => void): void {
  const list = readFact(some.list, environment);
  if (!isList(list)) return;
  for (const [index, element] of list.entries()) {
    environment.bound[some.slot] = element;
    environment.indexes[some.slot] = index;
    visit(index);
  }
  environment.bound[some.slot] = undefined;
}

/** `applies` and `match` joined like `all`. */
export function judgeRule(rule: Rule, environment: Environment, open: Level): Level {
  const applies = judgeExpression(rule.applies, environment, open);
  if (applies === NO) return NO;
  const match = judgeExpression(rule.match, environment, open);
  return match < applies ? match : applies;
}

/** What a rule says of one subject. */
export function outcomeOf(rule: Rule, environment: Environment): RuleOutcome {
  if (judgeExpression(rule.applies, environment, UNKNOWN) === NO) return 'not-applicable';
  const level = judgeRule(rule, environment, UNKNOWN);
  return level === YES ? 'match' : level === NO ? 'no-match' : 'unknown';
}
