import type { FactTree, ImageFacts } from '../model/rule.js';
import { environmentOf } from './environment.js';
import { outcomeOf } from './evaluate.js';
import { buildFinding } from './finding.js';
import { treesOf } from './judge.js';
import { requirementsOf } from './requirements.js';
import type { Rule, RuleCase, RuleSubject } from './rule.js';

export interface CaseResult {
  readonly rule: string;
  readonly name: string;
  /** What is not as the case says; empty where it passes. */
  readonly problems: readonly string[];
}

/** Judges every case of a rule. Severity and status play no part: a case proves the logic and the words. */
export function runCases(rule: Rule): readonly CaseResult[] {
  return rule.cases.map((one) => ({ rule: rule.id, name: one.name, problems: problemsOf(rule, one) }));
}

function problemsOf(rule: Rule, one: RuleCase): readonly string[] {
  const subject = subjectOf(rule, one);
  const facts: ImageFacts = {
    image: treeOf(one.facts, 'image'),
    programs: [],
    binaries: [],
    references: [],
    gaps: [],
  };
  const environment = environmentOf(treesOf(rule, facts, subject), one.guest);
  const outcome = outcomeOf(rule, environment);
  const problems: string[] = [];
  if (outcome !== one.expect) problems.push(`expected ${one.expect}, got ${outcome}`);
  if (one.says.length > 0) {
    if (outcome === 'match' || outcome === 'unknown') {
      const truth = outcome === 'match' ? 'yes' : 'unknown';
      const { message } = buildFinding(rule, subject, environment, { severity: rule.severity.start, truth });
      problems.push(...missing(one.says, message));
    } else {
      problems.push(`\`says\` has nothing to speak of: the outcome is ${outcome}`);
    }
  }
  return [...problems, ...openProblems(rule, facts, subject, one)];
}

function missing(fragments: readonly string[], message: string): readonly string[] {
  return fragments
    .filter((fragment) => !message.includes(fragment))
    .map((fragment) => `the message does not say \`${fragment}\`: ${message}`);
}

function openProblems(rule: Rule, facts: ImageFacts, subject: RuleSubject, one: RuleCase): readonly string[] {
  const { leavesOpen } = one;
  if (leavesOpen === null) return [];
  const texts = requirementsOf(rule, facts, subject).map((requirement) => requirement.text);
  if (texts.some((text) => text.includes(leavesOpen))) return [];
  const open = texts.length === 0 ? 'nothing' : texts.map((text) => `\`${text}\``).join(', ');
  return [`without a guest it leaves open ${open}, not \`${leavesOpen}\``];
}

function treeOf(facts: FactTree, key: string): FactTree {
  const tree = facts[key];
  return typeof tree === 'object' && tree !== null && !isArray(tree) ? tree : {};
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function subjectOf(rule: Rule, one: RuleCase): RuleSubject {
  const facts = treeOf(one.facts, rule.subject);
  const { path } = facts;
  const isPath = typeof path === 'string' && rule.subject !== 'image';
  return { path: isPath ? path : null, layer: null, reach: 'start', facts };
}
