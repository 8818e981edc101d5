import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, MAX_SUBJECT_LENGTH } from '../../src/rules/pattern.js';

function matches(pattern: string, text: string): boolean | null {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value.matches(text);
}

function refusal(pattern: string): string {
  const compiled = compilePattern(pattern);
  return compiled.ok ? 'accepted' : compiled.error;
}

/** Patterns that mean the same to JavaScript, whose RegExp is the oracle. */
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b', 'c', '.', '\\d', '\\w', '\\s', '\\.', '[ab]', '[^a]', '[a-c1]', '[\\d-]', '-'),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,}'))
      .map(([part, times]) => `(?:${part})${times}`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `${left}${right}`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([left, right]) => `(${left}|${right})`),
  ),
}));
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', '-', ' ', 'é'), maxLength: 8 });

test('agrees with the RegExp of JavaScript on the whole text', () => {
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      expect(matches(source, subject)).toBe(new RegExp(`^(?:${source})$`, 'u').test(subject));
    }),
    { numRuns: 1000 },
  );
});

test('(?i) folds the letters of pattern and text', () => {
  expect(matches('(?i)HKLM\\\\[A-C]+', 'hklm\\abC')).toBe(true);
  expect(matches('HKLM', 'hklm')).toBe(false);
});

test('a pattern that makes backtracking explode is answered in few steps', () => {
  expect(matches('(a*)*b', 'a'.repeat(MAX_SUBJECT_LENGTH))).toBe(false);
  expect(matches('(a|a)*c', 'a'.repeat(MAX_SUBJECT_LENGTH))).toBe(false);
});

test('a text that is too long is not looked at', () => {
  expect(matches('a*', 'a'.repeat(MAX_SUBJECT_LENGTH + 1))).toBeNull();
});

test('characters beyond the basic plane are one character', () => {
  expect(matches('.', '😀')).toBe(true);
  expect(matches('[😀-😂]', '😁')).toBe(true);
});

describe('refuses', () => {
  test.each([
    ['(?=a)', 'assertions, names and flags in groups are not supported'],
    ['(?<name>a)', 'assertions, names and flags in groups are not supported'],
    ['(a)\\1', '`\\1` is not supported'],
    ['a\\b', '`\\b` is not supported'],
    ['^a', 'it matches the whole text always; write `\\^` for the character'],
    ['a**', 'a repetition is repeated; put the first one in a group'],
    ['a*?', 'a repetition is repeated; put the first one in a group'],
    ['*a', '`*` repeats nothing; write `\\*` for the character'],
    ['a{2', 'a `{` is not closed; write `\\{` for the character'],
    ['a{x}', 'a `{` is followed by no count; write `\\{` for the character'],
    ['a{3,2}', '{3,2} ends before it starts'],
    ['a{1001}', 'it repeats more than 1000 times'],
    ['(a', 'a `(` is not closed'],
    ['a)', 'a `)` closes nothing'],
    ['[a', 'it ends where `]` is expected'],
    ['a\\', 'it ends where what `\\` escapes is expected'],
    ['[b-a]', 'a range in `[…]` is wrong'],
    ['[\\D]', 'a negated class inside `[…]` is not supported'],
    ['((a{100}){100}){100}', 'it needs more than 2000 states'],
    ['(((){1000}){1000}){1000}', 'its repetitions are too large'],
    ['('.repeat(51), 'its groups are nested deeper than 50'],
    ['a'.repeat(513), 'it is longer than 512 characters'],
  ])('%s', (source, reason) => {
    expect(refusal(source)).toBe(reason);
  });

  test('or accepts any text without throwing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab(|)*+?{}[]^-\\12,.dD')), maxLength: 12 }),
        (source) => {
          expect(typeof refusal(source)).toBe('string');
        },
      ),
      { numRuns: 1000 },
    );
  });
});
