import { MAX_NESTING, MAX_WORDS, MAX_WORD_CHARACTERS } from '../limits.js';
import { closing, skipQuoted } from './lexer.js';
import { withoutMatch } from './pattern.js';
import type { Field, Scope } from './scope.js';

/** What expansion needs beside the scope: what a command substitution prints, null where it cannot be told. */
export interface Expansion {
  readonly scope: Scope;
  readonly substitute: (source: string) => string | null;
}

/** Fields while they grow. */
class Fields {
  readonly done: Field[] = [];
  #text = '';
  #known = true;
  #started = false;
  #total = 0;

  /** Quoted or literal text: it makes a field even where it is empty. */
  add(text: string): void {
    this.#total += text.length;
    if (this.#total > MAX_WORD_CHARACTERS) this.#known = false;
    else this.#text += text;
    this.#started = true;
  }

  unknown(written: string): void {
    this.add(written);
    this.#known = false;
  }

  /** The value of an unquoted expansion: blanks separate fields (POSIX, 2.6.5 "Field Splitting"). */
  split(value: string): void {
    const parts = value.split(/[ \t\n]+/);
    parts.forEach((part, index) => {
      if (index > 0) this.end();
      if (part !== '') this.add(part);
    });
  }

  end(): void {
    if (this.#started && this.done.length < MAX_WORDS) this.done.push({ text: this.#text, known: this.#known });
    this.#text = '';
    this.#known = true;
    this.#started = false;
  }

  /** Several fields, of which the first and last grow together with their neighbours. */
  list(fields: readonly Field[], quoted: boolean): void {
    fields.forEach(({ text, known }, index) => {
      if (index > 0) this.end();
      if (!known) this.unknown(text);
      else if (quoted) this.add(text);
      else this.split(text);
    });
  }
}

/** Expands a word into fields (POSIX, 2.6 "Word Expansions"); pathname expansion is left out. */
export function expandWord(raw: string, expansion: Expansion): readonly Field[] {
  const fields = new Fields();
  expandInto(fields, raw, expansion, false, 0);
  fields.end();
  return fields.done;
}

/** Expands without field splitting, as in an assignment; null where the value cannot be told. */
export function expandValue(raw: string, expansion: Expansion): string | null {
  return value(raw, expansion, 0);
}

function value(raw: string, expansion: Expansion, depth: number): string | null {
  const fields = new Fields();
  fields.add('');
  expandInto(fields, raw, expansion, true, depth);
  fields.end();
  const known = fields.done.every((field) => field.known);
  return known ? fields.done.map(({ text }) => text).join(' ') : null;
}

function expandInto(fields: Fields, raw: string, expansion: Expansion, quoted: boolean, depth: number): void {
  if (depth > MAX_NESTING) {
    fields.unknown(raw);
    return;
  }
  let at = 0;
  while (at < raw.length) {
    if (raw[at] === '$') {
      at = expandDollar(fields, raw, at, expansion, quoted, depth);
      continue;
    }
    const end = Math.max(skipQuoted(raw, at), at + 1);
    if (raw[at] === '~' && at === 0) fields.add(expansion.scope.variables.get('HOME') ?? '~');
    else expandPart(fields, raw.slice(at, end), expansion, quoted, depth);
    at = end;
  }
}

/** One character, or one quoted part. */
function expandPart(fields: Fields, part: string, expansion: Expansion, quoted: boolean, depth: number): void {
  switch (part[0]) {
    case '\\':
      fields.add(part[1] === '\n' ? '' : part.slice(1));
      break;
    case "'":
      fields.add(unquoted(part, 1));
      break;
    case '"':
      expandDouble(fields, unquoted(part, 1), expansion, depth + 1);
      break;
    case '`':
      substitution(fields, part, unquoted(part, 1), expansion, quoted);
      break;
    case undefined:
    default:
      fields.add(part);
  }
}

/** Without the quotes around it; the second is missing where the text ends before. */
function unquoted(part: string, open: number): string {
  return part.length > open && part.endsWith(part[open - 1] ?? '') ? part.slice(open, -1) : part.slice(open);
}

function expandDouble(fields: Fields, inner: string, expansion: Expansion, depth: number): void {
  if (inner !== '$@' && inner !== '${@}') fields.add('');
  let at = 0;
  while (at < inner.length) {
    const character = inner[at] ?? '';
    if (character === '\\' && '$`"\\\n'.includes(inner[at + 1] ?? ' ')) {
      fields.add(inner[at + 1] === '\n' ? '' : (inner[at + 1] ?? ''));
      at += 2;
    } else if (character === '$') at = expandDollar(fields, inner, at, expansion, true, depth);
    else if (character === '`') {
      const end = skipQuoted(inner, at);
      substitution(fields, inner.slice(at, end), inner.slice(at + 1, end - 1), expansion, true);
      at = end;
    } else {
      fields.add(character);
      at += 1;
    }
  }
}

/** Expands what begins with `$` and gives the index behind it. */
function expandDollar(
  fields: Fields,
  raw: string,
  at: number,
  expansion: Expansion,
  quoted: boolean,
  depth: number,
): number {
  const next = raw[at + 1] ?? '';
  if (next === '{') {
    const end = closing(raw, at + 1, '{', '}');
    braces(fields, raw.slice(at, end), raw.slice(at + 2, end - 1), { expansion, quoted, depth });
    return end;
  }
  if (next === '(') {
    const end = closing(raw, at + 1, '(', ')');
    const written = raw.slice(at, end);
    if (raw[at + 2] === '(') fields.unknown(written);
    else substitution(fields, written, raw.slice(at + 2, end - 1), expansion, quoted);
    return end;
  }
  if (next === "'" && !quoted) {
    const end = skipQuoted(raw, at);
    fields.add(raw.slice(at + 2, end - 1));
    return end;
  }
  const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(raw.slice(at + 1, at + 1 + 256))?.[0];
  if (name === undefined) {
    fields.add('$');
    return at + 1;
  }
  parameter(fields, name, `$${name}`, expansion, quoted);
  return at + 1 + name.length;
}

function substitution(fields: Fields, written: string, source: string, expansion: Expansion, quoted: boolean): void {
  const output = expansion.substitute(source);
  put(fields, output, written, quoted);
}

function put(fields: Fields, text: string | null, written: string, quoted: boolean): void {
  if (text === null) fields.unknown(written);
  else if (quoted) fields.add(text);
  else fields.split(text);
}

function parameter(fields: Fields, name: string, written: string, { scope }: Expansion, quoted: boolean): void {
  if (name === '@' || (name === '*' && !quoted)) {
    fields.list(scope.positional, quoted);
    return;
  }
  const found = valueOf(name, scope);
  put(fields, found === undefined ? '' : found, written, quoted);
}

/** Value of a variable or special parameter; null where it cannot be told, undefined where it is not set. */
export function valueOf(name: string, scope: Scope): string | null | undefined {
  if (/^\d+$/.test(name)) return positional(Number(name), scope);
  switch (name) {
    case '#':
      return String(scope.positional.length);
    case '*':
    case '@':
      return scope.positional.every(({ known }) => known) ? scope.positional.map(({ text }) => text).join(' ') : null;
    case 'PWD':
      return scope.workingDir;
    case 'BASH_SOURCE':
      return scope.name;
    default:
      return /^[?$!-]$/.test(name) || UNTOLD.has(name) ? null : scope.variables.get(name);
  }
}

function positional(index: number, scope: Scope): string | null | undefined {
  if (index === 0) return scope.name;
  const field = scope.positional[index - 1];
  if (field === undefined) return undefined;
  return field.known ? field.text : null;
}

/** Variables that every shell or engine sets to something that the image does not say. */
const UNTOLD: ReadonlySet<string> = new Set([
  'HOSTNAME',
  'RANDOM',
  'SECONDS',
  'PPID',
  'BASHPID',
  'LINENO',
  'BASH_VERSION',
  'OPTARG',
  'OPTIND',
  'REPLY',
]);

interface Place {
  readonly expansion: Expansion;
  readonly quoted: boolean;
  readonly depth: number;
}

const BRACES = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[[@*0]\])?(:?[-=+?]|##?|%%?)?([^]*)$/;

/** `${name}` with its operators (POSIX, 2.6.2 "Parameter Expansion"), and of bash's `${name:offset:length}`. */
function braces(fields: Fields, written: string, inner: string, place: Place): void {
  const { expansion, quoted } = place;
  const [, name, operator, rest = ''] = BRACES.exec(inner) ?? [];
  if (name !== undefined && operator === undefined && rest === '') {
    parameter(fields, name, written, expansion, quoted);
  } else if (name !== undefined && operator !== undefined && /^:?[-=+?]$/.test(operator)) {
    conditional(fields, { name, operator, rest, written }, place);
  } else {
    put(fields, name === undefined ? special(inner) : modified(name, operator, rest, place), written, quoted);
  }
}

/** Bash's call stack at the top of a script that is executed, not sourced: entrypoints ask it which of the two they are. */
function special(inner: string): string | null {
  return inner === 'FUNCNAME[1]' ? 'main' : null;
}

interface Conditional {
  readonly name: string;
  readonly operator: string;
  readonly rest: string;
  readonly written: string;
}

/** `${x:-y}`, `${x:=y}`, `${x:+y}`, `${x:?y}`, and the same without the colon. */
function conditional(fields: Fields, { name, operator, rest, written }: Conditional, place: Place): void {
  const { expansion, quoted } = place;
  const found = valueOf(name, expansion.scope);
  const action = operator.at(-1);
  const isSet = found !== undefined && (found !== '' || !operator.startsWith(':'));
  const usesWord = action === '+' ? isSet : !isSet;
  if (found === null || (usesWord && action === '?')) fields.unknown(written);
  else if (usesWord) substituteWord(fields, { name, operator, rest, written }, place);
  else if (action === '+') return;
  else if (name === '@') fields.list(expansion.scope.positional, quoted);
  else put(fields, found ?? '', written, quoted);
}

function substituteWord(fields: Fields, { name, operator, rest, written }: Conditional, place: Place): void {
  const { expansion, quoted, depth } = place;
  const word = value(rest, expansion, depth + 1);
  if (operator.endsWith('=')) expansion.scope.variables.set(name, word);
  if (quoted) put(fields, word, written, true);
  else expandInto(fields, rest, expansion, false, depth + 1);
}

/** Parts of a value: without a match at one end, or from an offset on. */
function modified(name: string, operator: string | undefined, rest: string, place: Place): string | null {
  const found = valueOf(name, place.expansion.scope);
  if (found === null) return null;
  const [, offset, length] = operator === undefined ? (/^:(\d{1,9})(?::(\d{1,9}))?$/.exec(rest) ?? []) : [];
  if (offset !== undefined) {
    const from = Number(offset);
    return (found ?? '').slice(from, length === undefined ? undefined : from + Number(length));
  }
  if (operator === undefined) return null;
  const pattern = value(rest, place.expansion, place.depth + 1);
  if (pattern === null) return null;
  return withoutMatch(found ?? '', pattern, operator.startsWith('#') ? 'start' : 'end', operator.length === 2);
}
