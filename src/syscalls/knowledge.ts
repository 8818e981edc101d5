import type { Result } from '../model/result.js';
import { err, ok } from '../model/result.js';
import type { CodeMachine } from './image.js';

/** File of `rules/knowledge/` that {@link parseSystemCalls} reads. */
export const SYSTEM_CALLS_FILE = 'syscalls.json';

/** One system call on one machine. */
export interface KnownCall {
  readonly name: string;
  readonly number: number;
  /** null: a number that is kept free. */
  readonly since: string | null;
}

/** A call that the C library or its loader makes on behalf of some functions only. */
export interface Guard {
  readonly call: string;
  readonly in: 'library' | 'loader';
  /** Names; one with `*` at its end stands for all that begin so. */
  readonly for: readonly string[];
}

export interface SystemCallKnowledge {
  readonly calls: Readonly<Record<CodeMachine, ReadonlyMap<number, KnownCall>>>;
  readonly guards: readonly Guard[];
  /** Kernel that a release of a runtime asks for: `Go 1.24` → `3.2`. */
  readonly runtimes: ReadonlyMap<string, string>;
}

type Row = Readonly<Record<string, unknown>>;

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rows(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.filter(isRow) : [];
}

/** Reads `syscalls.json`; the error says what it lacks. */
export function parseSystemCalls(text: string): Result<SystemCallKnowledge, string> {
  const parsed: unknown = JSON.parse(text);
  if (!isRow(parsed)) return err('is no object');
  const calls = rows(parsed['calls']);
  if (calls.length === 0) return err('has no list `calls`');
  return ok({
    calls: { x86_64: callsOf(calls, 'x86_64'), aarch64: callsOf(calls, 'aarch64') },
    guards: rows(parsed['guards']).flatMap(guardOf),
    runtimes: new Map(rows(parsed['runtimes']).flatMap(runtimeOf)),
  });
}

function callsOf(calls: readonly Row[], machine: CodeMachine): ReadonlyMap<number, KnownCall> {
  return new Map(
    calls.flatMap((row): readonly (readonly [number, KnownCall])[] => {
      const { name, since } = row;
      const number = row[machine];
      if (typeof name !== 'string' || typeof number !== 'number') return [];
      const first = isRow(since) ? since[machine] : since;
      return [[number, { name, number, since: typeof first === 'string' ? first : null }]];
    }),
  );
}

function guardOf(row: Row): readonly Guard[] {
  const { call } = row;
  const functions = row['for'];
  if (typeof call !== 'string' || !Array.isArray(functions)) return [];
  const names = functions.filter((name): name is string => typeof name === 'string');
  return [{ call, in: row['in'] === 'loader' ? 'loader' : 'library', for: names }];
}

function runtimeOf(row: Row): readonly (readonly [string, string])[] {
  const { runtime, version, kernel } = row;
  if (typeof runtime !== 'string' || typeof version !== 'string' || typeof kernel !== 'string') return [];
  return [[`${runtime} ${version}`, kernel]];
}
