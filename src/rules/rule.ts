import type { Confidence, FactTree, RuleReference, Severity, Subject, SubjectFacts } from '../model/rule.js';
import type { Reach } from '../model/start.js';
import type { Expression, FactRead } from './expression.js';
import type { Place } from './source.js';
import type { Template } from './template.js';

export type RuleStatus = 'draft' | 'stable' | 'deprecated';
/** What a rule says of one subject on one guest. */
export type RuleOutcome = 'match' | 'no-match' | 'unknown' | 'not-applicable';

/** The thing that a rule is judged on. The whole image has no path. */
export type RuleSubject = Omit<SubjectFacts, 'path'> & { readonly path: string | null };

/** A rule that was read and checked. Judging it cannot fail. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly area: string;
  /** The file it came from. */
  readonly file: string;
  /** Severity at each reach; only `start` can be a blocker. */
  readonly severity: Readonly<Record<Reach, Severity>>;
  readonly confidence: Confidence;
  readonly status: RuleStatus;
  readonly since: string;
  readonly replacedBy: string | null;
  readonly subject: Subject;
  readonly applies: Expression;
  readonly match: Expression;
  readonly requires: RuleRequirement | null;
  /** Evidence in the order of reports; null: everything that the proof read. */
  readonly show: readonly FactRead[] | null;
  readonly explanation: Template;
  readonly consequence: Template | null;
  readonly remedies: readonly RuleRemedy[];
  readonly falseAlarms: readonly string[];
  readonly references: readonly RuleReference[];
  readonly catalogue: readonly string[];
  readonly cases: readonly RuleCase[];
  /** Number of names that `some` binds in `applies` and `match`. */
  readonly slots: number;
}

/** What stays open of a rule when no guest is given. */
export interface RuleRequirement {
  readonly kind: string;
  readonly value: FactRead | null;
  readonly text: Template;
}

export interface RuleRemedy {
  readonly id: string;
  readonly where: 'image' | 'host';
  readonly effort: 'low' | 'medium' | 'high';
  readonly text: Template;
  readonly command: Template | null;
}

/** An example that the tests run. A fact that it leaves out is a gap. */
export interface RuleCase {
  readonly name: string;
  readonly place: Place;
  readonly expect: RuleOutcome;
  /** Trees by their first word: `{ binary: { … }, image: { … } }`. */
  readonly facts: FactTree;
  readonly guest: FactTree;
  /** Fragments that the message must contain. */
  readonly says: readonly string[];
  /** A fragment of the requirement that stays open without a guest; null where the case does not say. */
  readonly leavesOpen: string | null;
}

/** A fault of a rule file: syntax, shape, types, or a lint. */
export interface RuleError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** `rules/kernel/page.yaml:14:9: unknown fact …` */
export function describeRuleError(error: RuleError): string {
  return `${error.file}:${error.line}:${error.column}: ${error.message}`;
}
