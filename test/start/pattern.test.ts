import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_PATTERN_CHARACTERS } from '../../src/start/limits.js';
import { matchesPattern, withoutMatch } from '../../src/start/shell/pattern.js';

describe('a shell pattern', () => {
  test.each([
    ['*', '', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abb', false],
    ['?', '', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[[:digit:]]', '7', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['*.conf', '/etc/nginx.conf', true],
    ['-*', '-x', true],
    ['[x', '[x', true],
  ])('%s against `%s`: %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  test('means what a regular expression of the same form means', () => {
    const letters = fc.constantFrom('a', 'b', '*', '?');
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 }),
        (parts, text) => {
          const expression = new RegExp(
            `^${parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part)).join('')}$`,
          );
          expect(matchesPattern(parts.join(''), text)).toBe(expression.test(text));
        },
      ),
    );
  });

  test('that is too long to be compared is not known to match', () => {
    const long = 'a'.repeat(MAX_PATTERN_CHARACTERS + 1);
    expect(matchesPattern('*', long)).toBeNull();
    expect(matchesPattern(long, 'a')).toBeNull();
    expect(withoutMatch(long, '*', 'end', true)).toBeNull();
  });
});

describe('an end that is cut', () => {
  // As printed by dash: x=a.b.c; echo ${x#*.} ${x##*.} ${x%.*} ${x%%.*}
  test.each([
    ['start', false, '*.', 'b.c'],
    ['start', true, '*.', 'c'],
    ['end', false, '.*', 'a.b'],
    ['end', true, '.*', 'a'],
    ['end', false, 'x', 'a.b.c'],
    ['end', false, '', 'a.b.c'],
    ['start', true, '*', ''],
  ] as const)('at the %s, longest %s, by `%s`: %s', (end, longest, pattern, expected) => {
    expect(withoutMatch('a.b.c', pattern, end, longest)).toBe(expected);
  });
});
