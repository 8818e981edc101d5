import { parseBinary } from '../../../src/binary/index.js';
import { classifyHead } from '../../../src/binary/head.js';
import { parseLdCache } from '../../../src/binary/ld-cache.js';
import { rootfsOf } from '../../../src/image/merge.js';
import type { Image } from '../../../src/model/image.js';
import type { FileContent, LayerEntry } from '../../../src/model/layer.js';
import { memoryView } from '../../../src/model/view.js';
import { analyseBinaries } from '../../../src/start/binaries.js';
import { followStart } from '../../../src/start/index.js';
import { parseScript } from '../../../src/start/shell/parser.js';
import { matchesPattern, withoutMatch } from '../../../src/start/shell/pattern.js';
import { splitCommandLine } from '../../../src/start/windows.js';
import { analysis } from '../../support/analysis-builder.js';
import { elf } from '../../support/elf-builder.js';
import { pe } from '../../support/pe-builder.js';
import { layerEntry } from '../../support/rootfs-builder.js';
import { Random } from '../random.js';
import { bytesOf } from '../seeds.js';
import type { Target } from '../target.js';

const SHELL_WORDS = [
  '$(',
  ')',
  '`',
  '"',
  "'",
  '\\',
  '$((',
  '))',
  '${',
  '}',
  '${x:-',
  '${x%%*',
  '${x//a/b}',
  '$@',
  '"$@"',
  'exec ',
  'if ',
  'then ',
  'elif ',
  'else ',
  'fi\n',
  'for x in ',
  'do ',
  'done\n',
  'while ',
  'case $x in ',
  ') ;; ',
  'esac\n',
  '<<EOF\n',
  '\nEOF\n',
  "<<-'E'\n",
  '&&',
  '||',
  '|',
  ';',
  '&',
  '{ ',
  '; }',
  '(',
  '[ -f /x ]',
  '[[ ',
  ' ]]',
  'f() { ',
  'set -- ',
  'shift\n',
  '. /entry.sh\n',
  'eval ',
  'x=$x$x',
  'while :; do ',
  '>',
  '2>&1',
  '*',
  '?',
  '[a-z]',
  '!',
  '\n',
  '/bin/sh -c ',
  'su-exec root ',
  'gosu x ',
  'tini -- ',
  'env -S ',
  'trap ',
  'return ',
  'command ',
  'function f ',
  'select ',
  'until ',
  '$0',
  '$#',
  '$1',
  '~',
] as const;

const SCRIPTS = [
  '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ]; then\n  set -- redis-server "$@"\nfi\nexec "$@"\n',
  '#!/bin/bash\nfile_env() {\n  local var="$1"\n  if [ "${!var:-}" ]; then export "$var"="$(< "${!var}")"; fi\n}\nfor f in /docker-entrypoint.d/*; do\n  case "$f" in\n    *.sh) . "$f" ;;\n    *) echo "ignoring $f" ;;\n  esac\ndone\nexec gosu nobody /usr/bin/app --port "${PORT:-80}" "$@"\n',
  '#!/bin/sh\ncat <<EOF > /etc/x\n$(hostname) ${A} `id`\nEOF\nexec tini -- node server.js\n',
  'x=1; while [ $x -lt 10 ]; do x=$((x+1)); done; exec /bin/app $x',
];

function text(content: string): FileContent {
  return {
    kind: 'text',
    head: content.startsWith('#!') ? 'script' : 'text',
    text: content,
    truncated: false,
    references: [],
  };
}

function file(path: string, content: FileContent | null, extra: Partial<LayerEntry> = {}): LayerEntry {
  return layerEntry(path, { content, size: 100, ...extra });
}

function imageWith(config: Partial<Image['config']>, windows = false): Image {
  return analysis({ image: { config, platform: windows ? { os: 'windows' } : {} } }).image;
}

const LIBC = binary(elf({ soname: 'libc.so.6' }));
const SHELL = binary(elf({ interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] }));

function binary(bytes: Uint8Array): FileContent {
  const parsed = parseBinary(memoryView(bytes));
  return parsed?.ok === true ? { kind: 'binary', binary: parsed.value, references: [] } : text('no binary');
}

function shell(bytes: Uint8Array): unknown {
  const script = Buffer.from(bytes).toString('utf8');
  const rootfs = rootfsOf([
    file('/entry.sh', text(script)),
    file('/bin/sh', SHELL),
    file('/bin/bash', SHELL),
    file('/usr/bin/app', SHELL),
    file('/usr/bin/env', SHELL),
    file('/lib/x86_64-linux-gnu/libc.so.6', LIBC),
    file('/docker-entrypoint.d/a.sh', text('exec /usr/bin/app "$x"\n')),
  ]);
  const start = followStart(
    imageWith({ entrypoint: ['/entry.sh'], cmd: ['redis-server', '-x'], env: ['PATH=/usr/bin:/bin', 'A=b'] }),
    rootfs,
  );
  const inline = followStart(imageWith({ entrypoint: ['/bin/sh', '-c', script] }), rootfs);
  return { parsed: parseScript(script), start, inline };
}

/** Bytes → pattern and text, parted at the first line end. */
function shellPattern(bytes: Uint8Array): unknown {
  const [pattern = '', ...rest] = Buffer.from(bytes).toString('utf8').split('\n');
  const subject = rest.join('\n');
  return {
    matches: matchesPattern(pattern, subject),
    cut: (['start', 'end'] as const).flatMap((end) =>
      [true, false].map((longest) => withoutMatch(subject, pattern, end, longest)),
    ),
  };
}

const NAMES = [
  'a',
  'b',
  'bin',
  'usr',
  'lib',
  'etc',
  'sh',
  '..',
  '.',
  'x',
  'lib64',
  'ld.so.conf',
  'package.json',
  'node',
  'python3',
  'libc.so.6',
  'ld-linux-x86-64.so.2',
  'passwd',
  'env',
  'tini',
  'ld-musl-x86_64.path',
  'ld.so.preload',
  'index.js',
  'java',
  'cmd.exe',
  'Windows',
  'System32',
  'kernel32.dll',
] as const;

function path(random: Random, absolute: boolean): string {
  const parts = Array.from({ length: 1 + random.below(4) }, () => random.pick(NAMES));
  return `${absolute ? '/' : ''}${parts.join('/')}`;
}

const CONTENT: readonly ((random: Random) => FileContent)[] = [
  (random) =>
    text(`#!${path(random, true)} ${random.chance(30) ? path(random, false) : ''}\nexec ${path(random, true)} "$@"\n`),
  (random) =>
    text(
      `{"main":"${path(random, false)}","scripts":{"start":"node ${path(random, false)}","${path(random, false)}":"npm start"}}`,
    ),
  (random) =>
    text(`include ${path(random, true)}\ninclude /etc/*\n${path(random, true)}\n`.repeat(1 + random.below(20))),
  (random) =>
    binary(
      elf({
        interpreter: path(random, true),
        needed: [random.pick(NAMES), path(random, random.chance(50))],
        runpath: `$ORIGIN/../${path(random, false)}:${path(random, true)}`,
        soname: random.pick(NAMES),
      }),
    ),
  (random) =>
    binary(
      elf({
        soname: 'x',
        needed: ['x', 'a', 'b'],
        rpath: path(random, true),
        machine: random.pick(['x86_64', 'i386', 'aarch64']),
      }),
    ),
  (random) =>
    binary(
      pe({
        imports: { 'kernel32.dll': ['x'], [`${path(random, false)}.dll`]: ['y'] },
        exports: [{ name: 'x', forwarder: `${random.pick(NAMES)}.x` }],
      }),
    ),
  () => text('root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/:/bin/a\n'),
  (random) => ({ kind: 'ld-cache', cache: cacheOf(random) }),
  () => ({ kind: 'damaged', format: 'elf', error: { kind: 'truncated', at: 0, needed: 64, available: 1 } }),
];

function cacheOf(random: Random): { entries: { name: string; path: string; flags: number; hwcap: null }[] } {
  const parsed = parseLdCache(memoryView(random.bytes(64)));
  const entries = Array.from({ length: random.below(4) }, () => ({
    name: random.pick(NAMES),
    path: path(random, true),
    flags: 0x303,
    hwcap: null,
  }));
  return { entries: parsed.ok ? [] : entries };
}

/** Random files, links and a configuration out of the input's bytes. */
function start(bytes: Uint8Array): unknown {
  const random = new Random(bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 1));
  const count = 1 + random.below(40);
  const entries = Array.from({ length: count }, (): LayerEntry => {
    const at = path(random, true).replaceAll(/\/\.{1,2}(?=\/|$)/g, '/d');
    if (random.chance(30)) return layerEntry(at, path(random, random.chance(50)));
    if (random.chance(10)) return layerEntry(at, null);
    if (random.chance(10)) return layerEntry(at, { type: 'hardlink', linkTarget: path(random, true) });
    const content = random.chance(90) ? random.pick(CONTENT)?.(random) : null;
    return layerEntry(at, {
      content: content ?? null,
      size: random.below(1000),
      mode: random.chance(80) ? 0o755 : random.below(0o10000),
    });
  });
  const windows = random.chance(20);
  const rootfs = rootfsOf(windows ? entries.map((entry) => ({ ...entry, path: `/Files${entry.path}` })) : entries, {
    windows,
  });
  const words = (): string[] =>
    Array.from({ length: random.below(4) }, () =>
      random.chance(20) ? random.pick(SHELL_WORDS) : path(random, random.chance(60)),
    );
  const config = {
    entrypoint: words(),
    cmd: words(),
    env: [
      `PATH=${path(random, true)}:${path(random, true)}`,
      `LD_LIBRARY_PATH=${path(random, true)}`,
      `LD_PRELOAD=${path(random, true)}`,
      'NODE_OPTIONS=--require /x',
    ].slice(0, random.below(5)),
    workingDir: random.chance(50) ? path(random, true) : '',
    user: random.pick(['', 'app', '1000:5', 'root', '\u0000', ':']),
    shell: random.chance(20) ? words() : null,
    argsEscaped: random.chance(20),
  };
  const found = followStart(imageWith(config, windows), rootfs);
  const binaries = analyseBinaries(found, rootfs);
  const lookups = entries
    .map((entry) => rootfs.lookup(entry.path))
    .map((one) => (one.found ? one.realPath : one.reason));
  return { found, binaries, lookups };
}

export const programTargets: readonly Target[] = [
  {
    name: 'shell',
    text: true,
    words: SHELL_WORDS,
    maxBytes: 24 * 1024,
    boundMs: 1500,
    seeds: () => SCRIPTS.map(bytesOf),
    run: shell,
  },
  {
    name: 'shell-pattern',
    text: true,
    words: ['*', '?', '[', ']', '[!', '[a-z]', '\\', '**', '*a', '\n', '[[:alpha:]]'],
    maxBytes: 4096,
    boundMs: 500,
    seeds: () => ['*.sh\nentry.sh', '[a-c]*x?\nabcxx', '*a*a*a*b\naaaaaaaaaa'].map(bytesOf),
    run: shellPattern,
  },
  {
    name: 'start',
    maxBytes: 16,
    boundMs: 1500,
    seeds: () => [bytesOf('seed')],
    generate: (random) => random.bytes(12),
    run: start,
  },
  {
    name: 'head-and-line',
    text: true,
    words: ['"', '\\', '\\\\"', ' ', '\t', "'"],
    maxBytes: 4096,
    boundMs: 100,
    seeds: () => ['cmd /S /C "a b" \\"x'].map(bytesOf),
    run: (bytes) => ({
      line: splitCommandLine(Buffer.from(bytes).toString('utf8')),
      head: classifyHead(bytes, bytes.length),
    }),
  },
];
