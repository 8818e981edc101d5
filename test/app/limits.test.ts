import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, LIMIT_NAMES, limitsFrom } from '../../src/app/limits.js';
import { XosError } from '../../src/model/error.js';

test('without words the defaults hold', () => {
  expect(limitsFrom([])).toEqual(DEFAULT_LIMITS);
});

test('a word changes one limit; K, M and G are powers of 1024', () => {
  expect(limitsFrom(['layer-bytes=2G', 'entries=500', 'manifest-bytes=64k'])).toEqual({
    ...DEFAULT_LIMITS,
    layerBytes: 2 * 1024 ** 3,
    entries: 500,
    manifestBytes: 65_536,
  });
});

test('every limit has a name', () => {
  const changed = LIMIT_NAMES.map((name) => limitsFrom([`${name}=7`]));
  expect(
    new Set(changed.flatMap((limits) => Object.entries(limits).flatMap(([key, value]) => (value === 7 ? [key] : [])))),
  ).toEqual(new Set(Object.keys(DEFAULT_LIMITS)));
});

test.each([
  'entries',
  'entries=',
  'entries=-1',
  'entries=0',
  'entries=1e9',
  'files=1',
  'entries=999999999999999G',
  '__proto__=1',
])('%s is a mistake of usage', (word) => {
  expect(() => limitsFrom([word])).toThrow(XosError);
});
