import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A command line for `sh -c`, and how it is named in the table. */
export interface Command {
  readonly name: string;
  readonly line: string;
  /** Run before each round and not measured. */
  readonly before?: string;
}

/** Medians of the rounds: seconds, seconds, bytes. */
export interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly peak: number;
}

/** Runs the commands in turn, one round after another, after one round that only warms the page cache. */
export function measure(commands: readonly Command[], rounds: number, work: string): readonly Measured[] {
  for (const command of commands) runOnce(command, work);
  const results = commands.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    commands.forEach((command, index) => results[index]?.push(runOnce(command, work)));
  }
  return results.map((runs) => ({
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    peak: median(runs.map(({ peak }) => peak)),
  }));
}

/** Exit codes that say that a command did its work: 0, and those of an image that does not run here. */
const WORKED = new Set([0, 1, 3]);

function runOnce({ name, line, before }: Command, work: string): Measured {
  if (before !== undefined) spawnSync('sh', ['-c', before], { stdio: 'ignore' });
  const log = join(work, 'time.txt');
  rmSync(log, { force: true });
  const started = process.hrtime.bigint();
  const { status } = spawnSync('time', ['-q', '-o', log, '-f', '%U %S %M', 'sh', '-c', line], { stdio: 'ignore' });
  const wall = Number(process.hrtime.bigint() - started) / 1e9;
  if (status === null || !WORKED.has(status)) throw new Error(`${name} ended with ${status}: ${line}`);
  const [user = 0, system = 0, kilobytes = 0] = readFileSync(log, 'utf8').trim().split(' ').map(Number);
  return { wall, cpu: user + system, peak: kilobytes * 1024 };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}
