import { serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cacheDirectory } from '../../src/cache/directory.js';
import { ENTRY_NAME, keyOf, packEntry, unpackEntry } from '../../src/cache/entry.js';
import { packFacts, unpackFacts } from '../../src/cache/facts.js';
import { layerOf } from '../../src/image/layer.js';

const key = keyOf(['facts', 'sha256:aa', 7, 8n, null]);
const payload = Buffer.from('what was found');

test('an entry gives its payload back', () => {
  expect(unpackEntry(key, packEntry(key, payload))?.toString()).toBe('what was found');
  expect(key.name).toMatch(ENTRY_NAME);
});

test('an entry with any byte changed, cut off or added is none', () => {
  const whole = packEntry(key, payload);
  const at = fc.integer({ min: 0, max: whole.length - 1 });
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const changed = Buffer.from(whole);
      changed[index] = (changed[index] ?? 0) ^ flip;
      expect(unpackEntry(key, changed)).toBeNull();
      expect(unpackEntry(key, whole.subarray(0, index))).toBeNull();
      expect(unpackEntry(key, Buffer.concat([whole, changed.subarray(0, flip)]))).toBeNull();
    }),
  );
});

test('an entry is no answer to another question', () => {
  const questions = [['facts', 'sha256:aa', 7, 8n, '7'] as const, ['facts', 'sha256:aa', 7, 8, null] as const];
  for (const question of questions) expect(unpackEntry(keyOf(question), packEntry(key, payload))).toBeNull();
});

test('facts come back as they were', () => {
  const head = { kind: 'head', head: 'data' } as const;
  const entry = { path: '/a', type: 'file', mode: 0o755, uid: 0, gid: 0, size: 3, linkTarget: null, mtime: 1 } as const;
  const facts = layerOf([{ ...entry, xattrs: { 'security.capability': '\x01' }, content: head }], []);
  expect(unpackFacts(packFacts(facts))).toEqual(facts);
});

test('bytes that are no facts are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(unpackFacts(bytes)).toBeNull();
    }),
  );
  expect(unpackFacts(serialize({ ...layerOf([], []), entries: [{ path: 'relative' }] }))).toBeNull();
  expect(unpackFacts(serialize({ ...layerOf([], []), bytesRead: 'many' }))).toBeNull();
});

test.each([
  ['linux', { XDG_CACHE_HOME: '/x' }, '/home/me', '/x/xoscheck'],
  ['linux', { XDG_CACHE_HOME: 'relative' }, '/home/me', '/home/me/.cache/xoscheck'],
  ['linux', {}, '', null],
  ['darwin', {}, '/Users/me', '/Users/me/Library/Caches/xoscheck'],
  ['darwin', { XOSCHECK_CACHE_DIR: '/own' }, '/Users/me', '/own'],
  ['win32', {}, 'C:\\Users\\me', null],
])('on %s with %o the cache of %s is %s', (platform, env, home, expected) => {
  expect(cacheDirectory({ platform, env, home })).toBe(expected);
});
