import type { Expression } from './expression.js';
import { expressionLints } from './lint-expression.js';
import { RULE_KEYS } from './read-rule.js';
import type { Rule, RuleOutcome } from './rule.js';

/** What is legal but should be otherwise. `advice` is worth a thought; `error` is not accepted in this project. */
export interface LintNote {
  readonly rule: string;
  readonly lint: string;
  readonly level: 'error' | 'advice';
  /** What is wrong and what to do. */
  readonly message: string;
}

const MAX_LINES = 120;
const MAX_TITLE = 72;
const MAX_SENTENCES = 3;

type Lint = (rule: Rule, text: string) => string | null;

/** Each lint by its name; a text is the recommendation. */
const LINTS: Readonly<Record<string, Lint>> = {
  'title-form': ({ title }) =>
    title.length > MAX_TITLE || /[.!?]$/.test(title) || !/^[A-Z0-9`#]/.test(title)
      ? `write the title as a claim of at most ${MAX_TITLE} characters, with a capital and no full stop`
      : null,
  'text-cut-by-comment': (_, text) => {
    const cut = /^\s*(?:-\s+)?([a-z][a-z-]*): (?!['"|>{[]).*? #/m.exec(text)?.[1];
    return cut === undefined
      ? null
      : `put the text of \`${cut}\` in quotes: YAML takes what follows \` #\` as a comment`;
  },
  'file-length': (_, text) =>
    text.trimEnd().split('\n').length > MAX_LINES ? `split the rule: a file has at most ${MAX_LINES} lines` : null,
  'key-order': (_, text) => keyOrder(text),
  'short-explanation': ({ explanation }) =>
    sentences(explanation.source) > MAX_SENTENCES ? `explain in at most ${MAX_SENTENCES} sentences` : null,
  'path-in-backticks': ({ explanation }) => {
    const bare = /(^|[^`])\{[a-z0-9.-]+\.path\}/.exec(explanation.source)?.[0];
    return bare === undefined ? null : `put \`${bare.trim()}\` in backticks`;
  },
  'consequence-of-a-blocker': (rule) =>
    hasSeverity(rule, ['blocker']) && rule.consequence === null ? 'say in `consequence` what the operator sees' : null,
  'remedy-needed': (rule) =>
    hasSeverity(rule, ['blocker', 'error', 'warning']) && rule.remedies.length === 0
      ? 'name at least one remedy'
      : null,
  'unique-remedies': ({ remedies }) =>
    new Set(remedies.map((remedy) => remedy.id)).size < remedies.length ? 'give each remedy an id of its own' : null,
  'reference-needed': ({ references }) => (references.length === 0 ? 'name at least one primary source' : null),
  'requires-needed': (rule) =>
    readsGuest(rule) && rule.requires === null ? 'say in `requires` what stays open without a guest' : null,
  'requires-without-guest': (rule) =>
    !readsGuest(rule) && rule.requires !== null ? 'remove `requires`: the rule reads no guest' : null,
  'strings-are-hints': (rule) =>
    rule.subject === 'reference' && hasSeverity(rule, ['blocker', 'error'])
      ? 'a reference is a hint: at most a warning'
      : null,
  'catalogue-form': ({ catalogue }) =>
    catalogue.every((id) => /^[A-Z]+\d+$/.test(id)) ? null : 'write catalogue ids as in A09',
  'unique-case-names': ({ cases }) =>
    new Set(cases.map((one) => one.name)).size < cases.length ? 'give each case a name of its own' : null,
  'case-match': (rule) => caseNeeded(rule, 'match'),
  'case-no-match': (rule) => caseNeeded(rule, 'no-match'),
  'case-unknown': (rule) => caseNeeded(rule, 'unknown'),
};

/** Worth a thought, not an error: often the rule is plainer without it. */
const ADVICE: Readonly<Record<string, Lint>> = {
  'case-not-applicable': (rule) => caseNeeded(rule, 'not-applicable'),
};

/** Everything that should be otherwise in a rule that loads. `text` is its file. */
export function lintRule(rule: Rule, text: string): readonly LintNote[] {
  return [
    ...notesOf(LINTS, 'error', rule, text),
    ...expressionLints(rule).map(({ lint, message }) => ({ rule: rule.id, lint, level: 'error' as const, message })),
    ...notesOf(ADVICE, 'advice', rule, text),
  ];
}

function notesOf(
  lints: Readonly<Record<string, Lint>>,
  level: LintNote['level'],
  rule: Rule,
  text: string,
): readonly LintNote[] {
  return Object.entries(lints).flatMap(([lint, check]) => {
    const message = check(rule, text);
    return message === null ? [] : [{ rule: rule.id, lint, level, message }];
  });
}

function hasSeverity(rule: Rule, severities: readonly string[]): boolean {
  return Object.values(rule.severity).some((severity) => severities.includes(severity));
}

function readsGuest(rule: Rule): boolean {
  const parts: readonly Expression[] = [rule.applies, rule.match];
  return parts.some((part) => part.readsGuest);
}

function caseNeeded(rule: Rule, outcome: RuleOutcome): string | null {
  return rule.cases.some((one) => one.expect === outcome) ? null : `add a case that expects ${outcome}`;
}

/** Sentence ends: a stop and a blank before a capital, a quoted word or a placeholder. */
function sentences(text: string): number {
  return 1 + [...text.matchAll(/[.!?]\s+(?=[A-Z`{])/g)].length;
}

function keyOrder(text: string): string | null {
  const keys = [...text.matchAll(/^([a-z][a-z-]*):/gm)].map((found) => found[1] ?? '');
  const ranks = keys.map((key) => RULE_KEYS.findIndex((known) => known === key));
  const wrong = keys.find((_, index) => index > 0 && (ranks[index] ?? 0) < (ranks[index - 1] ?? 0));
  return wrong === undefined ? null : `move \`${wrong}\`: the order of keys is ${RULE_KEYS.join(', ')}`;
}
