import type { FactTree, Finding, ImageFacts, Severity } from '../model/rule.js';
import { environmentOf } from './environment.js';
import { judgeExpression, judgeRule } from './evaluate.js';
import { buildFinding } from './finding.js';
import { NO, UNKNOWN, YES } from './level.js';
import type { Rule, RuleSubject } from './rule.js';
import { compareFindings, severityOf } from './severity.js';

/** Judges the rules on one guest. */
export type GuestJudge = (guest: FactTree) => readonly Finding[];

/** A rule with the subjects on which its question is meaningful. */
interface Prepared {
  readonly rule: Rule;
  readonly subjects: readonly RuleSubject[];
}

/**
 * Prepares the rules for one image, so that many guests cost little: rules that read no guest are judged once for all,
 * and subjects on which a rule does not apply are left out once for all.
 */
export function prepareRules(rules: readonly Rule[], facts: ImageFacts): GuestJudge {
  const open: Prepared[] = [];
  const settled: Finding[] = [];
  for (const rule of rules) {
    if (rule.status === 'deprecated') continue;
    const subjects = subjectsOf(rule, facts).filter((subject) => mayApply(rule, facts, subject));
    if (rule.applies.readsGuest || rule.match.readsGuest) open.push({ rule, subjects });
    else settled.push(...judgeSubjects({ rule, subjects }, facts, null));
  }
  return (guest) => [...settled, ...open.flatMap((one) => judgeSubjects(one, facts, guest))].sort(compareFindings);
}

/** Findings of every rule on one guest, gravest first. */
export function judgeRules(rules: readonly Rule[], facts: ImageFacts, guest: FactTree): readonly Finding[] {
  return prepareRules(rules, facts)(guest);
}

/** Everything that a rule is about. */
export function subjectsOf(rule: Rule, facts: ImageFacts): readonly RuleSubject[] {
  switch (rule.subject) {
    case 'image':
      return [{ path: null, layer: null, reach: 'start', facts: facts.image }];
    case 'program':
      return facts.programs;
    case 'binary':
      return facts.binaries;
    case 'reference':
      return facts.references;
  }
}

/** The trees that a rule reads of one subject, by their first word. */
export function treesOf(rule: Rule, facts: ImageFacts, subject: RuleSubject): FactTree {
  return rule.subject === 'image' ? { image: facts.image } : { image: facts.image, [rule.subject]: subject.facts };
}

function mayApply(rule: Rule, facts: ImageFacts, subject: RuleSubject): boolean {
  if (rule.applies.readsGuest) return true;
  return judgeExpression(rule.applies, environmentOf(treesOf(rule, facts, subject), {}), UNKNOWN) !== NO;
}

function judgeSubjects({ rule, subjects }: Prepared, facts: ImageFacts, guest: FactTree | null): readonly Finding[] {
  const findings: Finding[] = [];
  for (const subject of subjects) {
    const environment = environmentOf(treesOf(rule, facts, subject), guest ?? {});
    const level = judgeRule(rule, environment, UNKNOWN);
    const severity = severityOf(rule, subject.reach);
    if (level === NO || (level === UNKNOWN && !matters(severity))) continue;
    const truth = level === YES ? 'yes' : 'unknown';
    findings.push(buildFinding(rule, subject, environment, { severity, truth }));
  }
  return findings;
}

/** What may be so, but would only be information if it were, is not worth a line. */
function matters(severity: Severity): boolean {
  return severity !== 'info';
}
