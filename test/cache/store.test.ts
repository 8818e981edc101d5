import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyOf } from '../../src/cache/entry.js';
import { CacheStore } from '../../src/cache/store.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xoscheck-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const question = (text: string): readonly ['facts', string] => ['facts', text];
const fileOf = (text: string): string => join(folder, keyOf(question(text)).name);

test('what one process wrote another one reads', () => {
  new CacheStore(folder).write(question('a'), Buffer.from('answer'));
  expect(new CacheStore(folder).read(question('a'))?.toString()).toBe('answer');
  expect(new CacheStore(folder).read(question('b'))).toBeNull();
});

test('a file that was cut off is deleted and not believed', () => {
  const store = new CacheStore(folder);
  store.write(question('a'), Buffer.from('a long answer'));
  truncateSync(fileOf('a'), 80);
  expect(store.read(question('a'))).toBeNull();
  expect(existsSync(fileOf('a'))).toBe(false);
});

test('a file that somebody put there under the right name is not believed', () => {
  writeFileSync(fileOf('a'), 'anything');
  expect(new CacheStore(folder).read(question('a'))).toBeNull();
});

test('a link is not followed, also where it leads to an entry', () => {
  const store = new CacheStore(folder);
  store.write(question('a'), Buffer.from('answer'));
  const other = join(folder, 'elsewhere');
  writeFileSync(other, readFileSync(fileOf('a')));
  rmSync(fileOf('a'));
  symlinkSync(other, fileOf('a'));
  expect(store.read(question('a'))).toBeNull();
});

test('what was used last stays where the cache is too large', () => {
  const store = new CacheStore(folder, 3 * 4096);
  for (const [index, name] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    store.write(question(name), Buffer.from(name));
    utimesSync(fileOf(name), 1000, 1000 + index);
  }
  expect(store.read(question('a'))?.toString()).toBe('a'); // marks it as used
  store.trim();
  expect(['a', 'b', 'c', 'd', 'e'].filter((name) => store.has(question(name)))).toEqual(['a', 'd', 'e']);
});

test('an answer that is larger than the cache is not kept', () => {
  const store = new CacheStore(folder, 4096);
  store.write(question('a'), Buffer.alloc(5000));
  expect(readdirSync(folder)).toEqual([]);
});

test('cleaning deletes entries and what a killed run left, and nothing else', () => {
  const store = new CacheStore(folder);
  store.write(question('a'), Buffer.from('answer'));
  writeFileSync(`${fileOf('b')}.0123456789abcdef.tmp`, 'half');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect(store.clean()).toEqual({ path: folder, entries: 1, bytes: 4096 });
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  expect(store.usage().entries).toBe(0);
});

test('a place where nothing can be written is an empty cache', () => {
  const store = new CacheStore(join(folder, 'file', 'below'));
  writeFileSync(join(folder, 'file'), '');
  store.write(question('a'), Buffer.from('answer'));
  store.trim();
  expect(store.read(question('a'))).toBeNull();
  expect(store.usage()).toEqual({ path: join(folder, 'file', 'below'), entries: 0, bytes: 0 });
});
