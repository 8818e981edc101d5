import { describe, expect, test } from 'vitest';
import { followStart } from '../../src/start/index.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';
import { imageOf, script, staticProgram } from '../support/start-builder.js';

const TOOLS =
  'sh bash env tini gosu su-exec node redis-server postgres nginx mysqld java id chown find cat sleep sed'.split(' ');
const PROGRAMS: RootfsSpec = Object.fromEntries(TOOLS.map((name) => [`/usr/bin/${name}`, staticProgram()]));

interface Run {
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly user?: string;
  readonly files?: RootfsSpec;
  readonly volumes?: readonly string[];
}

/** What follows from a script as entrypoint, without the shell itself: `how certainty words`. */
function followed(
  lines: readonly string[],
  { cmd = [], env = [], user = '', files = {}, volumes = [] }: Run = {},
): string[] {
  const spec: RootfsSpec = {
    '/bin': 'usr/bin',
    ...PROGRAMS,
    '/etc/passwd': script('root:x:0:0::/root:/bin/sh', 'redis:x:999:999::/:/bin/sh'),
    '/entry.sh': script(...lines),
    ...files,
  };
  const start = followStart(imageOf({ entrypoint: ['/entry.sh'], cmd, env, user, volumes }), rootfs(spec));
  return start.programs
    .filter(({ executedAs }) => executedAs === 'wrapped' || executedAs === 'command')
    .map(({ executedAs, certainty, argv }) => `${executedAs} ${certainty} ${argv.join(' ')}`);
}

const SH = '#!/bin/sh';

describe('what a script goes on to execute', () => {
  test('exec "$@" executes CMD for certain', () => {
    expect(followed([SH, 'set -e', 'exec "$@"'], { cmd: ['node', 'a b.js'] })).toEqual(['wrapped certain node a b.js']);
  });

  test('the last command is what the script is there for, those before are commands on the way', () => {
    expect(followed([SH, 'chown -R node /data', 'node server.js'])).toEqual([
      'command likely chown -R node /data',
      'wrapped certain node server.js',
    ]);
  });

  test('nothing behind exec or exit is reached', () => {
    expect(followed([SH, 'exec node a.js', 'nginx'])).toEqual(['wrapped certain node a.js']);
    expect(followed([SH, 'node a.js', 'exit 0', 'nginx'])).toEqual(['command likely node a.js']);
  });

  test('a branch that depends on the running container is likely, and what follows it stays certain', () => {
    expect(followed([SH, 'if [ "$(hostname)" = x ]; then exec nginx; fi', 'exec node a.js'])).toEqual([
      'wrapped likely nginx',
      'wrapped certain node a.js',
    ]);
  });

  test('both branches of an if that ends the script are likely', () => {
    const lines = [SH, 'if [ -e /run/flag ]; then', '  exec node a.js', 'else', '  exec nginx', 'fi', 'exec java'];
    expect(followed(lines)).toEqual(['wrapped likely node a.js', 'wrapped likely nginx']);
  });

  test('a condition on arguments, environment or files of the image is decided', () => {
    const lines = [
      SH,
      'if [ "$1" = redis-server ] && [ -z "$MODE" ] && [ -x /usr/bin/node ]; then exec node $1; fi',
      'exec nginx',
    ];
    expect(followed(lines, { cmd: ['redis-server'] })).toEqual(['wrapped certain node redis-server']);
    expect(followed(lines, { cmd: ['redis-server'], env: ['MODE=1'] })).toEqual(['wrapped certain nginx']);
  });

  test('a file in a volume may be there when the container runs', () => {
    const lines = [SH, '[ -f /data/x ] && exec node', 'exec nginx'];
    expect(followed(lines, { volumes: ['/data'] })).toEqual(['wrapped likely node', 'wrapped certain nginx']);
    expect(followed(lines)).toEqual(['wrapped certain nginx']);
  });

  test('variables, defaults and prefixes are expanded', () => {
    const lines = [
      SH,
      'BIN=/usr/bin',
      ': "${APP:=server}"',
      'ARGS="--port ${PORT:-80} $EXTRA"',
      'exec "$BIN/${1:-node}" "${APP}.js" $ARGS "${NAME#pre-}" "${FILE%.*}"',
    ];
    expect(followed(lines, { env: ['NAME=pre-x', 'FILE=a.tar.gz'] })).toEqual([
      'wrapped certain /usr/bin/node server.js --port 80 x a.tar',
    ]);
  });

  test('what is not known keeps its place as written', () => {
    expect(followed([SH, 'exec java -Xmx$(free -m)m -jar app.jar'])).toEqual([
      'wrapped certain java -Xmx$(free -m)m -jar app.jar',
    ]);
  });

  test('set -- and shift change what "$@" is', () => {
    const lines = [SH, 'if [ "${1#-}" != "$1" ]; then', '  set -- redis-server "$@"', 'fi', 'exec "$@"'];
    expect(followed(lines, { cmd: ['--port', '1'] })).toEqual(['wrapped certain redis-server --port 1']);
    expect(followed([SH, 'shift', 'exec "$@"'], { cmd: ['x', 'node', 'y'] })).toEqual(['wrapped certain node y']);
  });

  test('a doubtful change of "$@" makes its execution likely', () => {
    const lines = [SH, 'if grep -q x /proc/cmdline; then set -- nginx "$@"; fi', 'exec "$@"'];
    expect(followed(lines, { cmd: ['node'] }).at(-1)).toBe('wrapped likely node');
  });

  test('functions are walked where they are called, with their own arguments', () => {
    const lines = [SH, 'start() {', '  exec "$1" "$2"', '}', 'main () { start node "$1"; }', 'main "$@"', 'exec nginx'];
    expect(followed(lines, { cmd: ['x.js'] })).toEqual(['wrapped certain node x.js']);
  });

  test('case arms are chosen by their patterns', () => {
    const lines = [SH, 'case "$1" in', '  redis*|valkey*) exec gosu redis "$@" ;;', '  *) exec "$@" ;;', 'esac'];
    expect(followed(lines, { cmd: ['redis-server'] })).toEqual([
      'wrapped certain gosu redis redis-server',
      'wrapped certain redis-server',
    ]);
    expect(followed(lines, { cmd: ['node'] })).toEqual(['wrapped certain node']);
  });

  test('files that are read with . act in the same shell', () => {
    const files = { '/lib.sh': script('TARGET=nginx', 'boot() { exec "$TARGET"; }') };
    expect(followed([SH, '. /lib.sh', 'boot'], { files })).toEqual(['wrapped certain nginx']);
  });

  test('here-documents, comments and quoted text are not commands', () => {
    const lines = [SH, '# exec nginx', 'cat <<EOF > /x', 'exec mysqld', 'EOF', "echo 'exec java'", 'exec node # nginx'];
    expect(followed(lines)).toEqual(['command likely cat', 'wrapped certain node']);
  });

  test('redirections are no arguments, and exec with nothing else executes nothing', () => {
    const lines = [SH, 'exec 3>&1 >/log 2>&1', 'exec node a.js >/dev/null 2>&1 </dev/zero'];
    expect(followed(lines)).toEqual(['wrapped certain node a.js']);
  });

  test('a command of redirections alone is none, and what it decides is not known', () => {
    expect(followed([SH, '</data/x || exec nginx', 'exec node'])).toEqual([
      'wrapped likely nginx',
      'wrapped certain node',
    ]);
  });

  test('pipelines, subshells, loops and background commands are on the way', () => {
    const lines = [SH, 'for f in a b; do sed "$f"; done', '(cat x)', 'sleep 1 &', 'exec nginx | cat'];
    expect(followed(lines)).toEqual([
      'command likely sed $f',
      'command likely cat x',
      'command likely sleep 1',
      'wrapped certain nginx',
      'wrapped certain cat',
    ]);
  });

  test('|| runs what follows a failure: likely, and not at all after success', () => {
    expect(followed([SH, 'cat x || exec nginx', 'exec node'])).toEqual([
      'command likely cat x',
      'wrapped likely nginx',
      'wrapped certain node',
    ]);
    expect(followed([SH, 'true || exec nginx', 'exec node'])).toEqual(['wrapped certain node']);
  });

  test('a script that calls itself ends', () => {
    expect(followed([SH, 'exec /entry.sh "$@"'], { cmd: ['x'] })).toEqual(['wrapped certain /entry.sh x']);
  });

  test('a script that ends inside a quote or a block is followed up to there', () => {
    expect(followed([SH, 'node a', 'if true; then', 'echo "'])).toEqual(['command likely node a']);
  });
});

describe('entrypoints of well-known images', () => {
  test('redis: root steps down through gosu, another user goes on by itself', () => {
    const lines = [
      SH,
      'set -e',
      'if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then',
      '\tset -- redis-server "$@"',
      'fi',
      'if [ "$1" = \'redis-server\' -a "$(id -u)" = \'0\' ]; then',
      "\tfind . \\! -user redis -exec chown redis '{}' +",
      '\texec gosu redis "$0" "$@"',
      'fi',
      'um="$(umask)"',
      'if [ "$um" = "0022" ]; then umask 0077; fi',
      'exec "$@"',
    ];
    expect(followed(lines, { cmd: ['redis-server'] })).toEqual([
      'command certain find . ! -user redis -exec chown redis {} +',
      'wrapped certain gosu redis /entry.sh redis-server',
      'wrapped certain /entry.sh redis-server',
      'wrapped certain redis-server',
    ]);
    expect(followed(lines, { cmd: ['redis-server'], user: 'redis' })).toEqual(['wrapped certain redis-server']);
  });

  test('node: a word that is no command is a script', () => {
    const lines = [
      SH,
      'set -e',
      'if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ] || { [ -f "${1}" ] && ! [ -x "${1}" ]; }; then',
      '  set -- node "$@"',
      'fi',
      'exec "$@"',
    ];
    expect(followed(lines, { cmd: ['server.js'] })).toEqual(['wrapped certain node server.js']);
    expect(followed(lines, { cmd: ['nginx'] })).toEqual(['wrapped certain nginx']);
  });

  test('postgres: functions and [[ ]] in bash', () => {
    const lines = [
      '#!/usr/bin/env bash',
      'set -Eeo pipefail',
      '_is_sourced() {',
      '\t[ "${#FUNCNAME[@]}" -ge 2 ] && [ "${FUNCNAME[0]}" = \'_is_sourced\' ]',
      '}',
      '_pg_want_help() {',
      '\tlocal arg',
      '\tfor arg; do',
      '\t\tcase "$arg" in',
      "\t\t\t-'?'|--help) return 0 ;;",
      '\t\tesac',
      '\tdone',
      '\treturn 1',
      '}',
      '_main() {',
      '\tif [ "${1:0:1}" = \'-\' ]; then',
      '\t\tset -- postgres "$@"',
      '\tfi',
      '\tif [ "$1" = \'postgres\' ] && ! _pg_want_help "$@"; then',
      '\t\tif [ "$(id -u)" = \'0\' ]; then',
      '\t\t\texec gosu postgres "$BASH_SOURCE" "$@"',
      '\t\tfi',
      '\tfi',
      '\texec "$@"',
      '}',
      'if ! _is_sourced; then',
      '\t_main "$@"',
      'fi',
    ];
    const found = followed(lines, { cmd: ['postgres'] });
    expect(found).toContain('wrapped likely gosu postgres /entry.sh postgres');
    expect(found).toContain('wrapped likely postgres');
  });

  test('nginx: a loop over scripts, then exec "$@"', () => {
    const lines = [
      SH,
      'set -e',
      'entrypoint_log() {',
      '    if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then echo "$@"; fi',
      '}',
      'if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then',
      '    if /usr/bin/find "/docker-entrypoint.d/" -mindepth 1 -print -quit 2>/dev/null | read v; then',
      '        find "/docker-entrypoint.d/" -follow -type f -print | sort -V | while read -r f; do',
      '            case "$f" in',
      '                *.envsh) . "$f" ;;',
      '                *.sh) "$f" ;;',
      '            esac',
      '        done',
      '    fi',
      'fi',
      'exec "$@"',
    ];
    expect(followed(lines, { cmd: ['nginx', '-g', 'daemon off;'] }).at(-1)).toBe(
      'wrapped certain nginx -g daemon off;',
    );
  });
});
