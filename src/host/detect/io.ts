/** What probes may ask of the machine. Tests answer from recorded data, `system-io.ts` from the real machine. */
export interface HostIo {
  /** `process.platform`: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** As `uname -m` says it: `x86_64`, `armv7l`, `arm64`. */
  readonly machine: string;
  /** As `uname -r` says it. */
  readonly release: string;
  /** Today, `2026-11-24`. */
  readonly date: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file, the start of it where it is long; inflated where the name ends in `.gz`; null where it cannot be read. */
  readFile(path: string): string | null;
  /** Names in a directory; null where it cannot be read. */
  list(directory: string): readonly string[] | null;
  /** What a program prints; null where there is no such program or it did not end in time. */
  run(command: string, args: readonly string[], timeoutMs: number): Promise<RunResult | null>;
}

export interface RunResult {
  readonly stdout: string;
  readonly code: number;
}

/** Time that a program gets which only asks the kernel or the registry. */
export const QUICK_MS = 2000;

/** Trimmed text of a file of one line; null where it cannot be read. */
export function readLine(io: HostIo, path: string): string | null {
  return io.readFile(path)?.trim() ?? null;
}

/** Whether a path is in its directory; undefined where the directory cannot be read. */
export function isThere(io: HostIo, path: string, separator: '/' | '\\' = '/'): boolean | undefined {
  const at = path.lastIndexOf(separator);
  return io.list(path.slice(0, at) || separator)?.includes(path.slice(at + 1));
}

/** What a program prints when it ends well; null otherwise. */
export async function output(io: HostIo, command: string, ...args: readonly string[]): Promise<string | null> {
  const result = await io.run(command, args, QUICK_MS);
  return result?.code === 0 ? result.stdout.trim() : null;
}

/** A text as JSON; undefined where it is none. */
export function parseJson(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
