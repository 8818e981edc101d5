import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Documents whose commands and links are checked. */
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'src/README.md',
  'rules/README.md',
  'fixtures/README.md',
  'test/conformance/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Lines of the `sh` blocks of a document, comments cut. */
function commands(name: string): readonly string[] {
  const blocks = [...read(name).matchAll(/^```sh\n([^]*?)^```/gm)].map((match) => match[1] ?? '');
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** What stands for the reader's own image and for an engine that is not on this machine. */
function onThisMachine(command: string): string {
  return command
    .replaceAll('image.tar', 'fixtures/images/hello-amd64.tar')
    .replaceAll('/usr/bin/node', '/bin/sh')
    .replace('docker save app:latest', 'cat fixtures/images/hello-amd64.tar')
    .replace(/^npm ci && /, '');
}

describe('README', () => {
  const lines = commands('README.md').map(onThisMachine);

  test('has its commands', () => {
    expect(lines.length).toBeGreaterThan(8);
  });

  test.each(lines.filter((line) => line !== 'npm test'))('%s', (line) => {
    const { status, stderr } = spawnSync('sh', ['-c', line], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CI: '1' },
    });
    expect([0, 1]).toContain(status);
    expect(stderr).not.toMatch(/error/i);
  });

  test('shows what its first command prints', () => {
    const readme = read('README.md');
    const marker = /<!-- output: (.+?) -->\n[^]*?<!-- end -->/;
    const command = marker.exec(readme)?.[1] ?? '';
    const { stdout } = spawnSync('sh', ['-c', command], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CI: '1', NO_COLOR: '1', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    });
    const expected = readme.replace(
      marker,
      `<!-- output: ${command} -->\n\n\`\`\`text\n${stdout}\`\`\`\n\n<!-- end -->`,
    );
    if (process.env['UPDATE'] === '1') writeFileSync(join(ROOT, 'README.md'), expected);
    expect(read('README.md')).toBe(expected);
    expect(stdout).toContain('/entrypoint.sh');
  });
});

test.each(DOCUMENTS)('the links of %s lead somewhere', (name) => {
  const links = [...read(name).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '');
  const broken = links.filter((link) => !existsSync(join(ROOT, dirname(name), link)));
  expect(broken).toEqual([]);
});

test('every npm script that a document names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = DOCUMENTS.flatMap((name) =>
    [...read(name).matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? ''),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
});
