import type { FactRead, Literal, Operand, Test } from './expression.js';
import type { Expression } from './expression.js';
import type { Operator } from '../facts/catalog-types.js';
import { formatValue } from './template.js';

const PHRASES: Readonly<Record<Exclude<Operator, 'exists'>, string>> = {
  is: 'is',
  in: 'is one of',
  contains: 'contains',
  'starts-with': 'starts with',
  'ends-with': 'ends with',
  matches: 'matches',
  below: 'is below',
  'at-least': 'is at least',
  'older-than': 'is older than',
  'newer-than': 'is newer than',
};

/** One predicate as a clause: `binary.machine is one of guest.machines`. */
export function describeTest(test: Test): string {
  if (test.operator === 'exists') {
    const there = test.operand.kind === 'literal' && test.operand.value === true;
    return `${test.fact.written} ${there ? 'is there' : 'is not there'}`;
  }
  return `${test.fact.written} ${PHRASES[test.operator]} ${describeOperand(test.operand, test.fact)}`;
}

function describeOperand(operand: Operand, fact: FactRead): string {
  switch (operand.kind) {
    case 'literal':
      return describeLiteral(operand.value, fact);
    case 'list':
      return operand.values.map((value) => describeLiteral(value, fact)).join(', ');
    case 'fact':
      return operand.fact.written;
    case 'pattern':
      return `/${operand.pattern.source}/`;
  }
}

function describeLiteral(value: Literal, fact: FactRead): string {
  if (typeof value === 'string') return `\`${formatValue(value)}\``;
  return fact.unit === null ? String(value) : `${String(value)} ${fact.unit}`;
}

/** What joins the parts of a condition, as a clause. */
export function labelOf(expression: Expression): string {
  switch (expression.kind) {
    case 'all':
      return 'all of these hold';
    case 'any':
      return 'at least one of these holds';
    case 'not':
      return 'this does not hold';
    case 'some':
      return `for at least one ${expression.name} of ${expression.list.written}`;
    case 'test':
      return describeTest(expression);
  }
}

/** A condition as an indented sentence, one line a part: for `xoscheck rules ID`. */
export function describeExpression(expression: Expression, depth = 0): readonly string[] {
  const own = `${'  '.repeat(depth)}${labelOf(expression)}`;
  switch (expression.kind) {
    case 'all':
    case 'any': {
      const [only, second] = expression.parts;
      if (only !== undefined && second === undefined) return describeExpression(only, depth);
      return [`${own}:`, ...expression.parts.flatMap((part) => describeExpression(part, depth + 1))];
    }
    case 'not':
      return [`${own}:`, ...describeExpression(expression.part, depth + 1)];
    case 'some':
      return [`${own}:`, ...describeExpression(expression.where, depth + 1)];
    case 'test':
      return [own];
  }
}
