import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LayerCache } from '../../src/cache/layers.js';
import { CacheStore } from '../../src/cache/store.js';
import { layerOf } from '../../src/image/layer.js';
import { diffId, digest, type Digest } from '../../src/model/brand.js';
import type { Extent, LayerReading, LayerRequest } from '../../src/model/load.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xoscheck-layers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string): Digest => digest(`sha256:${createHash('sha256').update(text).digest('hex')}`);

const limits = {
  entries: 1,
  pathBytes: 1,
  layerBytes: 1,
  compressionRatio: 1,
  manifestBytes: 1,
  retainedBytes: 1,
};
const plain: LayerRequest = {
  verify: true,
  algorithm: 'sha256',
  compression: 'none',
  limits,
  claimed: { digest: null, diffId: null },
};

/** The reading of a "layer" that is one text. */
function readingOf(text: string, request: LayerRequest): LayerReading {
  const facts = { ...layerOf([], []), bytesRead: text.length };
  const found = { compression: request.compression, size: text.length, notes: [`read ${text}`] };
  if (!request.verify) return { facts, stored: null, ...found };
  const id = request.compression === 'none' ? sha256(text) : sha256(`inflated ${text}`);
  return { facts: { ...facts, diffId: diffId(id) }, stored: sha256(text), ...found };
}

interface Run {
  readonly reading: LayerReading;
  readonly hits: number;
  readonly hashed: number;
  readonly read: number;
}

/** One run of the program over a file; its clock is an hour ahead, so that the file is no new one. */
async function run(path: string, request = plain, version = '1', now = Date.now() + 3_600_000): Promise<Run> {
  const counts = { hashed: 0, read: 0 };
  const fd = openSync(path, 'r');
  const text = readFileSync(path, 'utf8');
  const hash = (): Promise<Digest> => {
    counts.hashed += 1;
    return Promise.resolve(sha256(text));
  };
  const cache = new LayerCache({ store: new CacheStore(join(folder, 'cache')), version, hash, now: () => now });
  const extent: Extent = { path, fd, from: 0, size: text.length };
  const reader = cache.through((_, asked) => {
    counts.read += 1;
    return Promise.resolve(readingOf(text, asked));
  });
  const reading = await reader(extent, request, () => Promise.reject(new Error('the inner reader decides')));
  closeSync(fd);
  return { reading, hits: cache.hits, ...counts };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const claiming = (text: string, more: Partial<LayerRequest> = {}): LayerRequest => ({
  ...plain,
  claimed: { digest: sha256(text), diffId: null },
  ...more,
});

test('the second run reads and hashes nothing, and finds the same', async () => {
  const path = file('layer', 'some layer');
  const first = await run(path);
  const second = await run(path);
  expect([first.hits, first.read]).toEqual([0, 1]);
  expect([second.hits, second.read, second.hashed]).toEqual([1, 0, 0]);
  expect(second.reading).toEqual(first.reading);
});

test('a file that was written to is read again, also with its old size and time', async () => {
  const path = file('layer', 'some layer');
  utimesSync(path, 1000, 1000);
  await run(path);
  writeFileSync(path, 'another 12');
  utimesSync(path, 1000, 1000);
  const second = await run(path);
  expect([second.hits, second.read]).toEqual([0, 1]);
  expect(second.reading.notes).toEqual(['read another 12']);
});

test('a file that changed just now is not remembered', async () => {
  const path = file('layer', 'some layer');
  await run(path, plain, '1', Date.now() - 10_000);
  expect((await run(path)).read).toBe(1);
});

test('a copy of the layer elsewhere is hashed and not read', async () => {
  await run(file('one', 'some layer'));
  const copy = await run(file('two', 'some layer'), claiming('some layer'));
  expect([copy.hits, copy.read, copy.hashed]).toEqual([1, 0, 1]);
  expect((await run(join(folder, 'two'), claiming('some layer'))).hashed).toBe(0);
});

test('a claim is not believed: other bytes under the digest of a known layer are read', async () => {
  await run(file('one', 'some layer'));
  const lie = await run(file('two', 'a bad layer'), claiming('some layer'));
  expect([lie.hits, lie.read]).toEqual([0, 1]);
  expect(lie.reading.stored).toBe(sha256('a bad layer'));
  const lieAgain = await run(join(folder, 'two'), claiming('some layer'));
  expect(lieAgain.reading.stored).toBe(sha256('a bad layer'));
});

test('a claim is not believed without verification either', async () => {
  await run(file('one', 'some layer'));
  const lie = await run(file('two', 'a bad layer'), claiming('some layer', { verify: false }));
  expect([lie.hits, lie.read]).toEqual([0, 1]);
});

test('a compressed blob leads to its diff ID by its own digest', async () => {
  const gzip = { compression: 'gzip' } as const;
  await run(file('one', 'blob'), claiming('blob', gzip));
  const copy = await run(file('two', 'blob'), claiming('blob', gzip));
  expect([copy.hits, copy.read, copy.hashed]).toEqual([1, 0, 1]);
  expect(copy.reading.facts.diffId).toBe(sha256('inflated blob'));
});

test('what was not verified is not kept, and what is kept is shown without digests there', async () => {
  const path = file('layer', 'some layer');
  await run(path, { ...plain, verify: false });
  expect((await run(path)).hits).toBe(0);
  const unverified = await run(path, { ...plain, verify: false });
  expect(unverified.hits).toBe(1);
  expect([unverified.reading.stored, unverified.reading.facts.diffId]).toEqual([null, null]);
});

test('another version and other limits find nothing', async () => {
  const path = file('layer', 'some layer');
  await run(path);
  expect((await run(path, plain, '2')).hits).toBe(0);
  expect((await run(path, { ...plain, limits: { ...limits, entries: 2 } })).hits).toBe(0);
  expect((await run(path)).hits).toBe(1);
});

test('entries that were damaged are read anew and written again', async () => {
  const path = file('layer', 'some layer');
  await run(path);
  for (const name of readdirSync(join(folder, 'cache'))) writeFileSync(join(folder, 'cache', name), 'x'.repeat(500));
  expect((await run(path)).read).toBe(1);
  expect((await run(path)).hits).toBe(1);
});
