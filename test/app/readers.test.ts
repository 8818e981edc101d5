import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readKnowledge } from '../../src/app/knowledge.js';
import { openReaders } from '../../src/app/readers.js';
import { fileCollector } from '../../src/facts/collector.js';
import type { LoadedImage } from '../../src/model/load.js';
import { loadImages } from '../../src/source/load.js';
import { image } from '../support/image-builder.js';
import { fileOf, optionsOf } from '../source/loading.js';

const knowledge = readKnowledge();

/** A layer that is large enough for a thread, also when it is compressed, and has a program in it. */
function large(name: string): Readonly<Record<string, Uint8Array | string>> {
  const noise = execFileSync('head', ['-c', String(60 * 1024 * 1024), process.execPath], { maxBuffer: 2 ** 26 });
  return { [`/${name}/noise`]: noise, [`/${name}/program`]: readFileSync(process.execPath).subarray(0, 400_000) };
}

async function load(path: string, jobs: number | null): Promise<LoadedImage | undefined> {
  const collector = fileCollector(knowledge, () => undefined);
  const options = optionsOf({ collector, limits: { ...optionsOf().limits, retainedBytes: 96 * 1024 ** 2 } });
  if (jobs === null) return (await loadImages(path, options)).images[0];
  const readers = openReaders(knowledge, jobs, false);
  const source = await loadImages(path, { ...options, reader: readers.reader, jobs }).finally(readers.close);
  return source.images[0];
}

/** What was found; the number of bytes that were scanned is counted only by the readers of the program. */
function found(loaded: LoadedImage | undefined): unknown {
  const layers = loaded?.layers.map((layer) => ({ ...layer, bytesScanned: 0 }));
  return { ...loaded, layers };
}

test.each([
  ['one large layer', () => image().layer(large('a')).layer({ '/b': 'small' })],
  ['two large layers', () => image().layer(large('a')).layer({ '/b': 'small' }).layer(large('c'))],
  ['a large layer in gzip', () => image().layer(large('a'), 'gzip')],
])('threads find the same as reading here: %s', async (_, build) => {
  const path = fileOf(build().ociTar());
  const here = found(await load(path, null));
  expect(JSON.stringify(here, text)).toContain('"format":"elf"');
  expect(found(await load(path, 2))).toEqual(here);
  expect(found(await load(path, 1))).toEqual(here);
});

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
