import type { RuleReference } from '../model/rule.js';
import { describeExpression } from './describe.js';
import type { Rule, RuleCase } from './rule.js';

/** A rule as documentation: everything is text, conditions are indented sentences. */
export interface RuleDocument extends Pick<
  Rule,
  'id' | 'title' | 'area' | 'severity' | 'confidence' | 'status' | 'since' | 'replacedBy' | 'subject' | 'catalogue'
> {
  /** One line a part, indented by two blanks a level. */
  readonly applies: readonly string[];
  readonly match: readonly string[];
  /** Texts with their placeholders. */
  readonly explanation: string;
  readonly consequence: string | null;
  readonly requires: { readonly kind: string; readonly text: string } | null;
  readonly remedies: readonly {
    readonly id: string;
    readonly where: 'image' | 'host';
    readonly effort: 'low' | 'medium' | 'high';
    readonly text: string;
    readonly command: string | null;
  }[];
  readonly falseAlarms: readonly string[];
  readonly references: readonly RuleReference[];
  readonly cases: readonly Pick<RuleCase, 'name' | 'expect'>[];
}

/** What `xoscheck rules ID` and the generated pages show of a rule. */
export function ruleDocument(rule: Rule): RuleDocument {
  const { id, title, area, severity, confidence, status, since, replacedBy, subject, catalogue } = rule;
  return {
    id,
    title,
    area,
    severity,
    confidence,
    status,
    since,
    replacedBy,
    subject,
    catalogue,
    applies: describeExpression(rule.applies),
    match: describeExpression(rule.match),
    explanation: rule.explanation.source,
    consequence: rule.consequence?.source ?? null,
    requires: rule.requires === null ? null : { kind: rule.requires.kind, text: rule.requires.text.source },
    remedies: rule.remedies.map((remedy) => ({
      id: remedy.id,
      where: remedy.where,
      effort: remedy.effort,
      text: remedy.text.source,
      command: remedy.command?.source ?? null,
    })),
    falseAlarms: rule.falseAlarms,
    references: rule.references,
    cases: rule.cases.map(({ name, expect }) => ({ name, expect })),
  };
}
