import { execFileSync } from 'node:child_process';
import { chmodSync, openSync, closeSync, symlinkSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFile } from '../../src/source/file-view.js';
import { fileOf, load, refusal, scratch } from './loading.js';

const onPosix = test.skipIf(process.platform === 'win32');
const asUser = test.skipIf(process.platform === 'win32' || process.getuid?.() === 0);

describe('a view of a file', () => {
  test('gives the bytes of the file at any place, in any order', () => {
    const bytes = randomBytes(100_000);
    const file = openFile(fileOf(bytes));
    const view = file.view();
    fc.assert(
      fc.property(fc.nat(110_000), fc.nat(40_000), (at, length) => {
        const expected = bytes.subarray(Math.min(at, bytes.length), Math.min(at + length, bytes.length));
        expect(Buffer.from(view.read(at, length)).equals(expected)).toBe(true);
      }),
    );
    file.close();
  });

  test('of a part ends where the part ends, and two views do not disturb each other', () => {
    const file = openFile(fileOf('0123456789'));
    const [one, two] = [file.view(2, 4), file.view(6)];
    const held = one.read(0, 4);
    expect(Buffer.from(two.read(0, 100)).toString()).toBe('6789');
    expect(Buffer.from(held).toString()).toBe('2345');
    expect(one.read(4, 1)).toHaveLength(0);
    expect(file.view(8, 1000).size).toBe(2);
    file.close();
  });

  test('reaches beyond 4 GiB', () => {
    const path = fileOf('');
    const at = 5 * 2 ** 30;
    truncateSync(path, at);
    const fd = openSync(path, 'r+');
    writeSync(fd, Buffer.from('end'), 0, 3, at);
    closeSync(fd);
    const file = openFile(path);
    expect(Buffer.from(file.view().read(at, 3)).toString()).toBe('end');
    expect(Buffer.from(file.view(at, 3).read(0, 3)).toString()).toBe('end');
    file.close();
  });
});

describe('what is no regular file is refused, never waited for', () => {
  test.runIf(process.platform === 'linux').each(['/dev/zero', '/dev/null', '/dev/tty'])('%s', async (path) => {
    const error = await refusal(load(path));
    expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    expect(error.message).toContain('a character device');
  });

  onPosix('a FIFO, with the command that reads it', async () => {
    const path = join(scratch(), 'pipe');
    execFileSync('mkfifo', [path]);
    for (const reference of [path, `docker-archive:${path}`, `file:${path}`, `oci:${path}`]) {
      const error = await refusal(load(reference));
      expect(error.code).toBe('XOS_NOT_AN_IMAGE');
    }
    expect((await refusal(load(path))).suggestions[0]).toBe(`read it from stdin: xoscheck - < ${path}`);
  });

  test.runIf(process.platform === 'linux')('files of /proc that say they are empty', async () => {
    expect((await refusal(load('/proc/version'))).code).toBe('XOS_NOT_AN_IMAGE');
  });

  onPosix('a link that leads in a circle, and one that leads nowhere', async () => {
    const directory = scratch();
    symlinkSync('circle', join(directory, 'circle'));
    symlinkSync('absent', join(directory, 'dangling'));
    expect((await refusal(load(join(directory, 'circle')))).message).toContain('in a circle');
    expect((await refusal(load(join(directory, 'dangling')))).code).toBe('XOS_IMAGE_NOT_FOUND');
  });

  test('a directory where a file is named, and a file where a directory is', async () => {
    expect((await refusal(load(`file:${scratch()}`))).message).toContain('a directory');
    expect((await refusal(load(`oci:${fileOf('x')}`))).message).toContain('no directory');
    expect((await refusal(load(`dir:${fileOf('x')}`))).message).toContain('no directory');
  });

  asUser('a file without permission', async () => {
    const path = fileOf('content');
    chmodSync(path, 0);
    expect((await refusal(load(path))).code).toBe('XOS_NO_PERMISSION');
  });

  test('a path that is longer than the system allows', async () => {
    expect((await refusal(load('x'.repeat(10_000)))).code).toBe('XOS_IMAGE_NOT_FOUND');
  });
});
