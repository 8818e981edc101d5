import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, evaluate, type Condition } from '../../src/route/condition.js';
import type { Truth } from '../../src/model/rule.js';

const constant = (truth: Truth): Condition => ({ kind: 'constant', truth });
const not = (part: Condition): Condition => ({ kind: 'not', part });
const all = (...parts: Condition[]): Condition => ({ kind: 'all', parts });
const any = (...parts: Condition[]): Condition => ({ kind: 'any', parts });
const nothing = (): undefined => undefined;
const truth = fc.constantFrom<Truth>('yes', 'no', 'unknown');

const leaf = truth.map(constant);
const condition = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('node').map(not),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((parts) => all(...parts)),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((parts) => any(...parts)),
  ),
})).node;

describe('three truth values', () => {
  test('one "no" decides "all", one "yes" decides "any", whatever is unknown', () => {
    expect(evaluate(all(constant('unknown'), constant('no')), nothing)).toBe('no');
    expect(evaluate(all(constant('unknown'), constant('yes')), nothing)).toBe('unknown');
    expect(evaluate(any(constant('unknown'), constant('yes')), nothing)).toBe('yes');
    expect(evaluate(any(constant('unknown'), constant('no')), nothing)).toBe('unknown');
    expect(evaluate(not(constant('unknown')), nothing)).toBe('unknown');
  });

  test('obey De Morgan', () => {
    fc.assert(
      fc.property(condition, condition, (a, b) => {
        expect(evaluate(not(all(a, b)), nothing)).toBe(evaluate(any(not(a), not(b)), nothing));
      }),
    );
  });

  test('one more part never makes "all" truer', () => {
    const order: readonly Truth[] = ['no', 'unknown', 'yes'];
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1 }), leaf, (parts, extra) => {
        const before = order.indexOf(evaluate(all(...parts), nothing));
        expect(order.indexOf(evaluate(all(...parts, extra), nothing))).toBeLessThanOrEqual(before);
      }),
    );
  });
});

describe('a test of a fact', () => {
  const facts: Readonly<Record<string, unknown>> = {
    os: 'linux',
    build: 20348,
    release: '6.8.0-45-generic',
    machines: ['x86_64', 'i386'],
    none: null,
    kvm: false,
  };
  const holds = (fact: string, operator: string, value: string | number | boolean | string[]): Truth =>
    evaluate({ kind: 'test', fact, operator, operand: { kind: 'literal', value } } as Condition, (path) => facts[path]);

  test.each([
    ['os', 'is', 'linux', 'yes'],
    ['os', 'is', 'Linux', 'no'],
    ['os', 'in', ['linux', 'darwin'], 'yes'],
    ['os', 'starts-with', 'lin', 'yes'],
    ['os', 'ends-with', 'nux', 'yes'],
    ['os', 'contains', 'inu', 'yes'],
    ['machines', 'contains', 'i386', 'yes'],
    ['machines', 'contains', 'arm', 'no'],
    ['build', 'at-least', 20348, 'yes'],
    ['build', 'below', 20348, 'no'],
    ['release', 'older-than', '6.12', 'yes'],
    ['release', 'newer-than', '6.8', 'no'],
    ['kvm', 'is', false, 'yes'],
    ['none', 'exists', false, 'yes'],
    ['none', 'exists', true, 'no'],
    ['none', 'is', 'linux', 'no'],
    ['missing', 'is', 'linux', 'unknown'],
    ['missing', 'exists', true, 'unknown'],
  ] as const)('%s %s %s: %s', (fact, operator, value, expected) => {
    expect(holds(fact, operator, typeof value === 'object' ? [...value] : value)).toBe(expected);
  });

  test('with an unknown operand is unknown', () => {
    const condition: Condition = {
      kind: 'test',
      fact: 'os',
      operator: 'is',
      operand: { kind: 'fact', path: 'missing' },
    };
    expect(evaluate(condition, (path) => facts[path])).toBe('unknown');
  });
});

describe('some', () => {
  const some: Condition = {
    kind: 'some',
    list: 'emulators',
    name: 'emulator',
    where: { kind: 'test', fact: 'emulator.kind', operator: 'is', operand: { kind: 'literal', value: 'rosetta' } },
  };
  const over = (list: unknown): Truth => evaluate(some, (path) => (path === 'emulators' ? list : undefined));

  test('holds where one element does', () => {
    expect(over([{ kind: 'qemu-user' }, { kind: 'rosetta' }])).toBe('yes');
    expect(over([{ kind: 'qemu-user' }])).toBe('no');
    expect(over([])).toBe('no');
    expect(over(null)).toBe('no');
  });

  test('is unknown where the list is, or an element that could decide', () => {
    expect(over(undefined)).toBe('unknown');
    expect(over([{}, { kind: 'qemu-user' }])).toBe('unknown');
    expect(over([{}, { kind: 'rosetta' }])).toBe('yes');
  });
});

test('versions are compared by their numbers, never as text', () => {
  expect(compareVersions('6.12.0', '6.8.0-45-generic')).toBe(1);
  expect(compareVersions('3.10.0-1160.el7', '3.10')).toBe(0);
  expect(compareVersions('13.0', '12.7')).toBe(1);
  expect(compareVersions('', '1')).toBe(-1);
});
