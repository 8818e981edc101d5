import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Folder → folders it may import. Anything else is a mistake. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  model: [],
  image: ['model'],
  binary: ['model'],
  strings: ['model'],
  resolve: ['model'],
  start: ['model', 'binary', 'resolve'],
  host: ['model'],
  syscalls: ['model', 'binary'],
  facts: ['model', 'binary', 'strings'],
  rules: ['model', 'facts'],
  route: ['model', 'host'],
  verdict: ['model', 'rules'],
  report: ['model'],
  source: ['model', 'image'],
  cache: ['model'],
  app: [
    'model',
    'cache',
    'source',
    'image',
    'binary',
    'strings',
    'resolve',
    'start',
    'syscalls',
    'facts',
    'host',
    'route',
    'rules',
    'verdict',
  ],
  commands: ['model', 'app', 'report', 'verdict'],
  '.': ['model', 'app', 'report', 'binary', 'rules'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function imports(): readonly Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const paths = [...text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) => match[1] ?? '');
    return paths.map((path) => ({
      file,
      from: areaOf(file),
      to: areaOf(relative(SRC, join(SRC, dirname(file), path))),
    }));
  });
}

function areaOf(path: string): string {
  const [first = '.', ...rest] = path.split('/');
  return rest.length === 0 ? '.' : first;
}

test('folders import only what the table allows', () => {
  const found = imports();
  expect(found.length).toBeGreaterThan(100);
  const wrong = found.filter(({ from, to }) => from !== to && !(ALLOWED[from] ?? []).includes(to));
  expect(wrong).toEqual([]);
});

test('every folder of src has a row in the table and in src/README.md', () => {
  const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const readme = readFileSync(join(SRC, 'README.md'), 'utf8');
  expect(folders.map(({ name }) => name).filter((name) => ALLOWED[name] === undefined)).toEqual([]);
  expect(folders.map(({ name }) => name).filter((name) => !readme.includes(`\`${name}/\``))).toEqual([]);
});
