import { describeExpression } from './describe.js';
import type { Expression, Test } from './expression.js';
import type { Rule } from './rule.js';

interface Note {
  readonly lint: string;
  readonly message: string;
}

/** Lints of the conditions, each with the line where it is. */
export function expressionLints(rule: Rule): readonly Note[] {
  const { applies } = rule;
  // One condition in a list of conditions that others may join later is how `applies` is written.
  const inner = applies.kind === 'all' ? applies.parts : [applies];
  return [...inner, rule.match].flatMap((expression) => lintNode(expression));
}

function lintNode(expression: Expression): readonly Note[] {
  const at = `line ${expression.place.line}: `;
  const own = NODE_LINTS.flatMap(({ lint, check }) => {
    const message = check(expression);
    return message === null ? [] : [{ lint, message: `${at}${message}` }];
  });
  return [...own, ...childrenOf(expression).flatMap((child) => lintNode(child))];
}

function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'all':
    case 'any':
      return expression.parts;
    case 'not':
      return [expression.part];
    case 'some':
      return [expression.where];
    case 'test':
      return [];
  }
}

const NODE_LINTS: readonly { readonly lint: string; readonly check: (expression: Expression) => string | null }[] = [
  {
    lint: 'single-part',
    check: (node) =>
      isJoin(node) && node.parts.length === 1 ? `write the part itself: \`${node.kind}\` joins several` : null,
  },
  {
    lint: 'same-join',
    check: (node) =>
      isJoin(node) && node.parts.some((part) => part.kind === node.kind)
        ? `write the parts of the inner \`${node.kind}\` into the outer one`
        : null,
  },
  {
    lint: 'duplicate-part',
    check: (node) => {
      if (!isJoin(node)) return null;
      const seen = node.parts.map((part) => describeExpression(part).join('\n'));
      const twice = seen.find((text, index) => seen.indexOf(text) !== index);
      return twice === undefined ? null : `remove the second "${twice.split('\n', 1)[0] ?? ''}"`;
    },
  },
  {
    lint: 'not-exists',
    check: (node) =>
      node.kind === 'not' && node.part.kind === 'test' && node.part.operator === 'exists'
        ? 'write `exists: false` instead of a `not` around it (or `true`)'
        : null,
  },
  {
    lint: 'double-not',
    check: (node) => (node.kind === 'not' && node.part.kind === 'not' ? 'remove both `not`' : null),
  },
  {
    lint: 'always-true',
    check: (node) => (node.kind === 'test' && alwaysTrue(node) ? 'remove the part: it holds for every value' : null),
  },
];

function isJoin(expression: Expression): expression is Extract<Expression, { kind: 'all' | 'any' }> {
  return expression.kind === 'all' || expression.kind === 'any';
}

function alwaysTrue({ fact, operator, operand }: Test): boolean {
  if (operand.kind === 'fact') return operator === 'is' && operand.fact.written === fact.written;
  if (operand.kind !== 'literal') return false;
  const empty = operand.value === '' && (operator === 'starts-with' || operator === 'ends-with');
  return empty || (operator === 'contains' && operand.value === '' && fact.type === 'string');
}
