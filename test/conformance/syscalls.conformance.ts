import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemCallKnowledge } from '../../src/app/kernel-needs.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { memoryView } from '../../src/model/view.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { reachProgram } from '../../src/syscalls/kernel-needs.js';
import type { CodeObject } from '../../src/syscalls/reach.js';
import { summariseCode, type CodeSummary } from '../../src/syscalls/summary.js';
import { readRoot } from './resolve.rootfs.js';
import { PROGRAMS, SERVERS, type Workload } from './syscalls.programs.js';
import { traceScript, tracedRoot } from './syscalls.trace.js';

/**
 * The system calls that strace sees programs make, against those that their code may make. Needs root, debootstrap,
 * strace. Recall: the part of the calls seen that is in the static set; precision: the part of the set that was seen.
 */
interface Row {
  readonly program: string;
  readonly seen: number;
  readonly found: number;
  readonly common: number;
  readonly missing: readonly string[];
}

const knowledge = systemCallKnowledge();
const summaries = new Map<string, CodeSummary>();
const rows: Row[] = [];
let root = '';
let rootfs: Rootfs;
let codeBytes = 0;
let codeMs = 0;
let reachMs = 0;

beforeAll(async () => {
  root = tracedRoot();
  rootfs = await readRoot(root);
});

function summaryOf(path: string): CodeSummary {
  const known = summaries.get(path);
  if (known !== undefined) return known;
  const bytes = new Uint8Array(readFileSync(join(root, path)));
  const started = performance.now();
  const code = summariseCode(memoryView(bytes));
  codeMs += performance.now() - started;
  if (!code.ok) throw new Error(`${path}: ${code.error.kind}`);
  codeBytes += code.value.codeBytes;
  summaries.set(path, code.value);
  return code.value;
}

function objectsOf(path: string): readonly CodeObject[] {
  const found = rootfs.lookup(path);
  if (!found.found || found.entry.content?.kind !== 'binary') throw new Error(`${path} is no program`);
  const { binary } = found.entry.content;
  const interpreter = binary.format === 'elf' ? binary.interpreter : null;
  const loader = interpreter === null ? null : rootfs.lookup(interpreter);
  const closure = resolveClosure(found.entry, {
    rootfs,
    environment: {},
    workingDir: '/',
    secure: false,
    interpreter: interpreter !== null && loader?.found === true ? { path: interpreter, entry: loader.entry } : null,
  });
  const loaderPath = loader?.found === true ? loader.realPath : null;
  const paths = [...closure.objects.map(({ realPath }) => realPath), ...(loaderPath === null ? [] : [loaderPath])];
  return [...new Set(paths)].map((object) => {
    const isLibrary = /\/(?:libc|libpthread|librt|libdl|libresolv|libutil|libm)[-.]/.test(object);
    const role =
      object === found.realPath ? 'program' : object === loaderPath ? 'loader' : isLibrary ? 'library' : 'other';
    return { path: object, summary: summaryOf(object), role };
  });
}

function staticCalls(path: string): ReadonlySet<string> {
  const program = { path, objects: objectsOf(path), missing: [] };
  const started = performance.now();
  const { sites } = reachProgram(program, 'x86_64', knowledge);
  reachMs += performance.now() - started;
  return new Set(
    sites.flatMap(({ number }) => (number === null ? [] : (knowledge.calls.x86_64.get(number)?.name ?? []))),
  );
}

function compare({ program, script }: Workload): Row {
  const traced = [...traceScript(root, script)].filter(([path]) => {
    return [basename(path), basename(realPath(path))].includes(program);
  });
  const seen = new Set(traced.flatMap(([, calls]) => [...calls]));
  const path = traced[0]?.[0];
  if (path === undefined) throw new Error(`${program} was not executed`);
  const found = staticCalls(path);
  const missing = [...seen].filter((name) => !found.has(name));
  return { program, seen: seen.size, found: found.size, common: seen.size - missing.length, missing };
}

function realPath(path: string): string {
  const found = rootfs.lookup(path);
  return found.found ? found.realPath : path;
}

describe('every call seen is in the static set', () => {
  test.each([...PROGRAMS, ...SERVERS])('$program', (workload) => {
    const row = compare(workload);
    rows.push(row);
    expect(row.seen).toBeGreaterThan(8);
    expect(row.missing).toEqual([]);
  });
});

test('at least 99.5 % over all programs', () => {
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  const common = rows.reduce((sum, row) => sum + row.common, 0);
  expect(rows.length).toBe(PROGRAMS.length + SERVERS.length);
  expect(common / seen).toBeGreaterThanOrEqual(0.995);
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

afterAll(() => {
  const line = ({ program, seen, found, common, missing }: Row): string => {
    const precision = common / found;
    const recall = common / seen;
    const f1 = (2 * precision * recall) / (precision + recall);
    const numbers = [seen, found, precision.toFixed(2), recall.toFixed(3), f1.toFixed(2)];
    return `| ${program} | ${numbers.join(' | ')} | ${missing.join(' ')} |`;
  };
  const sizes = rows.map(({ found }) => found).sort((left, right) => left - right);
  const text = [
    '| program | seen | static | precision | recall | F1 | missing |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(line),
    `${rows.length} programs: mean ${mean(sizes).toFixed(1)}, median ${String(sizes[sizes.length >> 1])} calls`,
    `${summaries.size} files, ${(codeBytes / 1e6).toFixed(1)} MB of code in ${codeMs.toFixed(0)} ms; ${(reachMs / rows.length).toFixed(1)} ms a program`,
  ];
  console.log(text.join('\n'));
});
