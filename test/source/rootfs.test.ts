import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeMembers } from '../support/image-builder.js';
import { gapsOf, isComplete, LIMITS, listing, load, only, scratch, textCollector } from './loading.js';

const onPosix = test.skipIf(process.platform === 'win32');
/** root may read everything, so permissions refuse nothing. */
const asUser = test.skipIf(process.platform === 'win32' || process.getuid?.() === 0);

function root(): string {
  return writeMembers(scratch(), [
    ['etc/passwd', 'root'],
    ['usr/bin/app', 'app'],
  ]);
}

describe('a directory as root filesystem', () => {
  onPosix('shows files, modes, links and hard links', async () => {
    const path = root();
    chmodSync(join(path, 'usr/bin/app'), 0o4755);
    symlinkSync('/etc/passwd', join(path, 'usr/link'));
    linkSync(join(path, 'usr/bin/app'), join(path, 'usr/bin/same'));
    const loaded = only(await load(path));
    expect(listing(loaded)).toEqual([
      '/ directory',
      '/etc directory',
      '/etc/passwd: root',
      '/usr directory',
      '/usr/bin directory',
      '/usr/bin/app: app',
      '/usr/bin/same: app',
      '/usr/link -> /etc/passwd',
    ]);
    expect(loaded.layers[0]?.entries.find((entry) => entry.path === '/usr/bin/app')?.mode).toBe(0o4755);
    expect(loaded.image).toMatchObject({ format: 'rootfs', platform: { os: '', architecture: '' } });
  });

  test.runIf(process.platform === 'linux')('takes names that are no UTF-8, each byte as one character', async () => {
    const path = root();
    writeFileSync(Buffer.concat([Buffer.from(`${path}/etc/`), Buffer.from([0x6c, 0xe4])]), 'latin1');
    writeFileSync(join(path, 'etc/ü'), 'utf-8');
    const loaded = only(await load(path));
    expect(listing(loaded)).toEqual(expect.arrayContaining(['/etc/l\u00e4: latin1', '/etc/ü: utf-8']));
  });

  onPosix('never looks behind a link that leads out of it', async () => {
    const outside = writeMembers(scratch(), [['secret', 'secret']]);
    const path = root();
    symlinkSync(outside, join(path, 'usr/out'));
    const seen = new Set<string>();
    const collector = { ...textCollector, want: (file: { path: string }) => (seen.add(file.path), 'whole' as const) };
    const loaded = only(await load(path, { collector }));
    expect(listing(loaded)).toContain(`/usr/out -> ${outside}`);
    expect([...seen]).toEqual(['/etc/passwd', '/usr/bin/app']);
  });

  onPosix('a FIFO is an entry and is not opened', async () => {
    const path = root();
    execFileSync('mkfifo', [join(path, 'etc/pipe')]);
    expect(listing(only(await load(path)))).toContain('/etc/pipe fifo');
  });

  asUser('what may not be read is a gap', async () => {
    const path = root();
    chmodSync(join(path, 'etc/passwd'), 0);
    mkdirSync(join(path, 'etc/closed'), { mode: 0 });
    const loaded = only(await load(path));
    expect([...gapsOf(loaded)].sort()).toEqual(['layer 0 file bad-value', 'layer 0 layer bad-value']);
    expect(isComplete(loaded)).toBe(false);
  });

  test('more entries than the limit is a gap', async () => {
    const path = root();
    for (let index = 0; index < 30; index++) writeFileSync(join(path, `etc/${index}`), '');
    const loaded = only(await load(path, { limits: { ...LIMITS, entries: 20 } }));
    expect(gapsOf(loaded)).toEqual(['layer 0 layer limit']);
  });

  test('a deep directory is read to its end', async () => {
    const path = root();
    const deep = Array.from({ length: 200 }, () => 'd').join('/');
    mkdirSync(join(path, deep), { recursive: true });
    writeFileSync(join(path, deep, 'leaf'), 'leaf');
    expect(listing(only(await load(path)))).toContain(`/${deep}/leaf: leaf`);
  });

  test.runIf(process.platform === 'linux')('file systems of the running kernel are left out', async () => {
    const source = await load('rootfs:/proc/self/task', { limits: { ...LIMITS, entries: 1000 } });
    expect(only(source).image.format).toBe('rootfs');
  });

  test('--platform chooses nothing, and that is said', async () => {
    const platform = { os: 'linux', architecture: 'arm64', variant: null, osVersion: null };
    expect((await load(root(), { platform })).notes.join()).toContain('--platform chooses nothing here');
  });
});
