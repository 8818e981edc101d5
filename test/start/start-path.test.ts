import { describe, expect, test } from 'vitest';
import type { ImageConfig } from '../../src/model/image.js';
import type { StartPath } from '../../src/model/start.js';
import { followStart } from '../../src/start/index.js';
import { rootfs, textContent, type RootfsSpec } from '../support/rootfs-builder.js';
import { elfFile, imageOf, script, staticProgram, textFile } from '../support/start-builder.js';

function start(
  files: RootfsSpec,
  config: Partial<ImageConfig>,
  options: { readonly windows?: boolean } = {},
): StartPath {
  return followStart(imageOf(config, options.windows === true ? 'windows' : 'linux'), rootfs(files, options));
}

function chain({ programs }: StartPath): string[] {
  return programs.map(
    ({ executedAs, argv, lookup }) =>
      `${executedAs} ${argv.join(' ')} -> ${lookup.found ? lookup.realPath : lookup.reason}`,
  );
}

const PASSWD = textFile('root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n');
const GROUP = textFile('root:x:0:\nstaff:x:50:app,other\nnobody:x:65534:\n');

describe('01 the first word', () => {
  test('is searched in PATH of the image, in order, and files that may not be executed are passed over', () => {
    const files = { '/a/x': { ...staticProgram(), mode: 0o644 }, '/b/x': staticProgram(), '/c/x': staticProgram() };
    const { programs } = start(files, { entrypoint: ['x'], env: ['PATH=/a:/b:/c'] });
    expect(programs[0]?.lookup).toMatchObject({ found: true, realPath: '/b/x' });
    expect(programs[0]?.searched).toEqual(['/a', '/b', '/c']);
  });

  test('is found without PATH in the directories that the engine sets', () => {
    expect(chain(start({ '/usr/local/bin/x': staticProgram() }, { cmd: ['x', '1'] }))).toEqual([
      'entrypoint x 1 -> /usr/local/bin/x',
    ]);
  });

  test('with a slash is a path from the working directory', () => {
    const files = { '/app/run': staticProgram(), '/run': staticProgram() };
    expect(chain(start(files, { cmd: ['./run'], workingDir: '/app' }))).toEqual(['entrypoint ./run -> /app/run']);
  });

  test('that no directory has is absent, and one that may not be executed is named', () => {
    expect(start({}, { cmd: ['bash'] }).programs[0]?.lookup).toMatchObject({
      found: false,
      reason: 'absent',
      at: 'bash',
    });
    const denied = start({ '/bin/x': { ...staticProgram(), mode: 0o644 } }, { cmd: ['x'] }).programs[0];
    expect(denied).toMatchObject({ lookup: { found: true }, deniedAt: '/bin/x' });
  });

  test('ENTRYPOINT comes before CMD, and with neither there is nothing to start', () => {
    const files = { '/e': staticProgram() };
    expect(start(files, { entrypoint: ['/e', 'a'], cmd: ['b'] })).toMatchObject({
      argv: ['/e', 'a', 'b'],
      form: 'exec',
    });
    expect(start(files, {})).toMatchObject({ argv: [], form: 'none', programs: [] });
  });
});

describe('02 the shell form', () => {
  test('executes what the text says, in the place of the shell', () => {
    const files = { '/bin/sh': staticProgram(), '/bin/node': staticProgram(), '/app/server.js': textFile('') };
    const found = start(files, { cmd: ['/bin/sh', '-c', 'cd /app && exec node server.js'] });
    expect(found.form).toBe('shell');
    expect(chain(found)).toEqual([
      'shell /bin/sh -c cd /app && exec node server.js -> /bin/sh',
      'wrapped node server.js -> /bin/node',
    ]);
    expect(found.files).toMatchObject([
      { runtime: 'node', requested: 'server.js', lookup: { realPath: '/app/server.js' } },
    ]);
  });

  test('needs a shell that is there', () => {
    expect(chain(start({ '/bin/node': staticProgram() }, { cmd: ['/bin/sh', '-c', 'node'] }))).toEqual([
      'shell /bin/sh -c node -> absent',
    ]);
  });
});

describe('03 users and permissions', () => {
  test.each([
    ['', 0, [0]],
    ['app', 1000, [1000, 50]],
    ['1000', 1000, [1000, 50]],
    ['app:staff', 1000, [50]],
    ['4242', 4242, [0]],
    ['4242:77', 4242, [77]],
    ['nobody', null, []],
  ])('USER %j is uid %j', (user, uid, gids) => {
    const found = start({ '/etc/passwd': PASSWD, '/etc/group': GROUP }, { cmd: ['x'], user });
    expect(found.user).toEqual({ written: user, uid, gids });
    expect(found.notFollowed.some(({ text }) => text.includes('no user'))).toBe(uid === null);
  });

  test('a directory on the way refuses all but root', () => {
    const files: RootfsSpec = {
      '/etc/passwd': PASSWD,
      '/root': { type: 'directory', mode: 0o700 },
      '/root/x': staticProgram(),
    };
    expect(start(files, { cmd: ['/root/x'], user: 'app' }).programs[0]?.deniedAt).toBe('/root');
    expect(start(files, { cmd: ['/root/x'] }).programs[0]?.deniedAt).toBeNull();
  });

  test('owner, group and others have bits of their own, and root needs one of the three', () => {
    const files = (mode: number): RootfsSpec => ({ '/x': { ...staticProgram(), mode, uid: 1000, gid: 50 } });
    const denied = (mode: number, user: string): string | null | undefined =>
      start(files(mode), { cmd: ['/x'], user }).programs[0]?.deniedAt;
    expect(denied(0o070, '1000:50')).toBe('/x');
    expect(denied(0o010, '7:50')).toBeNull();
    expect(denied(0o100, '7:50')).toBe('/x');
    expect(denied(0o001, '7:7')).toBeNull();
    expect(denied(0o001, '0')).toBeNull();
    expect(denied(0o644, '0')).toBe('/x');
  });
});

describe('04 scripts', () => {
  test('the interpreter gets its one argument, the path of the script and the rest', () => {
    const files = { '/bin/awk': staticProgram(), '/s/x.awk': script('#!/bin/awk -E -v x', '') };
    expect(chain(start(files, { cmd: ['./x.awk', 'a'], workingDir: '/s' }))).toEqual([
      'entrypoint ./x.awk a -> /s/x.awk',
      'shebang /bin/awk -E -v x /s/x.awk a -> /bin/awk',
    ]);
  });

  test('a carriage return is part of the interpreter', () => {
    const files = {
      '/bin/sh': staticProgram(),
      '/x': { content: textContent('#!/bin/sh\r\necho\r\n', 'script-crlf') },
    };
    const [, shebang] = start(files, { cmd: ['/x'] }).programs;
    expect(shebang).toMatchObject({ requested: '/bin/sh\r', lookup: { found: false } });
  });

  test('env looks its word up in PATH, and splits with -S', () => {
    const files = {
      '/usr/bin/env': staticProgram(),
      '/usr/bin/node': staticProgram(),
      '/x': script('#!/usr/bin/env -S node --trace-warnings', ''),
    };
    expect(chain(start(files, { cmd: ['/x', '1'] })).at(-1)).toBe(
      'wrapped node --trace-warnings /x 1 -> /usr/bin/node',
    );
  });

  test('scripts that interpret each other end where the kernel ends them', () => {
    const files = { '/a': script('#!/b'), '/b': script('#!/a') };
    const found = start(files, { cmd: ['/a'] });
    expect(found.programs.map(({ scriptDepth }) => scriptDepth)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found.notFollowed.at(-1)?.text).toContain('ELOOP');
  });

  test.each([
    ['text', 'text', 'echo hi\n'],
    ['script-bom', 'text', '\ufeff#!/bin/sh\n'],
  ] as const)('a file that begins as %s is no script to the kernel', (head, format, text) => {
    expect(start({ '/x': { content: textContent(text, head) } }, { cmd: ['/x'] }).programs).toMatchObject([{ format }]);
  });
});

describe('05 loaders', () => {
  test('the interpreter of a program is a program of the path, and its absence is known', () => {
    const files = { '/x': elfFile({ interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['libc.so'] }) };
    const found = start(files, { cmd: ['/x'] });
    expect(found.programs).toMatchObject([
      {
        format: 'elf',
        interpreter: { path: '/lib/ld-musl-x86_64.so.1', lookup: { found: false } },
        closure: { loader: 'unknown' },
      },
    ]);
    const loader = elfFile({ soname: 'libc.musl-x86_64.so.1' });
    const there = start({ ...files, '/lib/ld-musl-x86_64.so.1': loader }, { cmd: ['/x'] });
    expect(chain(there)[1]).toBe('interpreter /x -> /lib/ld-musl-x86_64.so.1');
    expect(there.programs[0]?.closure).toMatchObject({ loader: 'musl', complete: true });
  });
});

describe('06 wrappers', () => {
  const files: RootfsSpec = Object.fromEntries(
    'sh tini dumb-init gosu su su-exec setpriv env nice timeout nohup sudo node busybox s6-setuidgid'
      .split(' ')
      .map((name) => [`/bin/${name}`, staticProgram()]),
  );

  test.each([
    ['tini -s -- node a'],
    ['tini -g -e 143 node a'],
    ['dumb-init -r 15:3 -- node a'],
    ['gosu app:app node a'],
    ['su-exec 1000 node a'],
    ['s6-setuidgid app node a'],
    ['setpriv --reuid=1000 --regid 1000 --init-groups node a'],
    ['env -i A=1 PATH=/bin node a'],
    ['env -u A -- node a'],
    ['nice -n 5 node a'],
    ['timeout -k 5 --signal=TERM 10s node a'],
    ['nohup node a'],
    ['sudo -E -u app A=1 node a'],
    ['busybox nice -n 1 node a'],
    ['tini -- gosu app env A=1 nice node a'],
  ])('%s', (line) => {
    const { programs } = start({ '/etc/passwd': PASSWD, ...files }, { cmd: line.split(' ') });
    expect(programs.at(-1)).toMatchObject({ executedAs: 'wrapped', certainty: 'certain', argv: ['node', 'a'] });
  });

  test('su -c gives a text to a shell', () => {
    const { programs } = start(files, { cmd: ['su', 'app', '-c', 'exec node a'] });
    expect(programs.at(-1)?.argv).toEqual(['node', 'a']);
  });

  test('a wrapper that changes the user changes who may execute what follows', () => {
    const spec: RootfsSpec = { '/etc/passwd': PASSWD, ...files, '/opt/x': { ...staticProgram(), mode: 0o700 } };
    expect(start(spec, { cmd: ['gosu', 'app', '/opt/x'] }).programs.at(-1)?.deniedAt).toBe('/opt/x');
  });

  test('wrappers that execute each other without end are followed no further than the limit', () => {
    const line = Array.from({ length: 80 }, () => 'nice');
    const found = start(files, { cmd: [...line, 'node'] });
    expect(found.programs.length).toBeLessThan(40);
    expect(found.notFollowed.length).toBe(1);
  });
});

describe('07 runtimes', () => {
  const json = (value: unknown): ReturnType<typeof textFile> => textFile(JSON.stringify(value));
  const files: RootfsSpec = {
    '/bin/sh': staticProgram(),
    '/usr/bin/env': staticProgram(),
    '/usr/bin/node': staticProgram(),
    '/usr/bin/npm': script('#!/usr/bin/env node'),
    '/usr/bin/python3': 'python3.11',
    '/usr/bin/python3.11': staticProgram(),
    '/usr/bin/java': '/opt/jdk/bin/java',
    '/opt/jdk/bin/java': staticProgram(),
    '/usr/bin/dotnet': staticProgram(),
    '/usr/bin/php8.2': staticProgram(),
    '/usr/bin/perl': staticProgram(),
    '/usr/lib/python3/dist-packages/gunicorn/__main__.py': textFile(''),
    '/app/main.py': textFile(''),
    '/app/server.js': textFile(''),
    '/app/lib/index.js': textFile(''),
    '/app/pkg/package.json': json({ main: 'dist/x' }),
    '/app/pkg/dist/x.js': textFile(''),
    '/app/package.json': json({ scripts: { prestart: 'node lib', start: 'NODE_ENV=production node server' } }),
    '/app/app.jar': textFile(''),
    '/app/app.dll': textFile(''),
    '/app/x.pl': textFile(''),
    '/app/index.php': textFile(''),
  };

  test.each([
    ['node server.js', 'node', '/app/server.js'],
    ['node --max-old-space-size=100 -r ts-node/register server', 'node', '/app/server.js'],
    ['node lib', 'node', '/app/lib/index.js'],
    ['node ./pkg', 'node', '/app/pkg/dist/x.js'],
    ['python3 -u main.py', 'python', '/app/main.py'],
    ['python3 -m gunicorn app:app', 'python', '/usr/lib/python3/dist-packages/gunicorn/__main__.py'],
    ['java -Xmx1g -jar app.jar', 'java', '/app/app.jar'],
    ['java -cp app.jar:missing/* Main', 'java', '/app/app.jar'],
    ['dotnet app.dll --urls x', 'dotnet', '/app/app.dll'],
    ['php8.2 -d a=b index.php', 'php', '/app/index.php'],
    ['perl -w x.pl', 'perl', '/app/x.pl'],
  ])('%s', (line, runtime, path) => {
    const found = start(files, { cmd: line.split(' '), workingDir: '/app' });
    expect(found.files).toMatchObject([{ runtime, lookup: { found: true, realPath: path }, certainty: 'certain' }]);
  });

  test('a script that is not there is reported as asked for', () => {
    const found = start(files, { cmd: ['node', 'missing.js'], workingDir: '/app' });
    expect(found.files).toMatchObject([{ requested: 'missing.js', lookup: { found: false, reason: 'absent' } }]);
  });

  test('npm start runs the script of package.json, after the one that comes before it', () => {
    const found = start(files, { cmd: ['npm', 'start'], workingDir: '/app' });
    const lines = found.programs.map(({ executedAs, argv }) => `${executedAs} ${argv.join(' ')}`);
    expect(lines).toContain('command sh -c node lib');
    expect(lines).toContain('wrapped sh -c NODE_ENV=production node server');
    expect(found.files.at(-1)?.lookup).toMatchObject({ realPath: '/app/server.js' });
  });
});

describe('08 Windows', () => {
  const exe = elfFile();
  const config = { workingDir: 'C:\\app' };

  test('a word without extension is searched in the working directory, System32 and PATH', () => {
    const files = { '/Windows/System32/cmd.exe': exe, '/tools/node.exe': exe, '/app/run.cmd': textFile('') };
    const env = ['Path=C:\\Windows\\system32;C:\\tools'];
    const found = (cmd: readonly string[]): string[] => chain(start(files, { ...config, env, cmd }, { windows: true }));
    expect(found(['node', 'x.js'])).toEqual(['entrypoint node x.js -> /tools/node.exe']);
    expect(found(['CMD'])).toEqual(['entrypoint CMD -> /Windows/System32/cmd.exe']);
    expect(found(['C:\\tools\\node'])).toEqual(['entrypoint C:\\tools\\node -> /tools/node.exe']);
    expect(found(['cmd', '/S', '/C', 'cd x && node x.js'])).toEqual([
      'shell cmd /S /C cd x && node x.js -> /Windows/System32/cmd.exe',
      'wrapped node x.js -> /tools/node.exe',
    ]);
    expect(found(['cmd', '/c', 'run.cmd'])).toContain('wrapped run.cmd -> /app/run.cmd');
  });
});
