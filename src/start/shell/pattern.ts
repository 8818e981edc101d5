import { MAX_PATTERN_CHARACTERS } from '../limits.js';

/**
 * Shell patterns (POSIX, 2.13 "Pattern Matching Notation"): `*`, `?` and bracket expressions. Steps grow with the
 * product of both lengths at most: a star that fails is tried one character further, and only the last star is.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  if (Math.max(pattern.length, text.length) > MAX_PATTERN_CHARACTERS) return false;
  let inPattern = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inText < text.length) {
    const next = inPattern < pattern.length ? single(pattern, inPattern, text[inText] ?? '') : null;
    if (pattern[inPattern] === '*') {
      star = inPattern;
      starText = inText;
      inPattern += 1;
    } else if (next !== null) {
      inPattern = next;
      inText += 1;
    } else if (star >= 0) {
      inPattern = star + 1;
      starText += 1;
      inText = starText;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern += 1;
  return inPattern >= pattern.length;
}

/** Index behind the pattern element at `at` where it matches the character; null where it does not. */
function single(pattern: string, at: number, character: string): number | null {
  const element = pattern[at];
  if (element === '?') return at + 1;
  if (element === '[') {
    const end = pattern.indexOf(']', at + 2);
    if (end > 0) return inBracket(pattern.slice(at + 1, end), character) ? end + 1 : null;
  }
  if (element === '\\' && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : null;
  return element === character ? at + 1 : null;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  '[:alpha:': /[A-Za-z]/,
  '[:digit:': /\d/,
  '[:alnum:': /[A-Za-z0-9]/,
  '[:space:': /\s/,
  '[:upper:': /[A-Z]/,
  '[:lower:': /[a-z]/,
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

/** Removes the shortest or longest match from one end, as `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}` do. */
export function withoutMatch(text: string, pattern: string, end: 'start' | 'end', longest: boolean): string {
  if (text.length > MAX_PATTERN_CHARACTERS) return text;
  for (let step = 0; step <= text.length; step += 1) {
    const length = longest ? text.length - step : step;
    const part = end === 'start' ? text.slice(0, length) : text.slice(text.length - length);
    if (!matchesPattern(pattern, part)) continue;
    return end === 'start' ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}
