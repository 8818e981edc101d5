import { expect } from 'vitest';
import { defineCatalog } from '../../src/facts/catalog-types.js';
import type { FactEntry } from '../../src/facts/catalog-types.js';
import type { FactTree, ImageFacts, SubjectFacts } from '../../src/model/rule.js';
import { loadRules } from '../../src/rules/load.js';
import type { Rule } from '../../src/rules/rule.js';
import { describeRuleError } from '../../src/rules/rule.js';

const fact = (path: string, type: FactEntry['type'], more: Partial<FactEntry> = {}): FactEntry => ({
  path,
  type,
  doc: 'A fact of the tests.',
  ...more,
});

/** A catalog that has each type once and what the sample rules read. */
export const smallCatalog = defineCatalog([
  fact('image.os', 'string', { values: ['linux', 'windows'] }),
  fact('image.machine', 'string'),
  fact('program.path', 'string'),
  fact('reference.value', 'string'),
  fact('reference.offset', 'integer', { unit: 'bytes' }),
  fact('binary.path', 'string'),
  fact('binary.format', 'string', { values: ['elf', 'pe', 'mach-o'] }),
  fact('binary.machine', 'string'),
  fact('binary.static', 'boolean'),
  fact('binary.abi-kernel', 'version'),
  fact('binary.kernels', 'version-list'),
  fact('binary.needed', 'string-list'),
  fact('binary.levels', 'integer-list', { unit: 'level' }),
  fact('binary.level', 'integer', { unit: 'level' }),
  fact('binary.features', 'flags'),
  fact('binary.interpreter', 'record'),
  fact('binary.interpreter.path', 'string'),
  fact('binary.interpreter.links', 'string-list'),
  fact('binary.interpreter.entry', 'string'),
  fact('binary.load-segments', 'record-list'),
  fact('binary.load-segments[].index', 'integer'),
  fact('binary.load-segments[].offset', 'integer', { unit: 'bytes' }),
  fact('binary.load-segments[].align-bytes', 'integer', { unit: 'bytes' }),
  fact('binary.dependencies', 'record-list'),
  fact('binary.dependencies[].name', 'string'),
  fact('binary.dependencies[].delay-loaded', 'boolean'),
  fact('binary.dependencies[].entry', 'string'),
  fact('binary.dependencies[].searched', 'string-list'),
  fact('guest.name', 'string'),
  fact('guest.platform', 'string'),
  fact('guest.machines', 'string-list'),
  fact('guest.page-size-bytes', 'integer', { unit: 'bytes' }),
  fact('guest.level', 'integer', { unit: 'level' }),
  fact('guest.kernel', 'version'),
  fact('guest.system-dlls', 'string-list'),
  fact('guest.features', 'flags'),
]);

/** The parts of a rule that a test is about; the rest is legal and plain. */
export interface RuleParts {
  readonly subject?: string;
  readonly severity?: string;
  readonly confidence?: string;
  readonly status?: string;
  readonly applies?: string;
  readonly match: string;
  readonly explanation?: string;
  /** Whole lines put before `explanation`. */
  readonly extra?: string;
  readonly remedies?: string;
  readonly cases?: string;
}

/** Text of a rule file; conditions are flow YAML, one line each. */
export function ruleText(id: string, parts: RuleParts): string {
  return [
    `id: ${id}`,
    'title: A rule of the tests',
    'area: tests',
    `severity: ${parts.severity ?? 'blocker'}`,
    `confidence: ${parts.confidence ?? 'certain'}`,
    `status: ${parts.status ?? 'stable'}`,
    'since: 0.1.0',
    `subject: ${parts.subject ?? 'binary'}`,
    `applies: ${parts.applies ?? '{ all: [{ fact: image.os, exists: true }] }'}`,
    `match: ${parts.match}`,
    ...(parts.extra === undefined ? [] : [parts.extra]),
    `explanation: '${parts.explanation ?? 'It is so.'}'`,
    "consequence: 'It does not start.'",
    `remedies: ${parts.remedies ?? "[{ id: change-it, where: image, effort: low, text: 'Change it.' }]"}`,
    'false-alarms: []',
    "references: [{ title: 'A source', url: 'https://example.org/' }]",
    'catalogue: [A01]',
    `cases: ${parts.cases ?? '[]'}`,
    '',
  ].join('\n');
}

/** A rule that must load. */
export function rule(parts: RuleParts, id = 'a-rule'): Rule {
  const { rules, errors } = loadRules([{ path: `rules/tests/${id}.yaml`, text: ruleText(id, parts) }], smallCatalog);
  expect(errors.map(describeRuleError)).toEqual([]);
  const [loaded] = rules;
  if (loaded === undefined) throw new Error('the rule did not load');
  return loaded;
}

/** What loading this rule says. */
export function faultsOf(parts: RuleParts): readonly string[] {
  return faultsOfText(ruleText('a-rule', parts));
}

export function faultsOfText(text: string, path = 'rules/tests/a-rule.yaml'): readonly string[] {
  return loadRules([{ path, text }], smallCatalog).errors.map(describeRuleError);
}

/** One subject of an image. */
export function subject(facts: FactTree, more: Partial<SubjectFacts> = {}): SubjectFacts {
  return { path: '/app/server', layer: 2, reach: 'start', facts, ...more };
}

/** The facts of an image with these binaries. */
export function imageFacts(binaries: readonly SubjectFacts[], more: Partial<ImageFacts> = {}): ImageFacts {
  return { image: { os: 'linux' }, programs: [], binaries, references: [], gaps: [], ...more };
}
