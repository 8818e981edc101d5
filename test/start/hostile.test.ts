import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScript } from '../../src/start/shell/parser.js';
import { matchesPattern } from '../../src/start/shell/pattern.js';
import { followStart } from '../../src/start/index.js';
import { rootfs } from '../support/rootfs-builder.js';
import { imageOf, script, staticProgram } from '../support/start-builder.js';

const word = fc.constantFrom(
  'if', 'then', 'else', 'fi', 'for', 'do', 'done', 'case', 'in', 'esac', '{', '}', '(', ')', '((', '[[', ']]', '"', "'", '`', '$(', '${', '$((',
  '<<E', 'E', ';', ';;', '&&', '||', '|', '&', '>', '<(', '\n', 'exec', 'set', '--', '"$@"', '$x', 'x=1', 'f()', 'f', '.', 'eval', '/x', '!', '\\', '#',
); // prettier-ignore

/** What a script leads to; it must end and not throw. */
function programsOf(text: string): number {
  const files = { '/bin/sh': staticProgram(), '/x': script('#!/bin/sh', text) };
  return followStart(imageOf({ cmd: ['/x', 'a', 'b'] }), rootfs(files)).programs.length;
}

describe('hostile scripts', () => {
  test('any words in any order end', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        expect(programsOf(words.join(' '))).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test('any characters end', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => programsOf(text) > 0));
  });

  test.each([
    ['nested blocks', '{ '.repeat(50_000)],
    ['nested substitutions', `echo ${'$('.repeat(50_000)}`],
    ['nested substitutions that close', `X=${'$(echo '.repeat(2000)}a${')'.repeat(2000)}; exec $X`],
    ['nested defaults', `exec "${'${a:-'.repeat(20_000)}x${'}'.repeat(20_000)}"`],
    ['doubling arguments', `set -- a\n${'set -- "$@" "$@"\n'.repeat(500)}exec "$@"`],
    ['doubling text', `x=a\n${'x="$x$x"\n'.repeat(500)}exec "$x"`],
    ['functions that call each other', 'f() { g; g; }\ng() { f; f; }\nf'],
    ['a file that reads itself', '. /x'],
    ['many commands', 'echo a\n'.repeat(60_000)],
    ['many unreadable places', 'exec $(x)$(y) &\n'.repeat(5000)],
    ['patterns', `x=${'a'.repeat(20_000)}\n${'y=${x%%*b*c*d}\n'.repeat(200)}`],
    ['arrays and brackets', 'a=(@(@(@('.repeat(30_000)],
    ['here-documents', 'cat <<A <<B <<C\n'.repeat(5000)],
    ['quotes', `"'`.repeat(60_000)],
  ])('%s', (_, text) => {
    expect(programsOf(text)).toBeGreaterThan(0);
  });

  test('what is nested too deeply is broken there, and what stands before is kept', () => {
    const { items, brokenAt } = parseScript(`node a\n${'( '.repeat(500)}`);
    expect(items.length).toBeGreaterThan(0);
    expect(brokenAt).not.toBeNull();
  });
});

describe('patterns', () => {
  test.each([
    ['a*c', 'abbc', true],
    ['a*c', 'abb', false],
    ['?[a-c]x', 'zbx', true],
    ['[!a]*', 'abc', false],
    ['*.envsh', '10-x.envsh', true],
    ['\\*', '*', true],
    ['', '', true],
  ])('%s and %s', (pattern, text, expected) => {
    expect(matchesPattern(pattern, text)).toBe(expected);
  });

  test('a text always matches itself between stars', () => {
    const plain = fc.string({ maxLength: 20 }).filter((text) => !/[*?[\\]/.test(text));
    fc.assert(
      fc.property(plain, fc.string({ maxLength: 9 }), (text, around) => {
        expect(matchesPattern(`*${text}*`, `${around}${text}${around}`)).toBe(true);
      }),
    );
  });
});
