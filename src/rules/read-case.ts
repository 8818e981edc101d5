import { elementType, FACT_ROOTS, isListType } from '../facts/catalog-types.js';
import type { FactEntry, FactType } from '../facts/catalog-types.js';
import type { FactTree, FactValue } from '../model/rule.js';
import { asList, asText, asTexts, asWord, hint, optional, quoted, readFields, required } from './fields.js';
import type { RuleCase } from './rule.js';
import type { Checking } from './scope.js';
import type { SourceNode } from './source.js';

const CASE_KEYS = ['name', 'expect', 'facts', 'guest', 'says', 'leaves-open'];
const OUTCOMES = ['match', 'no-match', 'unknown', 'not-applicable'] as const;

/** Reads the cases of a rule; their facts are checked against the catalog as the conditions are. */
export function readCases(node: SourceNode | null, checking: Checking): readonly RuleCase[] {
  const { report } = checking;
  return asList(node, '`cases`', report).map((item) => {
    const fields = readFields(item, CASE_KEYS, report);
    const facts = required(fields, 'facts');
    const guest = optional(fields, 'guest');
    const says = optional(fields, 'says');
    const leavesOpen = optional(fields, 'leaves-open');
    return {
      name: asText(required(fields, 'name'), '`name`', report),
      place: item.place,
      expect: asWord(required(fields, 'expect'), OUTCOMES, '`expect`', report),
      facts: facts === null ? {} : readTrees(facts, checking),
      guest: guest === null ? {} : readRecord(guest, 'guest', checking),
      says: says === null ? [] : asTexts(says, '`says`', report),
      leavesOpen: leavesOpen === null ? null : asText(leavesOpen, '`leaves-open`', report),
    };
  });
}

function readTrees(node: SourceNode, checking: Checking): FactTree {
  const subjects = FACT_ROOTS.filter((root) => root === checking.subject || root === 'image');
  if (node.kind !== 'map') {
    checking.report(node.place, `\`facts\` is a map of ${quoted(subjects)}`);
    return {};
  }
  const trees: Record<string, FactValue> = {};
  for (const { key, keyPlace, value } of node.entries) {
    if (subjects.some((subject) => subject === key)) trees[key] = readRecord(value, key, checking);
    else checking.report(keyPlace, `\`${key}\` is no tree of this rule; it reads ${quoted(subjects)}`);
  }
  return trees;
}

/** A record whose catalog paths begin with `prefix`. */
function readRecord(node: SourceNode, prefix: string, checking: Checking): FactTree {
  const { catalog, report } = checking;
  if (node.kind !== 'map') {
    report(node.place, `\`${prefix}\` is a map of facts`);
    return {};
  }
  const record: Record<string, FactValue> = {};
  for (const { key, keyPlace, value } of node.entries) {
    const entry = catalog.byPath.get(`${prefix}.${key}`);
    if (entry === undefined)
      report(keyPlace, `unknown fact \`${prefix}.${key}\`${hint(key, keysBelow(prefix, checking))}`);
    else record[key] = readValue(value, entry, checking);
  }
  return record;
}

function keysBelow(prefix: string, { catalog }: Checking): readonly string[] {
  return catalog.entries
    .filter((entry) => entry.path.startsWith(`${prefix}.`))
    .map((entry) => entry.path.slice(prefix.length + 1))
    .filter((key) => !/[.[]/.test(key));
}

function readValue(node: SourceNode, entry: FactEntry, checking: Checking): FactValue {
  if (node.kind === 'scalar' && node.value === null) return null;
  if (entry.type === 'record') return readRecord(node, entry.path, checking);
  if (entry.type === 'flags') return readFlags(node, entry, checking);
  if (!isListType(entry.type)) return readScalar(node, entry, entry.type, checking);
  const element = elementType(entry.type);
  return asList(node, `\`${entry.path}\``, checking.report).map((item) =>
    element === 'record' || item.kind === 'map'
      ? readRecord(item, `${entry.path}[]`, checking)
      : readScalar(item, entry, element, checking),
  );
}

/** What is known to be there, and what is known not to be; nothing is known of the rest. */
function readFlags(node: SourceNode, entry: FactEntry, { report }: Checking): FactTree {
  const flags: Record<string, boolean> = {};
  if (node.kind !== 'map') report(node.place, `\`${entry.path}\` is a map of names to true or false`);
  for (const { key, value } of node.kind === 'map' ? node.entries : []) {
    if (value.kind === 'scalar' && typeof value.value === 'boolean') flags[key] = value.value;
    else report(value.place, `the flag \`${key}\` is true or false`);
  }
  return flags;
}

const JS_TYPE: Readonly<Partial<Record<FactType, string>>> = {
  string: 'string',
  version: 'string',
  integer: 'number',
  boolean: 'boolean',
};

function readScalar(node: SourceNode, entry: FactEntry, type: FactType, { report }: Checking): FactValue {
  const value = node.kind === 'scalar' ? node.value : null;
  const fits = typeof value === JS_TYPE[type] && (typeof value !== 'number' || Number.isSafeInteger(value));
  if (value === null || !fits) {
    report(
      node.place,
      `\`${entry.path}\` is a ${entry.type}${typeof value === 'number' ? '; write it in quotes' : ''}`,
    );
    return null;
  }
  if (entry.values !== undefined && typeof value === 'string' && !entry.values.includes(value)) {
    report(node.place, `\`${entry.path}\` is never \`${value}\`; it is one of ${quoted(entry.values)}`);
  }
  return value;
}
