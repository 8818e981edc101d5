import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { copy, directory, link, mode, put, remove, type Change } from '../overlay.js';
import { entrypoint, type Pair } from '../pair.js';
import { hello, helloStatic } from '../programs.js';
import type { StartConfig } from '../layout.js';

const HELLO = /^hello from/;
const APP = '/app/hello';
const HELLO_OF_ECHO: StartConfig = { entrypoint: ['/bin/echo', 'hello from echo'] };

/** The static hello as /app/hello, changed, and a config. */
function at(name: string, config: StartConfig, changes: readonly Change[], rest: Partial<Pair> = {}): Pair {
  return {
    name,
    cause: 'path',
    base: 'bookworm',
    layers: [[copy(helloStatic(), APP), ...changes]],
    config,
    prints: HELLO,
    ...rest,
  };
}

function bytes(name: string, content: string | Uint8Array): Pair {
  return at(name, entrypoint('/app/run'), [put('/app/run', content)], { cause: 'format', culprit: '/app/run' });
}

function sparseElf(bytes: number): Uint8Array {
  return readFileSync(hello()).subarray(0, bytes);
}

export const formats = (): readonly Pair[] => [
  bytes('empty file', ''),
  bytes('ELF header and no more', sparseElf(64)),
  bytes('ELF that ends in its program headers', sparseElf(300)),
  bytes('ELF that ends in its segments', sparseElf(6000)),
  bytes('ELF magic and text', '\x7fELF is what this is called\n'),
  bytes('HTML page', '<!DOCTYPE html><html><body>404</body></html>\n'),
  bytes('gzip of a program', gzipSync(readFileSync(helloStatic()))),
  bytes('Java class', Buffer.from('cafebabe0000003d000a', 'hex')),
  bytes('Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
  bytes('zip archive', Buffer.from('504b0506' + '00'.repeat(18), 'hex')),
  bytes('shared library as a program', readFileSync('/lib/x86_64-linux-gnu/libz.so.1')),
  at('libc executed as a program', entrypoint('/lib/x86_64-linux-gnu/libc.so.6'), [], { prints: /^GNU C Library/ }),
  at('loader that is told what to load', entrypoint('/lib64/ld-linux-x86-64.so.2', '/bin/echo', 'hello from echo'), []),
];

/** What a layer does that was made by unpacking a package of a release without merged /usr. */
const libOverLink: Change = (root) => {
  rmSync(join(root, 'lib'));
  mkdirSync(join(root, 'lib'));
};

export const paths = (): readonly Pair[] => [
  at('absolute path', entrypoint(APP), []),
  at('relative path with the working directory', { entrypoint: ['./hello'], workingDir: '/app' }, []),
  at('relative path from the root', entrypoint('app/hello'), []),
  at('relative path from another directory', { entrypoint: ['./hello'], workingDir: '/srv' }, [], {
    culprit: './hello',
  }),
  at('working directory that is not there', { entrypoint: [APP], workingDir: '/data/new' }, []),
  at('working directory is a file', { entrypoint: [APP], workingDir: APP }, [], { culprit: APP }),
  at('name in PATH of the config', { entrypoint: ['hello'], env: { PATH: '/opt/bin:/app' } }, []),
  at('name not in PATH', entrypoint('hello'), [], { culprit: 'hello' }),
  at(
    'name in a directory of PATH that is not executable, then in one that is',
    {
      entrypoint: ['hello'],
      env: { PATH: '/opt:/app' },
    },
    [put('/opt/hello', 'x', 0o644)],
  ),
  at('path that is not there', entrypoint('/app/server'), [], { culprit: '/app/server' }),
  at('path through a file', entrypoint('/app/hello/hello'), [], { culprit: '/app/hello' }),
  at('CMD without ENTRYPOINT', { cmd: [APP] }, []),
  at('ENTRYPOINT and CMD together', { entrypoint: ['/bin/echo'], cmd: ['hello from echo'] }, []),
  at('link to the program', entrypoint('/start'), [link('/start', APP)]),
  at('relative links in a row', entrypoint('/l/1'), [
    link('/l/1', '2'),
    link('/l/2', '../l/3'),
    link('/l/3', '../../../app/hello'),
  ]),
  at('link that leads nowhere', entrypoint('/start'), [link('/start', '/app/server')], { culprit: '/start' }),
  at('links in a circle', entrypoint('/start'), [link('/start', '/start2'), link('/start2', '/start')], {
    culprit: '/start',
  }),
  at('directory as program', entrypoint('/app'), [], { culprit: '/app' }),
  at('a layer above removed the program', entrypoint(APP), [], {
    layers: [[copy(helloStatic(), APP)], [remove(APP)]],
    culprit: APP,
  }),
  at('a layer above removed the program and one more brought it back', entrypoint(APP), [], {
    layers: [[copy(helloStatic(), APP)], [remove(APP)], [copy(helloStatic(), APP)]],
  }),
  at('a layer above put a file in place of the directory', entrypoint(APP), [], {
    layers: [[copy(helloStatic(), APP)], [remove('/app'), put('/app', 'file\n', 0o644)]],
    culprit: '/app',
  }),
  ...(['bookworm', 'trixie'] as const).map((base) =>
    at(`a layer above put a directory in place of the link /lib of ${base}`, HELLO_OF_ECHO, [libOverLink], {
      cause: 'loader',
      base,
      // The link of the loader leads through /lib in bookworm, and beside it in trixie.
      ...(base === 'bookworm' ? { culprit: '/lib64/ld-linux-x86-64.so.2' } : {}),
    }),
  ),
];

export const permissions = (): readonly Pair[] => [
  at('no exec bit', entrypoint(APP), [mode(APP, 0o644)], { cause: 'permission', culprit: APP }),
  at('exec bit for the owner only, other user', { entrypoint: [APP], user: 'nobody' }, [mode(APP, 0o744)], {
    cause: 'permission',
    culprit: APP,
  }),
  at('exec bit for others only, root', entrypoint(APP), [mode(APP, 0o001)], { cause: 'permission' }),
  at('execute and not read, other user', { entrypoint: [APP], user: 'nobody' }, [mode(APP, 0o711)], {
    cause: 'permission',
  }),
  at('directory closed to the user', { entrypoint: [APP], user: 'nobody' }, [mode('/app', 0o700)], {
    cause: 'permission',
    culprit: '/app',
  }),
  at('directory closed, user is root', entrypoint(APP), [mode('/app', 0o700)], { cause: 'permission' }),
  at(
    'directory closed, user in its group',
    { entrypoint: [APP], user: 'nobody:33' },
    [
      (root) => {
        directory('/app')(root);
        mode('/app', 0o750)(root);
        chgrp(root, '/app', 33);
      },
    ],
    { cause: 'permission' },
  ),
  at('user by name', { entrypoint: [APP], user: 'www-data' }, [], { cause: 'user' }),
  at('user by number without an entry', { entrypoint: [APP], user: '12345' }, [], { cause: 'user' }),
  at('user that is not in passwd', { entrypoint: [APP], user: 'app' }, [], { cause: 'user', culprit: 'app' }),
  at('group that is not in group', { entrypoint: [APP], user: 'nobody:app' }, [], { cause: 'user', culprit: 'app' }),
  at('user by name in an image without passwd', { entrypoint: [APP], user: 'nobody' }, [], {
    cause: 'user',
    base: 'empty',
    culprit: 'nobody',
  }),
  at(
    'loader without an exec bit',
    entrypoint('/bin/echo'),
    [mode('/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 0o644)],
    {
      cause: 'permission',
      culprit: 'ld-linux-x86-64.so.2',
    },
  ),
  at('set-user-ID program', { entrypoint: [APP], user: 'nobody' }, [mode(APP, 0o4755)], { cause: 'permission' }),
  at(
    'user that a layer adds to passwd',
    { entrypoint: [APP], user: 'app' },
    [put('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n', 0o644)],
    { cause: 'user' },
  ),
];

function chgrp(root: string, path: string, group: number): void {
  chownSync(join(root, path), 0, group);
}
