import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseScript } from '../../src/start/shell/parser.js';
import { debianRoot } from './resolve.rootfs.js';

/** Every shell script of this machine and of the Debian image that bash accepts is read to its end. Needs bash. */
const FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/share', '/etc', '/var/lib/dpkg/info'];
const MAX_BYTES = 256 * 1024;

function scriptsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each): readonly string[] => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return scriptsBelow(path);
    return each.isFile() && isScript(path) ? [path] : [];
  });
}

function isScript(path: string): boolean {
  const { size } = lstatSync(path);
  if (size < 10 || size > MAX_BYTES) return false;
  return /^#! *\S*?\b(?:bash|dash|sh)\b/.test(readFileSync(path).subarray(0, 64).toString('latin1'));
}

test('shell scripts are read to their end', () => {
  const root = debianRoot();
  const paths = [...FOLDERS, ...FOLDERS.map((folder) => join(root, folder))].flatMap(scriptsBelow);
  const accepted = paths.filter((path) => spawnSync('bash', ['-n', path]).status === 0);
  const broken = accepted.filter((path) => parseScript(readFileSync(path, 'utf8')).brokenAt !== null);
  console.log(`${accepted.length} shell scripts read, ${broken.length} not to their end`);
  expect(accepted.length).toBeGreaterThan(500);
  expect(broken).toEqual([]);
});
