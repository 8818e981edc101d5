import { describe, expect, test } from 'vitest';
import { lintRule } from '../../src/rules/lint.js';
import { loadRules } from '../../src/rules/load.js';
import { ruleText, smallCatalog } from './support.js';

const CASES = `[${['match', 'no-match', 'unknown', 'not-applicable'].map((expected) => `{ name: ${expected}, expect: ${expected}, facts: {} }`).join(', ')}]`;
const plain = ruleText('a-rule', { match: '{ fact: binary.static, is: true }', cases: CASES });

/** Names of the lints of a rule that loads. */
function lints(text: string): readonly string[] {
  const { rules, errors } = loadRules([{ path: 'rules/tests/a-rule.yaml', text }], smallCatalog);
  expect(errors).toEqual([]);
  return rules.flatMap((rule) => lintRule(rule, text).map((note) => note.lint));
}

test('a plain rule has none', () => {
  expect(lints(plain)).toEqual([]);
});

test.each([
  ['title-form', 'A rule of the tests', 'A rule of the tests.'],
  ['title-form', 'A rule of the tests', 'a rule of the tests'],
  ['title-form', 'A rule of the tests', `A ${'x'.repeat(72)}`],
  ['short-explanation', "'It is so.'", "'A b. C d. E f. G h.'"],
  ['path-in-backticks', "'It is so.'", "'It is {binary.path} here.'"],
  ['consequence-of-a-blocker', "consequence: 'It does not start.'\n", ''],
  ['remedy-needed', /remedies: .*/, 'remedies: []'],
  ['unique-remedies', /remedies: \[(.*)\]/, 'remedies: [$1, $1]'],
  ['reference-needed', /references: .*/, 'references: []'],
  ['requires-needed', '{ fact: binary.static, is: true }', '{ fact: guest.name, is: x }'],
  ['requires-without-guest', 'explanation:', "requires: { kind: cpu, text: 'x' }\nexplanation:"],
  ['catalogue-form', '[A01]', '[a-1]'],
  ['unique-case-names', 'name: no-match', 'name: match'],
  ['case-match', 'expect: match', 'expect: unknown'],
  ['case-no-match', 'expect: no-match', 'expect: match'],
  ['case-unknown', 'expect: unknown', 'expect: match'],
  ['case-not-applicable', 'expect: not-applicable', 'expect: match'],
  ['key-order', /title: (.*)\narea: (.*)/, 'area: $2\ntitle: $1'],
  ['text-cut-by-comment', /title: (.*)/, 'title: $1 of the #! line'],
  ['file-length', /$/, '# line\n'.repeat(120)],
  ['single-part', '{ fact: binary.static, is: true }', '{ all: [{ fact: binary.static, is: true }] }'],
  [
    'same-join',
    '{ fact: binary.static, is: true }',
    '{ any: [{ any: [{ fact: binary.static, is: true }, { fact: binary.level, is: 1 }] }, { fact: binary.level, is: 2 }] }',
  ],
  [
    'duplicate-part',
    '{ fact: binary.static, is: true }',
    '{ any: [{ fact: binary.static, is: true }, { fact: binary.static, is: true }] }',
  ],
  ['not-exists', '{ fact: binary.static, is: true }', '{ not: { fact: binary.static, exists: true } }'],
  ['double-not', '{ fact: binary.static, is: true }', '{ not: { not: { fact: binary.static, is: true } } }'],
  ['always-true', '{ fact: binary.static, is: true }', "{ fact: binary.machine, starts-with: '' }"],
  ['always-true', '{ fact: binary.static, is: true }', '{ fact: binary.machine, is: { fact: binary.machine } }'],
])('%s: %s written as %s', (lint, from, to) => {
  expect(lints(plain.replace(from, to))).toEqual([lint]);
});

describe('strings are hints', () => {
  const reference = (severity: string): string =>
    plain
      .replace('subject: binary', 'subject: reference')
      .replace('severity: blocker', `severity: ${severity}`)
      .replace('binary.static, is: true', 'reference.value, is: x');

  test('so a rule about a reference is at most a warning', () => {
    expect(lints(reference('error'))).toEqual(['strings-are-hints']);
    expect(lints(reference('warning'))).toEqual([]);
  });
});
