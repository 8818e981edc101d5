import type { Expression, Operand } from './expression.js';
import { compilePattern } from './pattern.js';
import type { Rule } from './rule.js';

/**
 * Rules as JSON, checked already: what `npm run build` makes of the built-in rule files, because reading YAML takes a
 * hundred times as long. Only patterns are more than plain values; they are compiled again from their source.
 */
export function packRules(rules: readonly Rule[]): string {
  return JSON.stringify(rules);
}

/** The rules of `packRules`. Its text is our own, so that it is not checked again; a test compares it with the YAML. */
export function unpackRules(text: string): readonly Rule[] {
  const rules: unknown = JSON.parse(text);
  if (!isRules(rules)) throw new Error('compiled rules are no rules: build again');
  return rules.map((rule) => ({ ...rule, applies: revived(rule.applies), match: revived(rule.match) }));
}

/** The predicate only names what the build wrote. */
function isRules(value: unknown): value is readonly Rule[] {
  return Array.isArray(value) && value.every((rule: unknown) => typeof rule === 'object' && rule !== null);
}

function revived(expression: Expression): Expression {
  switch (expression.kind) {
    case 'all':
    case 'any':
      return { ...expression, parts: expression.parts.map(revived) };
    case 'not':
      return { ...expression, part: revived(expression.part) };
    case 'some':
      return { ...expression, where: revived(expression.where) };
    case 'test':
      return expression.operand.kind === 'pattern'
        ? { ...expression, operand: patternOf(expression.operand) }
        : expression;
  }
}

function patternOf({ pattern }: Extract<Operand, { kind: 'pattern' }>): Operand {
  const compiled = compilePattern(pattern.source);
  if (!compiled.ok) throw new Error(`compiled rules have the pattern \`${pattern.source}\`: ${compiled.error}`);
  return { kind: 'pattern', pattern: compiled.value };
}
