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

  /** Quoted or literal text: it makes a field even where it is empty. */
  add(text: string): void {
    if (this.#text.length + text.length > MAX_WORD_CHARACTERS) this.#known = false;
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
  list(fields: readonly Field[]): void {
    fields.forEach(({ text, known }, index) => {
      if (index > 0) this.end();
      if (known) this.add(text);
      else this.unknown(text);
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
  if (depth > MAX_NESTING) return fields.unknown(raw);
  let at = 0;
  while (at < raw.length) {
    const character = raw[at] ?? '';
    const end = Math.max(skipQuoted(raw, at), at + 1);
    const part = raw.slice(at, end);
    if (character === '\\') fields.add(part[1] === '\n' ? '' : part.slice(1));
    else if (character === "'") fields.add(unquoted(part, 1));
    else if (character === '"') expandDouble(fields, unquoted(part, 1), expansion, depth + 1);
    else if (character === '`') substitution(fields, part, unquoted(part, 1), expansion, quoted);
    else if (character === '$') at = expandDollar(fields, raw, at, expansion, quoted, depth) - part.length;
    else if (character === '~' && at === 0) fields.add(expansion.scope.variables.get('HOME') ?? '~');
    else fields.add(part);
    at += part.length;
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
  if (name === '@' || (name === '*' && !quoted)) return fields.list(scope.positional);
  const found = valueOf(name, scope);
  put(fields, found === undefined ? '' : found, written, quoted);
}

/** Value of a variable or special parameter; null where it cannot be told, undefined where it is not set. */
export function valueOf(name: string, scope: Scope): string | null | undefined {
  if (/^\d+$/.test(name)) {
    if (name === '0') return scope.name;
    const field = scope.positional[Number(name) - 1];
    return field === undefined ? undefined : field.known ? field.text : null;
  }
  if (name === '#') return String(scope.positional.length);
  if (name === '*' || name === '@') {
    return scope.positional.every(({ known }) => known) ? scope.positional.map(({ text }) => text).join(' ') : null;
  }
  if (/^[?$!-]$/.test(name) || UNTOLD.has(name)) return null;
  if (name === 'PWD') return scope.workingDir;
  if (name === 'BASH_SOURCE') return scope.name;
  return scope.variables.get(name);
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

/** `${name}` with its operators (POSIX, 2.6.2 "Parameter Expansion"); what bash adds to them is not told. */
function braces(fields: Fields, written: string, inner: string, place: Place): void {
  const { expansion, quoted, depth } = place;
  const [, name, operator, rest = ''] = BRACES.exec(inner) ?? [];
  if (name === undefined || (operator === undefined && rest !== '')) return fields.unknown(written);
  if (operator === undefined) return parameter(fields, name, written, expansion, quoted);
  const found = valueOf(name, expansion.scope);
  if (operator.startsWith('#') || operator.startsWith('%'))
    return put(fields, trimmed(found, operator, rest, place), written, quoted);
  if (found === null) return fields.unknown(written);
  const isSet = found !== undefined && (found !== '' || !operator.startsWith(':'));
  const action = operator.at(-1);
  if (action === '+' ? isSet : !isSet) {
    if (action === '?') return fields.unknown(written);
    if (action === '=') expansion.scope.variables.set(name, value(rest, expansion, depth + 1));
    return quoted
      ? put(fields, value(rest, expansion, depth + 1), written, true)
      : expandInto(fields, rest, expansion, false, depth + 1);
  }
  if (action === '+') return;
  if (name === '@') return fields.list(expansion.scope.positional);
  put(fields, found ?? '', written, quoted);
}

function trimmed(found: string | null | undefined, operator: string, rest: string, place: Place): string | null {
  if (found === null) return null;
  const pattern = value(rest, place.expansion, place.depth + 1);
  if (pattern === null) return null;
  return withoutMatch(found ?? '', pattern, operator.startsWith('#') ? 'start' : 'end', operator.length === 2);
}
