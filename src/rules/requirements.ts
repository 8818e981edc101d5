import type { FactValue, ImageFacts, Requirement } from '../model/rule.js';
import { compareVersions } from '../model/version.js';
import { environmentOf, readFact } from './environment.js';
import { judgeRule } from './evaluate.js';
import type { FactRead } from './expression.js';
import { subjectsOf, treesOf } from './judge.js';
import { NO, YES } from './level.js';
import type { Rule, RuleSubject } from './rule.js';
import { severityOf } from './severity.js';
import { renderTemplate } from './template.js';
import { eachWitness } from './witnesses.js';

/**
 * Kinds in the order in which a machine is asked, and which of two values of a kind asks more. `os` before `kernel`
 * before `cpu`, as the verdict decides (contract.md, "The verdict").
 */
const KINDS: readonly { readonly kind: string; readonly stricter: 'greatest' | 'least' | null }[] = [
  { kind: 'os', stricter: null },
  { kind: 'os-build', stricter: 'greatest' },
  { kind: 'kernel', stricter: 'greatest' },
  { kind: 'cpu', stricter: 'greatest' },
  { kind: 'page-size', stricter: 'least' },
  { kind: 'os-library', stricter: null },
  { kind: 'device', stricter: null },
  { kind: 'privilege', stricter: null },
  { kind: 'engine', stricter: 'greatest' },
];

/** What the image asks of any machine: by kind, the strictest first; what several files ask is named once. */
export function openRequirements(rules: readonly Rule[], facts: ImageFacts): readonly Requirement[] {
  const found: { readonly requirement: Requirement; readonly reach: RuleSubject['reach'] }[] = [];
  for (const rule of rules) {
    if (rule.status !== 'stable' || rule.requires === null) continue;
    for (const subject of subjectsOf(rule, facts)) {
      if (severityOf(rule, subject.reach) === 'info') continue;
      const asked = requirementsOf(rule, facts, subject);
      found.push(...asked.map((requirement) => ({ requirement, reach: subject.reach })));
    }
  }
  found.sort(
    (left, right) =>
      compareRequirements(left.requirement, right.requirement) ||
      REACH_RANK[left.reach] - REACH_RANK[right.reach] ||
      compareText(left.requirement.path ?? '', right.requirement.path ?? ''),
  );
  return mergeSame(found.map(({ requirement }) => requirement));
}

const REACH_RANK: Readonly<Record<RuleSubject['reach'], number>> = { start: 0, later: 1, present: 2 };

/** Of one file, one requirement for each element that asks for something. Empty: it asks nothing, or no guest serves. */
export function requirementsOf(rule: Rule, facts: ImageFacts, subject: RuleSubject): readonly Requirement[] {
  const { requires } = rule;
  if (requires === null) return [];
  const environment = environmentOf(treesOf(rule, facts, subject), null);
  const dependsOnGuest = judgeRule(rule, environment, YES) === YES && judgeRule(rule, environment, NO) !== YES;
  if (!dependsOnGuest) return [];
  const read = (fact: FactRead): FactValue | undefined => readFact(fact, environment);
  const asked = new Map<string, Requirement>();
  eachWitness(rule, environment, YES, () => {
    const text = renderTemplate(requires.text, read);
    const value = requires.value === null ? null : (read(requires.value) ?? null);
    const key = JSON.stringify([text, value]);
    if (asked.has(key)) return;
    asked.set(key, {
      ruleId: rule.id,
      kind: requires.kind,
      text,
      value,
      path: subject.path,
      layer: subject.layer,
    });
  });
  return [...asked.values()];
}

function kindRank(kind: string): number {
  const at = KINDS.findIndex((entry) => entry.kind === kind);
  return at < 0 ? KINDS.length : at;
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareRequirements(left: Requirement, right: Requirement): number {
  return (
    kindRank(left.kind) - kindRank(right.kind) ||
    compareText(left.kind, right.kind) ||
    compareStrictness(left, right) ||
    compareText(left.ruleId, right.ruleId) ||
    compareText(left.text, right.text)
  );
}

/** Negative where `left` asks more; values that cannot be compared come last. */
function compareStrictness(left: Requirement, right: Requirement): number {
  const stricter = KINDS[kindRank(left.kind)]?.stricter ?? null;
  if (stricter === null) return 0;
  const rankedLeft = comparable(left.value);
  const rankedRight = comparable(right.value);
  if (rankedLeft === null || rankedRight === null) return Number(rankedLeft === null) - Number(rankedRight === null);
  const order = compareVersions(rankedLeft, rankedRight) ?? 0;
  return stricter === 'greatest' ? -order : order;
}

/** Numbers compare as versions of one component. */
function comparable(value: FactValue): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && compareVersions(value, value) === 0 ? value : null;
}

/** The first of equal requirements stays: it is the one that the start path asks for. */
function mergeSame(requirements: readonly Requirement[]): readonly Requirement[] {
  const first = new Map<string, Requirement>();
  for (const requirement of requirements) {
    const key = JSON.stringify([requirement.ruleId, requirement.kind, requirement.text, requirement.value]);
    if (!first.has(key)) first.set(key, requirement);
  }
  return [...first.values()];
}
