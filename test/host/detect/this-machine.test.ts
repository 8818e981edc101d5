import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { arch } from 'node:os';
import { expect, test } from 'vitest';
import { detectHost } from '../../../src/host/detect/index.js';
import { systemIo } from '../../../src/host/detect/system-io.js';
import { parseProfile } from '../../../src/host/profile.js';
import { profileJson } from '../../../src/report/profile.js';

const LOADER = '/lib64/ld-linux-x86-64.so.2';
const isLinux = process.platform === 'linux';

test('this machine makes a profile that can be read again', async () => {
  const profile = await detectHost(systemIo());
  expect(parseProfile(profileJson(profile), 'this.json')).toEqual({ ok: true, value: profile });
  expect(profile.stated.by).toBe('xoscheck host');
});

test.skipIf(!isLinux)('the page size is what getconf says', async () => {
  const profile = await detectHost(systemIo());
  expect(profile.pageSizeBytes).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});

test.skipIf(!isLinux)('the kernel is what uname says', async () => {
  const profile = await detectHost(systemIo());
  expect(profile.kernel?.release).toBe(execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
});

/** glibc 2.33 and later list the levels that the CPU has: `x86-64-v3 (supported, searched)`. */
function levelOfLoader(): number | null {
  if (!existsSync(LOADER) || arch() !== 'x64') return null;
  const help = execFileSync(LOADER, ['--help'], { encoding: 'utf8' });
  if (!help.includes('x86-64-v4')) return null;
  return Math.max(1, ...[...help.matchAll(/x86-64-v(\d) \(supported/g)].map(([, level]) => Number(level)));
}
const level = levelOfLoader();

test.skipIf(level === null)('the x86-64 level is what the loader says', async () => {
  const profile = await detectHost(systemIo());
  expect(profile.cpu?.x86Level).toBe(level);
});
