import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './support/work.js';
import { PACKAGES } from './syscalls.programs.js';

/** A Debian root file system with the programs, made once and kept. */
export function tracedRoot(): string {
  const root = join(workFolder('syscalls'), 'bookworm');
  if (existsSync(root)) return root;
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const made = spawnSync('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, 'bookworm', partial], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 ** 2,
  });
  if (made.status !== 0) throw new Error(`debootstrap ended with ${String(made.status)}: ${made.stderr}`);
  renameSync(partial, root);
  return root;
}

const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' };

/** Runs a script in the root; gives the calls that each program made, by the path that was executed. */
export function traceScript(root: string, script: string): ReadonlyMap<string, ReadonlySet<string>> {
  const logs = mkdtempSync(join(workFolder('syscalls'), 'trace-'));
  mkdirSync(join(root, 'tmp'), { recursive: true });
  writeFileSync(join(root, 'tmp/workload.sh'), `mount -t proc proc /proc\n${script}\n`);
  const strace = ['strace', '-ff', '-qq', '-o', join(logs, 'of'), 'chroot', root, 'bash', '/tmp/workload.sh'];
  spawnSync('timeout', ['90', 'unshare', '--mount', ...strace], { env: ENVIRONMENT, stdio: 'ignore' });
  const calls = readLogs(logs);
  rmSync(logs, { recursive: true });
  return calls;
}

/** One log a process; a child has the program of its parent until it executes another. */
function readLogs(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const numbers = readdirSync(folder)
    .map((name) => Number(name.split('.').at(-1)))
    .sort((left, right) => left - right);
  const programOf = new Map<number, string>();
  const calls = new Map<string, Set<string>>();
  for (const number of numbers) {
    let program = programOf.get(number) ?? '';
    for (const line of readFileSync(join(folder, `of.${number}`), 'utf8').split('\n')) {
      const name = /^(\w+)\(/.exec(line)?.[1];
      if (name === undefined) continue;
      if (program !== '') calls.set(program, (calls.get(program) ?? new Set()).add(name));
      program = executed(line) ?? program;
      const child = /^(?:clone|clone3|fork|vfork)\(.* = (\d+)$/.exec(line)?.[1];
      if (child !== undefined) programOf.set(Number(child), program);
    }
  }
  return calls;
}

/** Program that a line says was executed; what chroot itself does counts for none. */
function executed(line: string): string | null {
  const path = /^execve\("([^"]+)".* = 0$/.exec(line)?.[1];
  if (path === undefined) return null;
  return path.endsWith('/chroot') ? '' : path;
}
