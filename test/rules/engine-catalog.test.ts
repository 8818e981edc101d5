import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineCatalog, lookupFact, nearestName } from '../../src/facts/catalog-types.js';
import type { FactEntry } from '../../src/facts/catalog-types.js';
import { compareVersions } from '../../src/model/version.js';
import { describeExpression } from '../../src/rules/describe.js';
import { ruleDocument } from '../../src/rules/document.js';
import { rule, smallCatalog } from './support.js';

const entry = (path: string, type: FactEntry['type'], more: Partial<FactEntry> = {}): FactEntry => ({
  path,
  type,
  doc: 'x',
  ...more,
});

describe('a catalog entry that cannot be right is refused', () => {
  test.each<[string, readonly FactEntry[], string]>([
    ['twice', [entry('image.os', 'string'), entry('image.os', 'string')], 'fact `image.os` is declared twice'],
    ['root', [entry('host.os', 'string')], 'is not a kebab-case path'],
    ['case', [entry('image.osName', 'string')], 'is not a kebab-case path'],
    ['record', [entry('image.os.name', 'string')], 'lies in `image.os`, which is no declared record'],
    [
      'list',
      [entry('image.a', 'record'), entry('image.a[].b', 'string')],
      'lies in `image.a[]`, which is no declared record-list',
    ],
    ['unit', [entry('image.os', 'string', { unit: 'bytes' })], 'has a unit but is no integer'],
    ['values', [entry('image.size', 'integer', { values: ['a'] })], 'has values but is no string'],
    ['doc', [entry('image.os', 'string', { doc: '' })], 'needs a doc of one line'],
  ])('%s', (_, entries, message) => {
    expect(() => defineCatalog(entries)).toThrow(message);
  });
});

test('everything behind a fact of flags is the name of one', () => {
  const found = lookupFact(smallCatalog, { subject: 'binary', bound: new Map() }, 'guest.features./dev/net.v2');
  expect(found).toMatchObject({
    ok: true,
    value: { keys: ['features', '/dev/net.v2'], type: 'boolean', readsGuest: true },
  });
});

describe('the nearest name', () => {
  test.each([
    ['machin', ['machine', 'path'], 'machine'],
    ['efl', ['pe', 'elf'], 'elf'],
    ['xyz', ['machine'], null],
    ['x'.repeat(200), ['x'.repeat(200)], null],
  ])('to %j of %j is %j', (written, names, expected) => {
    expect(nearestName(written, names)).toBe(expected);
  });
});

describe('versions compare by components', () => {
  test.each([
    ['3.17', '3.17.1', -1],
    ['3.17', '3.17.0', 0],
    ['3.9', '3.10', -1],
    ['10.0.20348.2582', '10.0.20348.169', 1],
    ['6.8.0-45-generic', '6.8', 0],
    ['GLIBC_2.34', 'GLIBC_2.4', 1],
    ['v4.0.30319', '4.0', 1],
    ['99999999999999999999.1', '99999999999999999999.2', -1],
    ['007', '7', 0],
    ['', '1', null],
    ['latest', '1', null],
    ['1'.repeat(300), '1', null],
  ] as const)('%s and %s: %j', (left, right, expected) => {
    const order = compareVersions(left, right);
    expect(order === null ? null : Math.sign(order)).toBe(expected);
  });

  test('as an order', () => {
    const version = fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        const order = (left: string, right: string): number => compareVersions(left, right) ?? NaN;
        expect(Math.sign(order(a, b)) + Math.sign(order(b, a))).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

test('a condition is written as an indented sentence', () => {
  const { match } = rule({
    match:
      "{ any: [{ not: { fact: binary.machine, in: [arm, mips] } }, { some: binary.load-segments, as: s, where: { fact: s.align-bytes, below: 4096 } }, { fact: binary.machine, matches: 'a+' }, { fact: binary.level, exists: false }] }",
  });
  expect(describeExpression(match)).toEqual([
    'at least one of these holds:',
    '  this does not hold:',
    '    binary.machine is one of `arm`, `mips`',
    '  for at least one s of binary.load-segments:',
    '    s.align-bytes is below 4096 bytes',
    '  binary.machine matches /a+/',
    '  binary.level is not there',
  ]);
});

test('a rule as documentation keeps its placeholders', () => {
  const document = ruleDocument(
    rule({ match: '{ fact: binary.static, is: true }', explanation: 'See `{binary.path}`.' }),
  );
  expect(document).toMatchObject({
    id: 'a-rule',
    applies: ['image.os is there'],
    match: ['binary.static is true'],
    explanation: 'See `{binary.path}`.',
    requires: null,
  });
});
