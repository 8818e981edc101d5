import { copy, put, remove, type Change } from '../overlay.js';
import type { StartConfig } from '../layout.js';
import type { Pair } from '../pair.js';
import { helloStatic } from '../programs.js';

const HELLO = /^hello from/;
const APP = '/app/hello';

function wrapped(
  name: string,
  base: Pair['base'],
  config: StartConfig,
  changes: readonly Change[] = [],
  rest: Partial<Pair> = {},
): Pair {
  return {
    name,
    cause: 'wrapper',
    base,
    layers: [[copy(helloStatic(), APP), ...changes]],
    config,
    prints: HELLO,
    ...rest,
  };
}

const ENTRYPOINT = '/docker-entrypoint.sh';

const entry = (body: string, interpreter = '/bin/sh'): Change => put(ENTRYPOINT, `#!${interpreter}\nset -e\n${body}\n`);

/** As official images have it: an option alone becomes an option of the server. */
const OPTIONS = `if [ "\${1#-}" != "$1" ]; then\n  set -- /app/hello "$@"\nfi\nexec "$@"`;

export const wrappers = (): readonly Pair[] => [
  wrapped('tini', 'wrappers', { entrypoint: ['/usr/bin/tini', '--', APP] }),
  wrapped('tini of what is not there', 'wrappers', { entrypoint: ['tini', '--', '/app/server'] }, [], {
    culprit: '/app/server',
  }),
  wrapped('tini with options', 'wrappers', { entrypoint: ['tini', '-g', '-v', '--'], cmd: [APP] }),
  wrapped('dumb-init', 'wrappers', { entrypoint: ['dumb-init', '--'], cmd: [APP] }),
  wrapped('dumb-init of what is not in PATH', 'wrappers', { entrypoint: ['dumb-init', 'server'] }, [], {
    culprit: 'server',
  }),
  wrapped('gosu', 'wrappers', { entrypoint: ['gosu', 'nobody', APP] }),
  wrapped('gosu of what is not there', 'wrappers', { entrypoint: ['gosu', 'nobody', '/app/server'] }, [], {
    culprit: '/app/server',
  }),
  wrapped('env with a variable', 'bookworm', { entrypoint: ['env', 'A=1', APP] }),
  wrapped('env with a variable, of what is not there', 'bookworm', { entrypoint: ['env', 'A=1', 'server'] }, [], {
    culprit: 'server',
  }),
  wrapped('nice', 'bookworm', { entrypoint: ['nice', '-n', '5', APP] }),
  wrapped('shell form', 'bookworm', { entrypoint: ['/bin/sh', '-c', 'exec /app/hello'] }),
  wrapped('shell form of what is not there', 'bookworm', { cmd: ['/bin/sh', '-c', 'exec /app/server --port 80'] }, [], {
    culprit: '/app/server',
  }),
  wrapped('shell form in an image without a shell', 'empty', { cmd: ['/bin/sh', '-c', '/app/hello'] }, [], {
    culprit: '/bin/sh',
  }),
  wrapped('bash form in an image of busybox', 'musl', { cmd: ['/bin/bash', '-c', '/app/hello'] }, [], {
    culprit: '/bin/bash',
  }),
  wrapped('entrypoint script that goes on to CMD', 'bookworm', { entrypoint: [ENTRYPOINT], cmd: [APP] }, [
    entry('exec "$@"'),
  ]),
  wrapped(
    'entrypoint script, CMD is not there',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: ['/app/server'] },
    [entry('exec "$@"')],
    {
      culprit: '/app/server',
    },
  ),
  wrapped(
    'entrypoint script, CMD is not in PATH',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: ['server'] },
    [entry('exec "$@"')],
    {
      culprit: 'server',
    },
  ),
  wrapped(
    'entrypoint script that puts the server before options',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: ['--help'] },
    [entry(OPTIONS)],
  ),
  wrapped(
    'entrypoint script that puts a server that is not there before options',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: ['--help'] },
    [entry(OPTIONS.replace('/app/hello', '/app/server'))],
    { culprit: '/app/server' },
  ),
  wrapped(
    'entrypoint script that goes on by a variable',
    'bookworm',
    { entrypoint: [ENTRYPOINT], env: { SERVER: '/app/hello' } },
    [entry('exec "$SERVER"')],
  ),
  wrapped(
    'entrypoint script with a default for a variable',
    'bookworm',
    { entrypoint: [ENTRYPOINT] },
    [entry('exec "${SERVER:-/app/server}"')],
    { culprit: '/app/server' },
  ),
  wrapped(
    'entrypoint script with CRLF',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: [APP] },
    [put(ENTRYPOINT, '#!/bin/sh\r\nexec "$@"\r\n')],
    { culprit: '/bin/sh' },
  ),
  wrapped(
    'entrypoint script of bash in an image of busybox',
    'musl',
    { entrypoint: [ENTRYPOINT], cmd: [APP] },
    [entry('exec "$@"', '/bin/bash')],
    { culprit: '/bin/bash' },
  ),
  wrapped('entrypoint script in an image of busybox', 'musl', { entrypoint: [ENTRYPOINT], cmd: [APP] }, [
    entry('exec "$@"'),
  ]),
  wrapped(
    'entrypoint script without an exec bit',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: [APP] },
    [put(ENTRYPOINT, '#!/bin/sh\nexec "$@"\n', 0o644)],
    { culprit: ENTRYPOINT },
  ),
  wrapped(
    'tini, then an entrypoint script, then CMD',
    'wrappers',
    { entrypoint: ['tini', '--', ENTRYPOINT], cmd: [APP] },
    [entry('exec "$@"')],
  ),
  wrapped(
    'a command on the way that is not there, and is not needed',
    'bookworm',
    { entrypoint: [ENTRYPOINT], cmd: [APP] },
    [entry('missing-tool --version || true\nif command -v other-tool >/dev/null; then other-tool; fi\nexec "$@"')],
    { prints: /hello from/ },
  ),
  wrapped('applet of busybox through a link', 'musl', { entrypoint: ['echo', 'hello from echo'] }),
  wrapped('shell of busybox by its first argument', 'musl', {
    entrypoint: ['busybox', 'sh', '-c'],
    cmd: ['exec /app/hello'],
  }),
  wrapped('a script that sources another', 'bookworm', { entrypoint: [ENTRYPOINT], cmd: [APP] }, [
    put('/app/env.sh', 'SERVER=/app/hello\n', 0o644),
    entry('. /app/env.sh\nexec "$SERVER"'),
  ]),
];

export const runtimes = (): readonly Pair[] => [
  wrapped('node and a script', 'node', { entrypoint: ['node', '/app/server.js'] }, [
    put('/app/server.js', 'console.log("hello from node")\n', 0o644),
  ]),
  wrapped(
    'node and a script by the working directory',
    'node',
    { entrypoint: ['node'], cmd: ['server'], workingDir: '/app' },
    [put('/app/server.js', 'console.log("hello from node")\n', 0o644)],
  ),
  wrapped(
    'node and a script that is not there',
    'node',
    { entrypoint: ['node', 'dist/main.js'], workingDir: '/app' },
    [],
    {
      culprit: 'dist/main.js',
    },
  ),
  wrapped('node whose libnode was removed', 'node', { entrypoint: ['node', '--version'] }, [
    remove('/usr/lib/x86_64-linux-gnu/libnode.so.108'),
  ]),
  wrapped('node script with env', 'node', { entrypoint: ['/app/server'] }, [
    put('/app/server', '#!/usr/bin/env node\nconsole.log("hello from node")\n'),
  ]),
  wrapped('python and a script', 'python', { entrypoint: ['python3.11', '/app/run.py'] }, [
    put('/app/run.py', 'print("hello from python")\n', 0o644),
  ]),
  wrapped('python and a script that is not there', 'python', { entrypoint: ['python3', '/app/run.py'] }, [], {
    culprit: '/app/run.py',
  }),
  wrapped(
    'python -m of a module of its own',
    'python',
    { entrypoint: ['python3', '-m', 'server'], workingDir: '/app' },
    [put('/app/server/__init__.py', '', 0o644), put('/app/server/__main__.py', 'print("hello from python")\n', 0o644)],
  ),
  wrapped(
    'python -m of a module that is not there',
    'python',
    { entrypoint: ['python3', '-m', 'server'], workingDir: '/app' },
    [],
    {
      culprit: 'server',
    },
  ),
  wrapped('python by a name that Debian does not have', 'python', { entrypoint: ['python', '/app/run.py'] }, [], {
    culprit: 'python',
  }),
  wrapped('java', 'java', { entrypoint: ['/usr/lib/jvm/java-17-openjdk-amd64/bin/java', '-version'] }, [], {
    prints: /^openjdk version/,
  }),
  wrapped(
    'java -jar of what is not there',
    'java',
    {
      entrypoint: ['/usr/lib/jvm/java-17-openjdk-amd64/bin/java', '-jar', '/app/app.jar'],
    },
    [],
    { culprit: '/app/app.jar' },
  ),
  wrapped(
    'java whose libjli was removed',
    'java',
    { entrypoint: ['/usr/lib/jvm/java-17-openjdk-amd64/bin/java', '-version'] },
    [remove('/usr/lib/jvm/java-17-openjdk-amd64/lib/libjli.so')],
  ),
  wrapped('java that was not installed', 'bookworm', { entrypoint: ['java', '-jar', '/app/app.jar'] }, [], {
    culprit: 'java',
  }),
  wrapped('perl, which every Debian has', 'bookworm', { entrypoint: ['perl', '-e', 'print "hello from perl\\n"'] }),
];
