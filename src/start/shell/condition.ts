import type { Truth } from '../../model/rule.js';
import { matchesPattern } from './pattern.js';
import type { Field } from './scope.js';

/** What test(1) can find out about a path; null where the running container decides. */
export type FileTest = (operator: string, path: string) => boolean | null;

/** Words of one condition that are read; longer ones are unknown. */
const MAX_TEST_WORDS = 64;

interface Test {
  readonly words: readonly Field[];
  readonly files: FileTest;
  /** `[[ … ]]`: the right side of `==` is a pattern. */
  readonly patterns: boolean;
  at: number;
}

/** Evaluates `[ … ]` or `[[ … ]]` where its words are known (POSIX, test). */
export function evaluateTest(words: readonly Field[], files: FileTest, patterns: boolean): Truth {
  if (words.length > MAX_TEST_WORDS) return 'unknown';
  if (words.length === 0) return 'no';
  const test: Test = { words, files, patterns, at: 0 };
  const truth = either(test);
  return test.at < words.length ? 'unknown' : truth;
}

export function not(truth: Truth): Truth {
  return truth === 'yes' ? 'no' : truth === 'no' ? 'yes' : 'unknown';
}

function both(left: Truth, right: Truth): Truth {
  if (left === 'no' || right === 'no') return 'no';
  return left === 'yes' && right === 'yes' ? 'yes' : 'unknown';
}

function either(test: Test): Truth {
  let truth = every(test);
  while (['-o', '||'].includes(test.words[test.at]?.text ?? '')) {
    test.at += 1;
    truth = not(both(not(truth), not(every(test))));
  }
  return truth;
}

function every(test: Test): Truth {
  let truth = one(test);
  while (['-a', '&&'].includes(test.words[test.at]?.text ?? '')) {
    test.at += 1;
    truth = both(truth, one(test));
  }
  return truth;
}

const BINARY = new Set(['=', '==', '!=', '=~', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

function one(test: Test): Truth {
  const { words } = test;
  const word = words[test.at];
  if (word === undefined) return 'unknown';
  const operator = words[test.at + 1];
  const right = words[test.at + 2];
  if (operator !== undefined && right !== undefined && BINARY.has(operator.text)) {
    test.at += 3;
    return compare(word, operator.text, right, test.patterns);
  }
  if (word.text === '!' || word.text === '(') return grouped(test, word.text);
  if (/^-[a-zA-Z]$/.test(word.text) && operator !== undefined && operator.text !== ')') {
    test.at += 2;
    return unary(test, word.text, operator);
  }
  test.at += 1;
  return word.known ? truthOf(word.text !== '') : 'unknown';
}

/** `! …` or `( … )` */
function grouped(test: Test, opener: string): Truth {
  test.at += 1;
  if (opener === '!') return not(one(test));
  const truth = either(test);
  if (test.words[test.at]?.text === ')') test.at += 1;
  return truth;
}

function truthOf(value: boolean | null): Truth {
  return value === null ? 'unknown' : value ? 'yes' : 'no';
}

function unary(test: Test, operator: string, operand: Field): Truth {
  if (!operand.known) return 'unknown';
  if (operator === '-n') return truthOf(operand.text !== '');
  if (operator === '-z') return truthOf(operand.text === '');
  return truthOf(test.files(operator, operand.text));
}

function compare(left: Field, operator: string, right: Field, patterns: boolean): Truth {
  if (!left.known || !right.known) return 'unknown';
  switch (operator) {
    case '=':
    case '==':
      return truthOf(patterns ? matchesPattern(right.text, left.text) : left.text === right.text);
    case '!=':
      return not(compare(left, '=', right, patterns));
    default:
      return numeric(left.text, operator, right.text);
  }
}

function numeric(left: string, operator: string, right: string): Truth {
  if (!/^-?\d{1,15}$/.test(left) || !/^-?\d{1,15}$/.test(right)) return 'unknown';
  const difference = Number(left) - Number(right);
  const outcomes: Readonly<Record<string, boolean>> = {
    '-eq': difference === 0,
    '-ne': difference !== 0,
    '-lt': difference < 0,
    '-le': difference <= 0,
    '-gt': difference > 0,
    '-ge': difference >= 0,
  };
  return truthOf(outcomes[operator] ?? null);
}
