import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCases } from '../../src/rules/cases.js';
import { lintRule } from '../../src/rules/lint.js';
import { loadRules } from '../../src/rules/load.js';
import { describeRuleError } from '../../src/rules/rule.js';
import { smallCatalog } from './support.js';

const SAMPLES = join(import.meta.dirname, 'samples');
const files = readdirSync(SAMPLES)
  .flatMap((area) => readdirSync(join(SAMPLES, area)).map((name) => `${area}/${name}`))
  .map((path) => ({ path: `rules/${path}`, text: readFileSync(join(SAMPLES, path), 'utf8') }));
const { rules, errors } = loadRules(files, smallCatalog);

test('the four sample rules load without a fault', () => {
  expect(errors.map(describeRuleError)).toEqual([]);
  expect(rules.map((rule) => rule.id)).toEqual([
    'dll-not-found',
    'interpreter-missing',
    'machine-not-runnable',
    'segment-alignment-below-page-size',
  ]);
});

describe.each(rules.map((rule) => ({ id: rule.id, rule })))('$id', ({ rule }) => {
  test.each(runCases(rule).map((result) => ({ name: result.name, result })))('$name', ({ result }) => {
    expect(result.problems).toEqual([]);
  });

  test('has no lint', () => {
    const text = files.find((file) => file.path === rule.file)?.text ?? '';
    expect(lintRule(rule, text).filter((note) => note.level === 'error')).toEqual([]);
  });
});

test('a case that expects something else is a problem', () => {
  const file = files.find((one) => one.path.endsWith('machine-not-runnable.yaml'));
  const text = (file?.text ?? '')
    .replace("says: ['aarch64 code', 'x86_64']", "says: ['sparc']")
    .replace('expect: no-match', 'expect: match');
  const [changed] = loadRules([{ path: file?.path ?? '', text }], smallCatalog).rules;
  expect(changed).toBeDefined();
  if (changed === undefined) return;
  const results = runCases(changed);
  expect(results[0]?.problems[0]).toMatch(/^the message does not say `sparc`/);
  expect(results[1]?.problems).toEqual(['expected match, got no-match']);
  expect(results[2]?.problems).toEqual([]);
});
