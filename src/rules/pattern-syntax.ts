/** Longest pattern, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 512;
/** Deepest nesting of groups. */
const MAX_GROUPS = 50;
/** Largest count in `{m,n}`, as in RE2. */
const MAX_REPEAT = 1000;

/** Why a pattern is refused; never leaves the pattern files. */
export class PatternFault extends Error {}

export type Range = readonly [low: number, high: number];

export interface CharacterSet {
  readonly ranges: readonly Range[];
  readonly negated: boolean;
}

export type PatternNode =
  | { readonly kind: 'one'; readonly set: CharacterSet }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number | null };

const NEWLINE = 0x0a;
const ANY: CharacterSet = { ranges: [[NEWLINE, NEWLINE]], negated: true };
const DIGIT: readonly Range[] = [[0x30, 0x39]];
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: readonly Range[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: { ranges: DIGIT, negated: false },
  D: { ranges: DIGIT, negated: true },
  w: { ranges: WORD, negated: false },
  W: { ranges: WORD, negated: true },
  s: { ranges: SPACE, negated: false },
  S: { ranges: SPACE, negated: true },
};
const CONTROLS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, f: 0x0c, r: 0x0d };

interface Reader {
  readonly characters: readonly string[];
  readonly ignoreCase: boolean;
  at: number;
  depth: number;
}

/** Parses a pattern; throws a PatternFault on what is wrong or not supported. */
export function parsePattern(source: string): { readonly node: PatternNode; readonly ignoreCase: boolean } {
  if (source.length > MAX_PATTERN_LENGTH) throw new PatternFault(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  const ignoreCase = source.startsWith('(?i)');
  const reader: Reader = { characters: Array.from(ignoreCase ? source.slice(4) : source), ignoreCase, at: 0, depth: 0 };
  const node = parseChoice(reader);
  if (reader.at < reader.characters.length) throw new PatternFault('a `)` closes nothing');
  return { node, ignoreCase };
}

function peek(reader: Reader): string | null {
  return reader.characters[reader.at] ?? null;
}

function take(reader: Reader, what: string): string {
  const character = peek(reader);
  if (character === null) throw new PatternFault(`it ends where ${what} is expected`);
  reader.at += 1;
  return character;
}

function skip(reader: Reader, character: string): boolean {
  if (peek(reader) !== character) return false;
  reader.at += 1;
  return true;
}

function parseChoice(reader: Reader): PatternNode {
  const parts = [parseSequence(reader)];
  while (skip(reader, '|')) parts.push(parseSequence(reader));
  return { kind: 'choice', parts };
}

function parseSequence(reader: Reader): PatternNode {
  const parts: PatternNode[] = [];
  for (let next = peek(reader); next !== null && next !== '|' && next !== ')'; next = peek(reader)) {
    parts.push(parseRepeat(reader));
  }
  return { kind: 'sequence', parts };
}

const QUANTIFIERS: Readonly<Record<string, readonly [number, number | null]>> = {
  '*': [0, null],
  '+': [1, null],
  '?': [0, 1],
};

function parseRepeat(reader: Reader): PatternNode {
  const part = parseAtom(reader);
  const bounds = parseBounds(reader);
  if (bounds === null) return part;
  if (['*', '+', '?', '{'].includes(peek(reader) ?? '')) {
    throw new PatternFault('a repetition is repeated; put the first one in a group');
  }
  return { kind: 'repeat', part, least: bounds[0], most: bounds[1] };
}

function parseBounds(reader: Reader): readonly [number, number | null] | null {
  const next = peek(reader) ?? '';
  if (next !== '{') {
    const bounds = Object.hasOwn(QUANTIFIERS, next) ? QUANTIFIERS[next] : undefined;
    if (bounds !== undefined) reader.at += 1;
    return bounds ?? null;
  }
  reader.at += 1;
  const least = parseCount(reader);
  const most = skip(reader, ',') ? (peek(reader) === '}' ? null : parseCount(reader)) : least;
  if (!skip(reader, '}')) throw new PatternFault('a `{` is not closed; write `\\{` for the character');
  if (most !== null && most < least) throw new PatternFault(`{${least},${most}} ends before it starts`);
  return [least, most];
}

function parseCount(reader: Reader): number {
  let digits = '';
  for (let next = peek(reader); next !== null && /^\d$/.test(next); next = peek(reader)) digits += take(reader, '');
  if (digits === '') throw new PatternFault('a `{` is followed by no count; write `\\{` for the character');
  const count = Number(digits);
  if (count > MAX_REPEAT) throw new PatternFault(`it repeats more than ${MAX_REPEAT} times`);
  return count;
}

function parseAtom(reader: Reader): PatternNode {
  const character = take(reader, 'a character');
  switch (character) {
    case '(':
      return parseGroup(reader);
    case '[':
      return { kind: 'one', set: parseClass(reader) };
    case '.':
      return { kind: 'one', set: ANY };
    case '\\':
      return { kind: 'one', set: parseEscape(reader) };
    case '^':
    case '$':
      throw new PatternFault(`it matches the whole text always; write \`\\${character}\` for the character`);
    case '*':
    case '+':
    case '?':
    case '{':
      throw new PatternFault(`\`${character}\` repeats nothing; write \`\\${character}\` for the character`);
    default:
      return { kind: 'one', set: literal(folded(character, reader)) };
  }
}

function parseGroup(reader: Reader): PatternNode {
  if (skip(reader, '?') && !skip(reader, ':')) {
    throw new PatternFault('assertions, names and flags in groups are not supported');
  }
  reader.depth += 1;
  if (reader.depth > MAX_GROUPS) throw new PatternFault(`its groups are nested deeper than ${MAX_GROUPS}`);
  const node = parseChoice(reader);
  if (!skip(reader, ')')) throw new PatternFault('a `(` is not closed');
  reader.depth -= 1;
  return node;
}

function literal(character: string): CharacterSet {
  const code = character.codePointAt(0) ?? 0;
  return { ranges: [[code, code]], negated: false };
}

/** With `(?i)` the text is folded before it is matched, so the pattern's own letters are too. */
function folded(character: string, reader: Reader): string {
  return reader.ignoreCase ? character.toLowerCase() : character;
}

function parseEscape(reader: Reader): CharacterSet {
  const character = take(reader, 'what `\\` escapes');
  const known = Object.hasOwn(CLASSES, character) ? CLASSES[character] : undefined;
  if (known !== undefined) return known;
  const control = Object.hasOwn(CONTROLS, character) ? CONTROLS[character] : undefined;
  if (control !== undefined) return { ranges: [[control, control]], negated: false };
  if (/^[A-Za-z0-9]$/.test(character)) throw new PatternFault(`\`\\${character}\` is not supported`);
  return literal(character);
}

/** What follows `[`, its end included. */
function parseClass(reader: Reader): CharacterSet {
  const negated = skip(reader, '^');
  const ranges: Range[] = [];
  do {
    ranges.push(...parseClassPart(reader));
  } while (!skip(reader, ']'));
  return { ranges: reader.ignoreCase ? ranges.flatMap(foldRange) : ranges, negated };
}

function parseClassPart(reader: Reader): readonly Range[] {
  const low = parseClassCharacter(reader);
  if (low.negated) throw new PatternFault('a negated class inside `[…]` is not supported');
  const [start] = low.ranges;
  const single = low.ranges.length === 1 && start !== undefined && start[0] === start[1];
  if (!single || peek(reader) !== '-' || reader.characters[reader.at + 1] === ']') return low.ranges;
  reader.at += 1;
  const [end] = parseClassCharacter(reader).ranges;
  if (end === undefined || end[0] !== end[1] || end[0] < start[0]) throw new PatternFault('a range in `[…]` is wrong');
  return [[start[0], end[0]]];
}

function parseClassCharacter(reader: Reader): CharacterSet {
  const character = take(reader, '`]`');
  return character === '\\' ? parseEscape(reader) : literal(character);
}

/** Adds the lower-case letters of a range's upper-case ones. */
function foldRange([low, high]: Range): readonly Range[] {
  const from = Math.max(low, 0x41);
  const to = Math.min(high, 0x5a);
  return from > to
    ? [[low, high]]
    : [
        [low, high],
        [from + 0x20, to + 0x20],
      ];
}
