/** The worst images in a process of their own: time, memory and exit code. Needs `npm run build`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { largeCases, writeCase } from './hostile.images.js';
import { workFolder } from './support/work.js';

const PROGRAM = process.env['XOSCHECK_BIN'] ?? fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const folder = workFolder('hostile');
/** Bars of the contract with hostile images. */
const MAX_SECONDS = 30;
const MAX_MIB = 600;

/** Writes the peak of the resident memory to descriptor 3 at the end; ru_maxrss would be that of the process before exec. */
const MEASURE = `data:text/javascript,${encodeURIComponent("import {readFileSync, writeSync} from 'node:fs'; process.on('exit', () => writeSync(3, /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''));")}`;

interface Measured {
  readonly exit: number | null;
  readonly seconds: number;
  readonly mib: number;
  readonly stderr: string;
}

const rows: string[] = [];

function run(name: string, args: readonly string[], stdin: number | 'ignore' = 'ignore'): Measured {
  const started = performance.now();
  const child = spawnSync(
    process.execPath,
    ['--import', MEASURE, PROGRAM, ...args, '--host', 'linux-amd64', '--format', 'json', '--quiet'],
    {
      stdio: [stdin, 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, XOSCHECK_NO_CACHE: 'true' },
      maxBuffer: 1024 ** 3,
      timeout: 4 * MAX_SECONDS * 1000,
    },
  );
  const seconds = (performance.now() - started) / 1000;
  const mib = Number(child.output[3]?.toString() ?? 0) / 1024;
  rows.push(
    `${name.padEnd(36)} exit ${String(child.status).padStart(4)} ${seconds.toFixed(1).padStart(7)} s ${mib.toFixed(0).padStart(6)} MiB`,
  );
  return { exit: child.status, seconds, mib, stderr: child.stderr.toString() };
}

/** Time is printed, not asserted: a run that hangs is ended by the time-out of `run` and has no exit code. */
function holds({ exit, mib, stderr }: Measured, exits: readonly number[]): void {
  expect(exits, stderr.slice(0, 500)).toContain(exit);
  expect(mib).toBeLessThan(MAX_MIB);
}

afterAll(() => {
  console.log(['', ...rows.toSorted(), ''].join('\n'));
});

describe('a large hostile image ends in time, within memory, with the right exit code', () => {
  test.each(largeCases)('$name', (item) => {
    const path = writeCase(item, folder);
    try {
      holds(run(item.name, ['check', path]), item.exits);
    } finally {
      rmSync(path);
    }
  });
});

describe('a path that is no image ends at once', () => {
  test('a FIFO that nobody writes to', () => {
    const path = join(folder, 'fifo');
    rmSync(path, { force: true });
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    holds(run('a FIFO', ['check', path]), [4]);
  });

  test('an empty directory', () => {
    const path = join(folder, 'empty');
    mkdirSync(path, { recursive: true });
    holds(run('an empty directory', ['check', path]), [0, 1, 3, 4]);
  });

  test('an unreadable file, where permissions hold for this user', () => {
    const path = join(folder, 'unreadable');
    writeFileSync(path, 'x');
    chmodSync(path, 0);
    holds(run('an unreadable file', ['check', path]), [4]);
  });

  test('zeros without end on stdin', () => {
    holds(run('/dev/zero on stdin', ['check', '-'], openSync('/dev/zero', 'r')), [4]);
  });

  test('noise without end on stdin', () => {
    holds(run('/dev/urandom on stdin', ['check', '-'], openSync('/dev/urandom', 'r')), [4]);
  });
});
