import { describe, expect, test } from 'vitest';
import { followStart } from '../../src/start/index.js';
import type { ImageConfig } from '../../src/model/image.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';
import { imageOf, script, staticProgram } from '../support/start-builder.js';

function requested(files: RootfsSpec, config: Partial<ImageConfig>): readonly string[] {
  const { programs } = followStart(imageOf(config, 'linux'), rootfs(files));
  return programs.map(({ argv, lookup }) => `${argv.join(' ')} -> ${lookup.found ? lookup.realPath : lookup.reason}`);
}

/** Every expectation is what chroot showed with the packages of Debian (test/conformance/pairs). */
describe('a program that holds many others', () => {
  const files: RootfsSpec = { '/bin/busybox': staticProgram(), '/bin/node': staticProgram() };

  test('executes nothing for a first argument that it carries out itself', () => {
    expect(requested(files, { cmd: ['busybox', 'echo', 'hello'] })).toEqual(['busybox echo hello -> /bin/busybox']);
  });

  test('goes on as the wrapper or the shell that its first argument names', () => {
    expect(requested(files, { cmd: ['busybox', 'nice', '-n', '1', 'node'] }).at(-1)).toBe('node -> /bin/node');
    expect(requested(files, { cmd: ['busybox', 'sh', '-c', 'exec node a'] }).at(-1)).toBe('node a -> /bin/node');
  });

  test('is not seen behind a link that names one of its own', () => {
    const linked: RootfsSpec = { ...files, '/bin/sleep': '/bin/busybox' };
    expect(requested(linked, { cmd: ['sleep', 'infinity'] })).toEqual(['sleep infinity -> /bin/busybox']);
  });
});

describe('a bare name on a `#!` line', () => {
  test('is looked for in the working directory and never in PATH, as the kernel opens it', () => {
    const files: RootfsSpec = { '/bin/sh': staticProgram(), '/run.sh': script('#!sh'), '/app/sh': staticProgram() };
    expect(requested(files, { cmd: ['/run.sh'] }).at(-1)).toContain('-> absent');
    expect(requested(files, { cmd: ['/run.sh'], workingDir: '/app' }).at(-1)).toContain('-> /app/sh');
  });
});
