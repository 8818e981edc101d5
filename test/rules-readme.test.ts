import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalog } from '../src/facts/catalog.js';
import { loadRules } from '../src/rules/load.js';
import type { RuleFile } from '../src/rules/load.js';
import type { Rule } from '../src/rules/rule.js';

const ROOT = new URL('../rules/', import.meta.url);
const README = new URL('README.md', ROOT);
/** Folders that hold other data than rules. */
const NO_AREAS: readonly string[] = ['hosts', 'knowledge', 'routes'];

const areas = readdirSync(ROOT)
  .filter((name) => !NO_AREAS.includes(name) && statSync(new URL(name, ROOT)).isDirectory())
  .sort();

const files: readonly RuleFile[] = areas.flatMap((area) =>
  readdirSync(new URL(`${area}/`, ROOT))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: `rules/${area}/${name}`, text: readFileSync(new URL(`${area}/${name}`, ROOT), 'utf8') })),
);

const { rules } = loadRules(files, catalog);

/** `blocker`, or `blocker / warning / info` where it differs by reach. */
function severityOf({ severity: { start, later, present } }: Rule): string {
  return start === later && later === present ? start : `${start} / ${later} / ${present}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function ruleIndex(): string {
  const ofArea = (area: string): string => {
    const rows = rules
      .filter((rule) => rule.area === area)
      .map((rule) => [`[\`${rule.id}\`](${rule.area}/${rule.id}.yaml)`, rule.title, severityOf(rule), rule.confidence]);
    return `### ${area}\n\n${table(['rule', 'says', 'severity (start / later / present)', 'confidence'], rows)}`;
  };
  return `${rules.length} rules.\n\n${areas.map(ofArea).join('\n\n')}`;
}

function factIndex(): string {
  const rows = catalog.entries.map(({ path, type, unit, doc }) => [
    `\`${path}\``,
    unit === undefined ? type : `${type}, ${unit}`,
    doc,
  ]);
  return table(['fact', 'type', 'meaning'], rows);
}

/** Puts text between two markers. */
function between(page: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(open) + open.length;
  const to = page.indexOf(close);
  return `${page.slice(0, from)}\n\n<!-- prettier-ignore-start -->\n${text}\n<!-- prettier-ignore-end -->\n\n${page.slice(to)}`;
}

test('the page of the rules lists every rule and every fact (UPDATE=1 writes it)', () => {
  const page = readFileSync(README, 'utf8');
  const wanted = between(between(page, 'index', ruleIndex()), 'facts', factIndex());
  if (process.env['UPDATE'] === '1') writeFileSync(README, wanted);
  expect(readFileSync(README, 'utf8')).toBe(wanted);
});

test('every area has at least one rule, and every rule file is one', () => {
  expect(areas.length).toBeGreaterThanOrEqual(9);
  expect(rules).toHaveLength(files.length);
  expect([...new Set(rules.map((rule) => rule.area))].sort()).toEqual(areas);
});
