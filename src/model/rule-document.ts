import type { Confidence, Remedy, RuleReference, Severity, Subject } from './rule.js';
import type { Reach } from './start.js';

/** A rule as its page shows it: texts with their placeholders, conditions as indented clauses. */
export interface RuleDocument {
  readonly id: string;
  readonly title: string;
  readonly area: string;
  readonly severity: Readonly<Record<Reach, Severity>>;
  readonly confidence: Confidence;
  readonly status: string;
  readonly since: string;
  readonly subject: Subject;
  readonly applies: readonly string[];
  readonly match: readonly string[];
  readonly explanation: string;
  readonly consequence: string | null;
  readonly remedies: readonly Remedy[];
  readonly falseAlarms: readonly string[];
  readonly references: readonly RuleReference[];
  readonly catalogue: readonly string[];
  readonly cases: readonly { readonly name: string; readonly expect: string }[];
}
