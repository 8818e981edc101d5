import { readFileSync } from 'node:fs';
import type { HostIo } from '../../src/host/detect/io.js';

/** What a machine answered, as `test/host/recorded/<name>.json` holds it. */
export interface RecordedHost {
  readonly about: string;
  readonly platform: string;
  readonly machine: string;
  readonly release: string;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** By the command line; PowerShell, whose script is long, by its name alone. */
  readonly commands: Readonly<Record<string, { readonly stdout: string; readonly code: number }>>;
}

export function readRecorded(name: string): RecordedHost {
  const url = new URL(`../host/recorded/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as RecordedHost;
}

/** Answers from a recording; what it does not hold is not there. */
export function recordedIo(recorded: Partial<RecordedHost>): HostIo {
  const commands = recorded.commands ?? {};
  return {
    platform: recorded.platform ?? 'linux',
    machine: recorded.machine ?? 'x86_64',
    release: recorded.release ?? '6.12.0',
    date: '2026-11-24',
    env: recorded.env ?? {},
    readFile: (path) => recorded.files?.[path] ?? null,
    list: (directory) => recorded.lists?.[directory] ?? null,
    run: (command, args) => Promise.resolve(commands[[command, ...args].join(' ')] ?? commands[command] ?? null),
  };
}
