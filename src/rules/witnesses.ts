import type { Environment } from './environment.js';
import { eachElement, judgeExpression } from './evaluate.js';
import type { Expression } from './expression.js';
import { YES } from './level.js';
import type { Level } from './level.js';
import type { Rule } from './rule.js';

/** Most combinations of elements that one finding names. */
export const MAX_WITNESSES = 50;

interface Walk {
  readonly environment: Environment;
  readonly open: Level;
  left: number;
}

/**
 * Calls back for each choice of elements for which a rule holds, in the order of the lists, with the elements bound.
 * The rule must hold. Under a `not` no element is chosen.
 */
export function eachWitness(rule: Rule, environment: Environment, open: Level, visit: () => void): void {
  const walk: Walk = { environment, open, left: MAX_WITNESSES };
  chain([rule.applies, rule.match], 0, walk, () => {
    walk.left -= 1;
    visit();
  });
}

function chain(parts: readonly Expression[], index: number, walk: Walk, next: () => void): void {
  const part = parts[index];
  if (part === undefined) next();
  else choose(part, walk, () => chain(parts, index + 1, walk, next));
}

function choose(expression: Expression, walk: Walk, next: () => void): void {
  if (walk.left <= 0) return;
  switch (expression.kind) {
    case 'all':
      chain(expression.parts, 0, walk, next);
      return;
    case 'any':
      for (const part of expression.parts) {
        if (judgeExpression(part, walk.environment, walk.open) === YES) choose(part, walk, next);
      }
      return;
    case 'some':
      eachElement(expression, walk.environment, () => {
        if (walk.left <= 0) return;
        if (judgeExpression(expression.where, walk.environment, walk.open) === YES)
          choose(expression.where, walk, next);
      });
      return;
    case 'not':
    case 'test':
      next();
  }
}
