import type { Catalog } from '../facts/catalog-types.js';
import type { Rule, RuleError } from './rule.js';
import { readRule } from './read-rule.js';
import { parseSource } from './source.js';
import type { Fault } from './source.js';

/** One rule file: its path (with `/`) and its text. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadedRules {
  /** Sorted by id. A file with a fault gives no rule. */
  readonly rules: readonly Rule[];
  /** Sorted by file and place. */
  readonly errors: readonly RuleError[];
}

/** Reads and checks rule files against the catalog. A rule that loads cannot fail when it is judged. */
export function loadRules(files: readonly RuleFile[], catalog: Catalog): LoadedRules {
  const errors: RuleError[] = [];
  const rules = new Map<string, Rule>();
  for (const file of [...files].sort((left, right) => compareText(left.path, right.path))) {
    const { rule, faults } = loadRule(file, catalog);
    for (const { line, column, message } of faults) errors.push({ file: file.path, line, column, message });
    if (rule === null) continue;
    const other = rules.get(rule.id);
    if (other === undefined) rules.set(rule.id, rule);
    else
      errors.push({ file: file.path, line: 1, column: 1, message: `the id \`${rule.id}\` is that of ${other.file}` });
  }
  const sorted = [...rules.values()].sort((left, right) => compareText(left.id, right.id));
  errors.push(...replacementErrors(sorted));
  return { rules: sorted, errors };
}

function loadRule(file: RuleFile, catalog: Catalog): { readonly rule: Rule | null; readonly faults: readonly Fault[] } {
  const source = parseSource(file.text);
  if (source.node === null) return { rule: null, faults: source.faults };
  return readRule(file.path, source.node, catalog);
}

function replacementErrors(rules: readonly Rule[]): readonly RuleError[] {
  const ids = new Set(rules.map((rule) => rule.id));
  return rules
    .filter((rule) => rule.replacedBy !== null && !ids.has(rule.replacedBy))
    .map((rule) => ({
      file: rule.file,
      line: 1,
      column: 1,
      message: `\`replaced-by\` names \`${rule.replacedBy ?? ''}\`, which is no rule`,
    }));
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
