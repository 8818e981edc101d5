import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hostile } from '../fixtures/hostile/build.js';
import { hostile, table } from '../fixtures/hostile/make.js';
import { XosError } from '../src/model/error.js';
import type { Report, Style } from '../src/model/report.js';
import { reporters } from '../src/report/index.js';
import { exitCodeFor } from '../src/verdict/gate.js';
import { checkImage } from './support/check.js';

const FOLDER = fileURLToPath(new URL('../fixtures/hostile/', import.meta.url));
const STYLE: Style = { colour: false, unicode: true, width: 100, verbose: true };
const tricks = hostile();

interface Outcome {
  readonly exit: number;
  /** The JSON document and the text for people, or the error. */
  readonly text: string;
  readonly shown: string;
}

async function outcomeOf(path: string, options: Parameters<typeof checkImage>[1] = {}): Promise<Outcome> {
  try {
    const report = await checkImage(path, options);
    return { exit: exitOf(report), text: rendered(report, 'json'), shown: rendered(report, 'pretty') };
  } catch (cause) {
    if (!(cause instanceof XosError)) throw cause;
    return { exit: cause.oclif.exit, text: `${cause.code} ${cause.message}`, shown: cause.message };
  }
}

function exitOf(report: Report): number {
  return exitCodeFor(
    report.results.map(({ judged }) => judged.verdict),
    'not-ready',
    false,
  );
}

function rendered(report: Report, id: string): string {
  return reporters.find((reporter) => reporter.id === id)?.render(report, STYLE) ?? '';
}

/** The same content: compressed files may differ by the version of zlib. */
function contentOf(file: string, bytes: Uint8Array): Buffer {
  return file.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes);
}

describe('a hostile image', () => {
  test.each(tricks)('$file: $trick', async ({ file, exit, says }: Hostile) => {
    const found = await outcomeOf(join(FOLDER, 'files', file));
    expect(found.text).toSatisfy((text: string) => says.every((word) => text.includes(word)));
    expect(found.exit).toBe(exit);
  });

  test.each(tricks)('$file shows nothing that moves a cursor, hides or forges a line', async ({ file }: Hostile) => {
    const { shown } = await outcomeOf(join(FOLDER, 'files', file));
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u);
    expect(shown).not.toMatch(/^FORGED LINE/m);
  });
});

describe('the folder of hostile images', () => {
  test('has what its script makes, each under 16 KiB', () => {
    const files = readdirSync(join(FOLDER, 'files')).sort();
    expect(files).toEqual(tricks.map(({ file }) => file).sort());
    for (const { file, bytes } of tricks) {
      const stored = readFileSync(join(FOLDER, 'files', file));
      expect(stored.length, file).toBeLessThanOrEqual(16 * 1024);
      expect(contentOf(file, stored).equals(contentOf(file, bytes)), file).toBe(true);
    }
  });

  test('is listed in its README', () => {
    expect(readFileSync(join(FOLDER, 'README.md'), 'utf8')).toContain(table());
  });
});

describe('what is no image at all', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'xoscheck-hostile-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function* stream(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }

  test.each([
    ['nothing', []],
    ['zeros', [new Uint8Array(1024 * 1024)]],
    ['noise', [Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7919 + (index >> 3)) & 0xff)]],
    ['a gzip header alone', [Uint8Array.of(0x1f, 0x8b, 8, 0)]],
    ['a zstd magic alone', [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)]],
  ])('%s on stdin ends with 4 and says what it is', async (_, chunks) => {
    const { exit, text } = await outcomeOf('-', { stdin: stream(...chunks) });
    expect(exit).toBe(4);
    expect(text).toMatch(/^XOS_(?:NOT_AN_IMAGE|IMAGE_DAMAGED) /);
  });

  test('a stream of zeros without end is left as soon as it cannot be an image', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield await setImmediate(new Uint8Array(65_536)); // a turn of the loop, so that a timeout could come
    }
    expect(await outcomeOf('-', { stdin: endless() })).toMatchObject({ exit: 4 });
  });

  test.each(['/dev/zero', '/dev/null', '/dev/urandom'])('%s ends with 4', async (path) => {
    expect(await outcomeOf(path)).toMatchObject({ exit: 4 });
  });

  test.each([
    ['an empty file', ''],
    ['a text', 'hello\n'],
    ['a JSON document', '{"schemaVersion": 2}'],
  ])('%s ends with 4', async (name, content) => {
    const path = join(folder, name.replaceAll(' ', '-'));
    writeFileSync(path, content);
    expect(await outcomeOf(path)).toMatchObject({ exit: 4 });
  });
});

describe('files of the user', () => {
  const BOMB = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index] ?? 'a'}, `.repeat(9)}x]`),
  ].join('\n');
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'xoscheck-yaml-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const image = join(FOLDER, '..', 'images', 'hello-amd64.tar');

  test.each([
    ['aliases that multiply', BOMB],
    ['brackets 100 000 deep', '['.repeat(100_000)],
    ['block lists 20 000 deep', '- '.repeat(20_000)],
    ['indentation 3000 deep', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth % 90)}a:`).join('\n')],
    ['tags of other languages', '!!js/function "x"'],
  ])('a profile with %s is a mistake of usage', async (name, text) => {
    const path = join(folder, `${name.replaceAll(/\W/g, '-')}.yaml`);
    writeFileSync(path, text);
    expect(await outcomeOf(image, { hosts: [path] })).toMatchObject({ exit: 2 });
  });

  test.each([
    ['aliases that multiply', BOMB],
    ['brackets 100 000 deep', '['.repeat(100_000)],
    ['block lists 20 000 deep', '- '.repeat(20_000)],
  ])('a rule with %s is a mistake of usage', async (name, text) => {
    const rules = mkdtempSync(join(folder, 'rules-'));
    writeFileSync(join(rules, `${name.replaceAll(/\W/g, '-')}.yaml`), text);
    expect(await outcomeOf(image, { rules })).toMatchObject({ exit: 2 });
  });
});

describe('--no-verify', () => {
  test('judges the content of an image whose digests differ', async () => {
    expect(await outcomeOf(join(FOLDER, 'files', 'digest-differs.tar'), { verify: false })).toMatchObject({ exit: 0 });
  });
});
