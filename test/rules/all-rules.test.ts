import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../src/facts/catalog.js';
import { runCases } from '../../src/rules/cases.js';
import { lintRule } from '../../src/rules/lint.js';
import { loadRules } from '../../src/rules/load.js';
import type { RuleFile } from '../../src/rules/load.js';
import { describeRuleError } from '../../src/rules/rule.js';

const ROOT = join(import.meta.dirname, '../..');
/** Folders of rules/ that are no areas. */
const OTHERS = ['hosts', 'routes', 'knowledge'];

function ruleFiles(): readonly RuleFile[] {
  return readdirSync(join(ROOT, 'rules'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(ROOT, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }))
    .filter((file) => !OTHERS.some((folder) => file.path.startsWith(`rules/${folder}/`)));
}

const files = ruleFiles();
const { rules, errors } = loadRules(files, catalog);

test('every rule file loads', () => {
  expect(errors.map(describeRuleError)).toEqual([]);
  expect(rules).toHaveLength(files.length);
});

describe.each(rules.map((rule) => ({ id: rule.id, rule })))('rule $id', ({ rule }) => {
  test('has no lint', () => {
    const text = files.find((file) => file.path === rule.file)?.text ?? '';
    const notes = lintRule(rule, text).filter((note) => note.level === 'error');
    expect(notes.map((note) => `${rule.file}: ${note.lint}: ${note.message}`)).toEqual([]);
  });

  test.each(runCases(rule).map((result) => ({ name: result.name, result })))('$name', ({ result }) => {
    expect(result.problems).toEqual([]);
  });
});
