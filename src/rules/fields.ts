import { nearestName } from '../facts/catalog-types.js';
import type { Place, SourceEntry, SourceNode } from './source.js';

/**
 * Reading the keys of a map. Every reader is total: what is wrong goes to `report`, and a value of the right type comes
 * back all the same, so a file is read to its end and all its faults are named at once. What was read is used only if
 * nothing was reported.
 */
export type ReportFault = (place: Place, message: string) => void;

/** ` did you mean` with the nearest name, or nothing. */
export function hint(written: string, names: readonly string[]): string {
  const nearest = nearestName(written, names);
  return nearest === null ? '' : `; did you mean \`${nearest}\`?`;
}

/** A map with known keys only, as it is written. */
export interface Fields {
  readonly place: Place;
  readonly entries: ReadonlyMap<string, SourceEntry>;
  readonly report: ReportFault;
}

/** Checks that a node is a map and has no keys but these. */
export function readFields(node: SourceNode, keys: readonly string[], report: ReportFault): Fields {
  if (node.kind !== 'map') {
    report(node.place, `expected a map with ${quoted(keys)}`);
    return { place: node.place, entries: new Map(), report };
  }
  for (const entry of node.entries) {
    if (!keys.includes(entry.key)) {
      report(entry.keyPlace, `unknown key \`${entry.key}\`${hint(entry.key, keys)}`);
    }
  }
  return { place: node.place, entries: new Map(node.entries.map((entry) => [entry.key, entry])), report };
}

export function quoted(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

/** The value of a key; null where the key is left out. */
export function optional(fields: Fields, key: string): SourceNode | null {
  return fields.entries.get(key)?.value ?? null;
}

/** The value of a key that must be there. */
export function required(fields: Fields, key: string): SourceNode | null {
  const node = optional(fields, key);
  if (node === null) fields.report(fields.place, `the key \`${key}\` is missing`);
  return node;
}

/** Text that is not empty; `''` where it is wrong. */
export function asText(node: SourceNode | null, what: string, report: ReportFault): string {
  if (node === null) return '';
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value.trim() !== '') return node.value.trim();
  const numeric = node.kind === 'scalar' && typeof node.value === 'number';
  report(node.place, `${what} must be text${numeric ? '; write it in quotes' : ''}`);
  return '';
}

/** One of a few words; the first of them where it is wrong. */
export function asWord<Word extends string>(
  node: SourceNode | null,
  words: readonly [Word, ...Word[]],
  what: string,
  report: ReportFault,
): Word {
  const text = asText(node, what, report);
  const word = words.find((candidate) => candidate === text);
  if (word === undefined && node !== null && text !== '') {
    report(node.place, `${what} is one of ${quoted(words)}, not \`${text}\`${hint(text, words)}`);
  }
  return word ?? words[0];
}

/** A list; empty where it is wrong. */
export function asList(node: SourceNode | null, what: string, report: ReportFault): readonly SourceNode[] {
  if (node === null) return [];
  if (node.kind === 'list') return node.items;
  report(node.place, `${what} must be a list`);
  return [];
}

/** A list of texts. */
export function asTexts(node: SourceNode | null, what: string, report: ReportFault): readonly string[] {
  return asList(node, what, report).map((item) => asText(item, `each of ${what}`, report));
}
