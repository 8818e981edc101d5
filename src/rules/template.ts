import type { FactValue } from '../model/rule.js';
import type { FactRead } from './expression.js';

/** Text with placeholders `{fact.path}`, already found in the catalog. */
export interface Template {
  readonly source: string;
  readonly parts: readonly (string | FactRead)[];
}

export type TemplatePart = { readonly text: string } | { readonly path: string; readonly at: number };

const PLACEHOLDER = /\{([a-z][^{}\s]*)\}/g;

/** Splits text into literals and the paths of its placeholders. A `{` before anything but a lower-case letter is text. */
export function splitTemplate(source: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const found of source.matchAll(PLACEHOLDER)) {
    if (found.index > end) parts.push({ text: source.slice(end, found.index) });
    parts.push({ path: found[1] ?? '', at: found.index });
    end = found.index + found[0].length;
  }
  if (end < source.length) parts.push({ text: source.slice(end) });
  return parts;
}

/** Most elements of a list that a sentence names. */
const MAX_ELEMENTS = 8;
/** Most characters of one value in a sentence. */
const MAX_LENGTH = 300;

/** Control and direction characters, which would let an image's file names change what a terminal shows. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const NAMED: Readonly<Record<string, string>> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return NAMED[character] ?? (code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`);
  });
}

function shorten(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}

function formatList(values: readonly FactValue[]): string {
  if (values.length === 0) return 'none';
  const named = values.slice(0, MAX_ELEMENTS).map((value) => formatValue(value));
  const left = values.length - named.length;
  return left === 0 ? named.join(', ') : `${named.join(', ')} and ${left} more`;
}

function isList(value: FactValue): value is readonly FactValue[] {
  return Array.isArray(value);
}

/** A value as a sentence names it. `undefined` (a gap) is `unknown`, null is `none`. */
export function formatValue(value: FactValue | undefined): string {
  if (value === undefined) return 'unknown';
  if (value === null) return 'none';
  if (typeof value === 'string') return shorten(escapeUnsafe(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isList(value)) return formatList(value);
  return formatList(
    Object.entries(value)
      .filter(([, present]) => present === true)
      .map(([name]) => name)
      .sort(),
  );
}

/** Fills the placeholders in. */
export function renderTemplate(template: Template, read: (fact: FactRead) => FactValue | undefined): string {
  return template.parts.map((part) => (typeof part === 'string' ? part : formatValue(read(part)))).join('');
}

const SHELL_SAFE = /^[A-Za-z0-9_./:@%+=,-]+$/;

/**
 * Fills the placeholders of a command in, quoted so that a file name of the image stays one word of the shell. null: a
 * value is not known, or cannot be written on one line as it is; half a command is worse than none.
 */
export function renderCommand(template: Template, read: (fact: FactRead) => FactValue | undefined): string | null {
  const words: string[] = [];
  for (const part of template.parts) {
    const word = typeof part === 'string' ? part : shellWord(read(part));
    if (word === null) return null;
    words.push(word);
  }
  return words.join('');
}

function shellWord(value: FactValue | undefined): string | null {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || value === '' || formatValue(value) !== value) return null;
  return SHELL_SAFE.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A placeholder inside quotes: there the quoting of its value would be undone. */
export function quotedPlaceholder(template: Template): boolean {
  let open: string | null = null;
  for (const part of template.parts) {
    if (typeof part !== 'string') {
      if (open !== null) return true;
      continue;
    }
    for (const [quote] of part.matchAll(/["'`]/g)) {
      if (open === null) open = quote;
      else if (open === quote) open = null;
    }
  }
  return false;
}
