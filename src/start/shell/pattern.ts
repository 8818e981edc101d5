import { MAX_PATTERN_CHARACTERS } from '../limits.js';

/** One element of a shell pattern (POSIX, 2.13 "Pattern Matching Notation"). */
type Element =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'character'; readonly character: string }
  | { readonly kind: 'bracket'; readonly body: string };

/** Whether the whole text matches; null where text or pattern are too long to be compared. */
export function matchesPattern(pattern: string, text: string): boolean | null {
  const lengths = matchingPrefixes(elementsOf(pattern), text);
  return lengths === null ? null : lengths.at(-1) === text.length;
}

function elementsOf(pattern: string): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < pattern.length && at <= MAX_PATTERN_CHARACTERS;) {
    const character = pattern[at] ?? '';
    const end = character === '[' ? bracketEnd(pattern, at) : -1;
    if (end > 0) {
      elements.push({ kind: 'bracket', body: pattern.slice(at + 1, end) });
      at = end + 1;
    } else if (character === '\\' && at + 1 < pattern.length) {
      elements.push({ kind: 'character', character: pattern[at + 1] ?? '' });
      at += 2;
    } else {
      elements.push(
        character === '*' ? { kind: 'star' } : character === '?' ? { kind: 'any' } : { kind: 'character', character },
      );
      at += 1;
    }
  }
  return elements;
}

/** Index of the `]` that ends a bracket expression; -1 where nothing does. A class (`[[:digit:]]`) has one inside. */
function bracketEnd(pattern: string, at: number): number {
  const behindClass = pattern.startsWith('[[:', at) ? pattern.indexOf(':]]', at + 3) : -1;
  return behindClass > 0 ? behindClass + 2 : pattern.indexOf(']', at + 2);
}

/**
 * Lengths of the prefixes of a text that a pattern matches, shortest first. Every state of the pattern is followed at
 * once, so the steps are the product of both lengths at most, whatever the pattern is; null beyond the limit.
 */
function matchingPrefixes(elements: readonly Element[], text: string): readonly number[] | null {
  if (Math.max(elements.length, text.length) > MAX_PATTERN_CHARACTERS) return null;
  let states = withStars(new Set([0]), elements);
  const lengths = states.has(elements.length) ? [0] : [];
  for (let length = 1; length <= text.length && states.size > 0; length += 1) {
    const character = text[length - 1] ?? '';
    const next = new Set<number>();
    for (const state of states) {
      const element = elements[state];
      if (element === undefined) continue;
      if (element.kind === 'star') next.add(state);
      else if (takes(element, character)) next.add(state + 1);
    }
    states = withStars(next, elements);
    if (states.has(elements.length)) lengths.push(length);
  }
  return lengths;
}

/** A star may match nothing: where the pattern stands before one, it stands behind it too. */
function withStars(states: Set<number>, elements: readonly Element[]): Set<number> {
  for (const state of states) {
    if (elements[state]?.kind === 'star') states.add(state + 1);
  }
  return states;
}

function takes(element: Exclude<Element, { kind: 'star' }>, character: string): boolean {
  switch (element.kind) {
    case 'any':
      return true;
    case 'character':
      return element.character === character;
    case 'bracket':
      return inBracket(element.body, character);
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  '[:alpha:]': /[A-Za-z]/,
  '[:digit:]': /\d/,
  '[:alnum:]': /[A-Za-z0-9]/,
  '[:space:]': /\s/,
  '[:upper:]': /[A-Z]/,
  '[:lower:]': /[a-z]/,
};

function inBracket(body: string, character: string): boolean {
  const negated = body.startsWith('!') || body.startsWith('^');
  const set = negated ? body.slice(1) : body;
  const named = CLASSES[set];
  if (named !== undefined) return named.test(character) !== negated;
  return hasCharacter(set, character) !== negated;
}

/** A character of the set, or between the ends of one of its ranges. */
function hasCharacter(set: string, character: string): boolean {
  let at = 0;
  while (at < set.length) {
    const isRange = set[at + 1] === '-' && at + 2 < set.length;
    const low = set[at] ?? '';
    const high = isRange ? (set[at + 2] ?? '') : low;
    if (character >= low && character <= high) return true;
    at += isRange ? 3 : 1;
  }
  return false;
}

/**
 * Removes the shortest or longest match from one end, as `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}` do; null where text or
 * pattern are too long to be compared.
 */
export function withoutMatch(text: string, pattern: string, end: 'start' | 'end', longest: boolean): string | null {
  const elements = elementsOf(pattern);
  // The end of a text is the start of the text and the pattern read backwards.
  const lengths =
    end === 'start'
      ? matchingPrefixes(elements, text)
      : matchingPrefixes(
          elements.toReversed(),
          Array.from({ length: text.length }, (_, at) => text[text.length - 1 - at]).join(''),
        );
  if (lengths === null) return null;
  const length = longest ? lengths.at(-1) : lengths[0];
  if (length === undefined) return text;
  return end === 'start' ? text.slice(length) : text.slice(0, text.length - length);
}
