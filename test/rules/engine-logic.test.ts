import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FactTree, Truth } from '../../src/model/rule.js';
import { environmentOf } from '../../src/rules/environment.js';
import { judgeExpression } from '../../src/rules/evaluate.js';
import { NO, truthOf, UNKNOWN, YES } from '../../src/rules/level.js';
import { evaluate } from '../../src/rules/prove.js';
import { rule } from './support.js';

/** A condition over flags: a number is the flag of that number, of the image; `g` numbers are the guest's. */
type Tree =
  | { readonly leaf: number; readonly ofGuest: boolean }
  | { readonly join: 'all' | 'any'; readonly parts: readonly Tree[] }
  | { readonly not: Tree };

const LEAVES = 4;
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({ leaf: fc.nat(LEAVES - 1), ofGuest: fc.boolean() }),
    fc.record({
      join: fc.constantFrom('all' as const, 'any' as const),
      parts: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ not: tie('tree') }),
  ),
}));
const truth = fc.constantFrom<Truth>('yes', 'no', 'unknown');
const truths = fc.array(truth, { minLength: LEAVES, maxLength: LEAVES });

function written(one: Tree): string {
  if ('leaf' in one) return `{ fact: ${one.ofGuest ? 'guest' : 'binary'}.features.f${one.leaf}, is: true }`;
  if ('not' in one) return `{ not: ${written(one.not)} }`;
  return `{ ${one.join}: [${one.parts.map(written).join(', ')}] }`;
}

function flags(values: readonly Truth[]): FactTree {
  const known = values.flatMap((value, index) =>
    value === 'unknown' ? [] : [[`f${index}`, value === 'yes'] as const],
  );
  return { features: Object.fromEntries(known) };
}

/** The truth of a rule whose question is meaningful. */
function judge(one: Tree, image: readonly Truth[], guest: readonly Truth[]): Truth {
  return evaluate(rule({ match: written(one) }), { image: { os: 'linux' }, binary: flags(image) }, flags(guest)).truth;
}

/** Kleene's tables, written out (Introduction to Metamathematics, section 64). */
const AND: Readonly<Record<Truth, Readonly<Record<Truth, Truth>>>> = {
  yes: { yes: 'yes', no: 'no', unknown: 'unknown' },
  no: { yes: 'no', no: 'no', unknown: 'no' },
  unknown: { yes: 'unknown', no: 'no', unknown: 'unknown' },
};
const OR: typeof AND = {
  yes: { yes: 'yes', no: 'yes', unknown: 'yes' },
  no: { yes: 'yes', no: 'no', unknown: 'unknown' },
  unknown: { yes: 'yes', no: 'unknown', unknown: 'unknown' },
};
const NOT: Readonly<Record<Truth, Truth>> = { yes: 'no', no: 'yes', unknown: 'unknown' };

function byTables(one: Tree, image: readonly Truth[], guest: readonly Truth[]): Truth {
  if ('leaf' in one) return (one.ofGuest ? guest : image)[one.leaf] ?? 'unknown';
  if ('not' in one) return NOT[byTables(one.not, image, guest)];
  const parts = one.parts.map((part) => byTables(part, image, guest));
  const table = one.join === 'all' ? AND : OR;
  return parts.reduce((left, right) => table[left][right]);
}

describe('three truth values', () => {
  test('conditions follow the tables of Kleene', () => {
    fc.assert(
      fc.property(tree, truths, truths, (one, image, guest) => {
        expect(judge(one, image, guest)).toBe(byTables(one, image, guest));
      }),
    );
  });

  test('De Morgan holds with unknowns', () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), truths, truths, (parts, image, guest) => {
        const outside: Tree = { not: { join: 'all', parts } };
        const inside: Tree = { join: 'any', parts: parts.map((part) => ({ not: part })) };
        expect(judge(outside, image, guest)).toBe(judge(inside, image, guest));
      }),
    );
  });

  test('two negations are none', () => {
    fc.assert(
      fc.property(tree, truths, truths, (one, image, guest) => {
        expect(judge({ not: { not: one } }, image, guest)).toBe(judge(one, image, guest));
      }),
    );
  });

  test('learning what was unknown never changes what was known', () => {
    fc.assert(
      fc.property(tree, truths, truths, truths, (one, image, guest, learned) => {
        const before = judge(one, image, guest);
        const after = judge(
          one,
          image.map((value, index) => (value === 'unknown' ? (learned[index] ?? value) : value)),
          guest,
        );
        if (before !== 'unknown') expect(after).toBe(before);
      }),
    );
  });
});

test('without a guest, the two bounds hold whatever the guest is', () => {
  fc.assert(
    fc.property(tree, truths, truths, (one, image, guest) => {
      const { match } = rule({ match: written(one) });
      const facts = { binary: flags(image) };
      const least = judgeExpression(match, environmentOf(facts, null), NO);
      const greatest = judgeExpression(match, environmentOf(facts, null), YES);
      const actual = judgeExpression(match, environmentOf(facts, flags(guest)), UNKNOWN);
      expect(least).toBeLessThanOrEqual(actual);
      expect(greatest).toBeGreaterThanOrEqual(actual);
    }),
  );
});

test('the proof of a condition has the truth that judging it gives', () => {
  fc.assert(
    fc.property(tree, truths, truths, (one, image, guest) => {
      const { match } = rule({ match: written(one) });
      const proof = evaluate(
        rule({ match: written(one) }),
        { image: { os: 'linux' }, binary: flags(image) },
        flags(guest),
      );
      const judged = judgeExpression(match, environmentOf({ binary: flags(image) }, flags(guest)), UNKNOWN);
      expect(proof.parts[1]?.truth).toBe(truthOf(judged));
    }),
  );
});

describe('`some`', () => {
  const match = '{ some: binary.load-segments, as: segment, where: { fact: segment.align-bytes, below: 8192 } }';
  const judgeSegments = (segments: FactTree['x']): Truth =>
    evaluate(
      rule({ match }),
      { image: { os: 'linux' }, binary: segments === undefined ? {} : { 'load-segments': segments } },
      {},
    ).truth;

  test('one element is enough, even if another is a gap', () => {
    expect(judgeSegments([{ index: 0 }, { 'align-bytes': 4096 }])).toBe('yes');
  });
  test('with no such element, one that is a gap leaves it unknown', () => {
    expect(judgeSegments([{ 'align-bytes': 65536 }, {}])).toBe('unknown');
  });
  test('every element is read and none is so', () => {
    expect(judgeSegments([{ 'align-bytes': 65536 }])).toBe('no');
  });
  test('an empty list, or none at all, has no such element', () => {
    expect(judgeSegments([])).toBe('no');
    expect(judgeSegments(null)).toBe('no');
  });
  test('a list that could not be read is unknown', () => {
    expect(judgeSegments(undefined)).toBe('unknown');
  });
  test('binds elements of a list of words', () => {
    const words = rule({ match: "{ some: binary.needed, as: name, where: { fact: name, starts-with: 'libGL' } }" });
    const facts = { image: { os: 'linux' }, binary: { needed: ['libc.so.6', 'libGL.so.1'] } };
    expect(evaluate(words, facts, {}).truth).toBe('yes');
  });
});

test('a rule whose `applies` is no does not hold, whatever its match', () => {
  const one = rule({ applies: '{ fact: binary.format, is: pe }', match: '{ fact: binary.static, is: true }' });
  expect(evaluate(one, { binary: { format: 'elf', static: true } }, {}).truth).toBe('no');
  expect(evaluate(one, { binary: { static: true } }, {}).truth).toBe('unknown');
});
