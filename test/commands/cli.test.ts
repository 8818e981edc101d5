import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program as a user does. */
function xoscheck(
  args: readonly string[],
  options: { readonly input?: Buffer; readonly env?: NodeJS.ProcessEnv } = {},
): Run {
  const env = { ...process.env, CI: '1', NO_COLOR: '1', ...options.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/run.js', ...args], {
    cwd: ROOT,
    env,
    input: options.input ?? Buffer.alloc(0),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout, err: stderr };
}

const HELLO = 'fixtures/images/hello-amd64.tar';
const CRLF = 'fixtures/images/crlf-entrypoint.tar';
const FOREIGN = 'fixtures/images/hello-arm64.tar';

describe('exit codes', () => {
  test('0 where the image runs, and nothing on stderr', () => {
    const { code, out, err } = xoscheck([HELLO, '--host', 'linux-amd64']);
    expect(code).toBe(0);
    expect(out).toContain('Runs natively');
    expect(err).toBe('');
  });

  test('1 where no route works', () => {
    const { code, out } = xoscheck([CRLF, '--host', 'linux-amd64']);
    expect(code).toBe(1);
    expect(out).toContain('/bin/sh\\r');
    expect(out).toContain('from layer 2 of 2: COPY entrypoint.sh /entrypoint.sh');
  });

  test.each([
    ['never', 0],
    ['blocked', 0],
    ['not-ready', 1],
    ['vm', 1],
    ['emulation', 1],
    ['warning', 1],
  ])('an emulator that is not registered, --fail-on %s: %i', (level, expected) => {
    expect(xoscheck([FOREIGN, '--host', 'linux-amd64', '--fail-on', level]).code).toBe(expected);
  });

  test.each([
    ['emulation', 1],
    ['vm', 0],
    ['not-ready', 0],
  ])('an emulator that is there, --fail-on %s: %i', (level, expected) => {
    expect(xoscheck([FOREIGN, '--host', 'docker-desktop-windows-wsl2', '--fail-on', level]).code).toBe(expected);
  });

  test.each([
    ['an unknown flag', [HELLO, '--no-such-flag']],
    ['an unknown host', [HELLO, '--host', 'no-such-host']],
    ['an unknown format', [HELLO, '--format', 'yaml']],
    ['an unknown level', [HELLO, '--fail-on', 'sometimes']],
    ['no image', ['check']],
    ['a platform that is none', [HELLO, '--platform', 'linux']],
    ['an unknown rule', ['rules', 'no-such-rule']],
    ['an unknown path', ['inspect', HELLO, '/no/such/file']],
    ['an output folder that is not there', [HELLO, '--output', '/no/such/folder/report']],
  ])('2 for %s, without a stack trace', (_, args) => {
    const { code, out, err } = xoscheck(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toMatch(/^\s+at /m);
    expect(err.length).toBeGreaterThan(10);
  });

  test.each([
    ['a file that is not there', ['no-such-file.tar'], undefined],
    ['a file that is no image', ['README.md'], undefined],
    ['a device', ['/dev/zero'], undefined],
    ['standard input that is no image', ['-'], Buffer.from('not an image at all')],
    ['a platform that the image does not have', [HELLO, '--platform', 'linux/s390x'], undefined],
  ])('4 for %s, with what to do', (_, args, input) => {
    const { code, err } = xoscheck(args, input === undefined ? {} : { input });
    expect(code).toBe(4);
    expect(err).not.toMatch(/^\s+at /m);
    expect(err).toMatch(/Try this|suggest/i);
  });

  test('a truncated archive is reported with its offset and never passes', () => {
    const whole = readFileSync(`${ROOT}${HELLO}`);
    const { code, out, err } = xoscheck(['-', '--host', 'linux-amd64'], { input: whole.subarray(0, 2500) });
    expect([1, 3, 4]).toContain(code);
    expect(out + err).toMatch(/offset \d+/);
  });
});

describe('streams', () => {
  test('the same image through a pipe gives the same verdict', () => {
    const piped = xoscheck(['-', '--host', 'linux-amd64', '--json'], { input: readFileSync(`${ROOT}${CRLF}`) });
    const read = xoscheck([CRLF, '--host', 'linux-amd64', '--format', 'json']);
    const verdict = (run: Run): unknown =>
      (JSON.parse(run.out) as { results: { verdict: unknown }[] }).results[0]?.verdict;
    expect(verdict(piped)).toEqual(verdict(read));
    expect(piped.code).toBe(read.code);
  });

  test('no colour and no spinner in a pipe, colour where it is forced', () => {
    expect(xoscheck([HELLO, '--host', 'linux-amd64']).out).not.toContain('\x1b');
    const forced = xoscheck([HELLO, '--host', 'linux-amd64'], { env: { FORCE_COLOR: '1' } });
    expect(forced.out).toContain('\x1b[');
    expect(forced.err).toBe('');
  });

  test('a flag may come from the environment, and the command line wins', () => {
    expect(xoscheck([FOREIGN, '--host', 'linux-amd64'], { env: { XOSCHECK_FAIL_ON: 'never' } }).code).toBe(0);
    const both = xoscheck([FOREIGN, '--host', 'linux-amd64', '--fail-on', 'warning'], {
      env: { XOSCHECK_FAIL_ON: 'never' },
    });
    expect(both.code).toBe(1);
  });
});

describe('other commands', () => {
  test('host writes a profile that --host reads back', () => {
    const { code, out } = xoscheck(['host', '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ os: process.platform === 'win32' ? 'windows' : process.platform });
  });

  test('hosts lists the built-in profiles', () => {
    const { out } = xoscheck(['hosts']);
    for (const id of ['linux-amd64', 'linux-arm64', 'windows-server-2022', 'wsl1', 'gvisor']) expect(out).toContain(id);
  });

  test('requires names the machine', () => {
    expect(xoscheck(['requires', FOREIGN]).out).toContain('aarch64');
  });

  test('inspect shows a file with the view of the other library beside ours', () => {
    const { out } = xoscheck(['inspect', HELLO, '/bin/sh']);
    expect(out).toContain('x86_64');
    expect(out).toContain('elfy');
  });

  test('schema is JSON', () => {
    expect(JSON.parse(xoscheck(['schema']).out)).toMatchObject({ title: 'Report of xoscheck' });
  });

  test('--version names the package and --help the main job', () => {
    expect(xoscheck(['--version']).out).toMatch(/^xoscheck\/\d+\.\d+\.\d+ /);
    expect(xoscheck(['--help']).out).toContain('check');
  });
});
