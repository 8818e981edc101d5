import { isTree, toCamel, type Path } from '../host/shape.js';
import type { Lookup } from './condition.js';
import type { Template } from './definition.js';
import { factShape, type ConditionContext } from './parse-condition.js';

const PLACEHOLDER = /\{([a-z][a-z0-9./_-]*)\}/g;

/** Reads a value of a guest as written. Keys become camelCase, those of free maps (with `/` or `.`) stay. */
export function parseTemplate(value: unknown, path: Path, context: ConditionContext): Template {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return { kind: 'literal', value };
  if (typeof value === 'string') {
    checkText(value, path, context);
    return value.includes('{') ? { kind: 'text', text: value } : { kind: 'literal', value };
  }
  if (Array.isArray(value)) return { kind: 'list', parts: parseList(value, path, context) };
  if (!isTree(value)) return { kind: 'literal', value: null };
  return parseTree(value, path, context);
}

function parseTree(value: Readonly<Record<string, unknown>>, path: Path, context: ConditionContext): Template {
  const { fact, first, choose, from } = value;
  const keys = Object.keys(value).length;
  if (keys === 1 && typeof fact === 'string') {
    factShape(fact, [...path, 'fact'], context);
    return { kind: 'fact', path: fact };
  }
  if (keys === 1 && Array.isArray(first)) {
    return { kind: 'first', parts: parseList(first, [...path, 'first'], context) };
  }
  if (keys === 2 && typeof choose === 'string' && isTree(from)) {
    factShape(choose, [...path, 'choose'], context);
    return { kind: 'choose', path: choose, from: parseEntries(from, [...path, 'from'], context, false) };
  }
  return { kind: 'tree', fields: parseFields(value, path, context) };
}

const parseList = (values: readonly unknown[], path: Path, context: ConditionContext): readonly Template[] =>
  values.map((value, index) => parseTemplate(value, [...path, index], context));

/** Names of free maps: their keys are data, not fields. */
const MAPS: readonly string[] = ['features', 'devices', 'sysctls'];

export function parseFields(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  context: ConditionContext,
): Readonly<Record<string, Template>> {
  return parseEntries(value, path, context, !MAPS.includes(String(path[path.length - 1])));
}

function parseEntries(
  value: Readonly<Record<string, unknown>>,
  path: Path,
  context: ConditionContext,
  areFields: boolean,
): Readonly<Record<string, Template>> {
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [
      areFields ? toCamel(key) : key,
      parseTemplate(element, [...path, key], context),
    ]),
  );
}

/** Reports placeholders that name no fact. */
export function checkText(text: string, path: Path, context: ConditionContext): void {
  for (const [, fact] of text.matchAll(PLACEHOLDER)) {
    if (fact !== undefined) factShape(fact, path, context);
  }
}

/** The text with its facts filled in; what is not known is named by its path. */
export function fillText(text: string, lookup: Lookup): string {
  return text.replace(PLACEHOLDER, (_, path: string) => inWords(lookup(path)) ?? `<${path.replace(/^.*\./, '')}>`);
}

function inWords(value: unknown): string | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.map((part) => inWords(part) ?? '?').join(', ') : null;
}

/** The value of a template; `undefined` where it rests on something unknown or absent. */
export function fillTemplate(template: Template, lookup: Lookup): unknown {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'text':
      return fillText(template.text, lookup);
    case 'fact':
      return lookup(template.path) ?? undefined;
    case 'first':
      return template.parts.map((part) => fillTemplate(part, lookup)).find((value) => value !== undefined);
    case 'choose': {
      const chosen = template.from[String(lookup(template.path))];
      return chosen === undefined ? undefined : fillTemplate(chosen, lookup);
    }
    case 'list':
      return fillList(template.parts, lookup);
    case 'tree':
      return fillTree(template.fields, lookup);
  }
}

/** A list with an unknown element is unknown as a whole: "executes only these" would be said too early. */
function fillList(parts: readonly Template[], lookup: Lookup): unknown {
  const values = parts.map((part) => fillTemplate(part, lookup));
  return values.includes(undefined) ? undefined : values;
}

export function fillTree(
  fields: Readonly<Record<string, Template>>,
  lookup: Lookup,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, part]) => {
      const value = fillTemplate(part, lookup);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
