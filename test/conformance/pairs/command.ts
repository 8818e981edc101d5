import { spawnSync } from 'node:child_process';

/** Enough for a listing of any package. */
const MAX_OUTPUT = 64 * 1024 * 1024;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a tool of the machine and returns what it prints; one that fails is an error with its last words. */
export function run(tool: string, args: readonly string[], options: RunOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    ...options,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...options.env },
  });
  if (error !== undefined) throw new Error(`${tool}: ${error.message}`, { cause: error });
  if (status === 0) return stdout;
  throw new Error(`${tool} ${args.join(' ')} exits with ${String(status)}: ${stderr.slice(-2000)}`);
}
