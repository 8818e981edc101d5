import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kernelNeeds, type CodeProgram } from '../../src/syscalls/kernel-needs.js';
import { parseSystemCalls } from '../../src/syscalls/knowledge.js';
import type { CodeObject } from '../../src/syscalls/reach.js';
import type { CodeNode } from '../../src/syscalls/summary.js';

const parsed = parseSystemCalls(readFileSync(new URL('../../rules/knowledge/syscalls.json', import.meta.url), 'utf8'));
if (!parsed.ok) throw new Error(parsed.error);
const knowledge = parsed.value;

/** Numbers of x86-64 (Linux, arch/x86/entry/syscalls/syscall_64.tbl). */
const READ = 0;
const STATX = 332;
const PIDFD_OPEN = 434;
const CLONE3 = 435;
const BIND = 49;

const node = (more: Partial<CodeNode> = {}): CodeNode => ({
  name: null,
  sites: [],
  calls: [],
  taken: [],
  imports: [],
  checksEnosys: false,
  ...more,
});

function object(
  role: CodeObject['role'],
  nodes: readonly CodeNode[],
  exports: Readonly<Record<string, number>> = {},
): CodeObject {
  const entry = role === 'program' ? 0 : null;
  const rest = { machine: 'x86_64', constructors: [], everything: false, codeBytes: 0 } as const;
  return { path: `/${role}`, role, summary: { ...rest, nodes, exports, entry } };
}

const site = (number: number | null, offset = 16) => [{ offset, number }];
const program = (...objects: readonly CodeObject[]): CodeProgram => ({ path: '/program', objects, missing: [] });
const needsOf = (...objects: readonly CodeObject[]) => kernelNeeds([program(...objects)], [], knowledge);

describe('the oldest kernel', () => {
  test('is that of the newest call that is needed, with its place', () => {
    const nodes = [node({ calls: [1], sites: site(READ) }), node({ name: 'f', sites: site(PIDFD_OPEN, 99) })];
    expect(needsOf(object('program', nodes, { main: 0 }))).toMatchObject({
      minimum: '5.3',
      setBy: { kind: 'system-call', name: 'pidfd_open', path: '/program', offset: 99 },
      complete: true,
    });
  });

  test('is not set by a call with something to fall back on', () => {
    const nodes = [node({ calls: [1] }), node({ sites: site(CLONE3), checksEnosys: true })];
    const needs = needsOf(object('program', nodes, { main: 0 }));
    expect(needs?.minimum).toBeNull();
    expect(needs?.systemCalls).toMatchObject([{ name: 'clone3', use: 'fallback', since: '5.3' }]);
  });

  test('is not set by what only a pointer leads to', () => {
    const nodes = [node({ calls: [1] }), node({ taken: [2] }), node({ sites: site(STATX) })];
    expect(needsOf(object('program', nodes, { main: 0 }))?.systemCalls).toMatchObject([
      { name: 'statx', use: 'unknown' },
    ]);
  });

  test('is not set by what the C library does for itself', () => {
    const library = object('library', [node({ calls: [1] }), node({ sites: site(CLONE3) })], { pthread_create: 0 });
    const needs = needsOf(object('program', [node({ imports: ['pthread_create'] })], { main: 0 }), library);
    expect(needs?.systemCalls).toMatchObject([{ name: 'clone3', use: 'fallback' }]);
  });

  test('is that of a floor where no call asks for more', () => {
    const floor = { kind: 'abi-note', name: 'glibc', version: '3.2.0', path: '/libc.so.6', offset: null } as const;
    const needs = kernelNeeds([program(object('program', [node({ sites: site(READ) })]))], [floor], knowledge);
    expect(needs).toMatchObject({ minimum: '3.2.0', setBy: floor });
  });
});

describe('what the C library does on behalf of others', () => {
  const library = object('library', [node({ calls: [1] }), node({ sites: site(BIND) })], {
    getpwnam: 0,
    getaddrinfo: 0,
  });

  test('is left out where nobody asks for them', () => {
    expect(needsOf(object('program', [node({ imports: ['getpwnam'] })], { main: 0 }), library)?.systemCalls).toEqual(
      [],
    );
  });

  test('is there where one is asked for', () => {
    const asking = object('program', [node({ imports: ['getpwnam', 'getaddrinfo'] })], { main: 0 });
    expect(needsOf(asking, library)?.systemCalls).toMatchObject([{ name: 'bind' }]);
  });

  test('is there where a program can ask for anything by name', () => {
    const asking = object('program', [node({ imports: ['getpwnam', 'dlsym'] })], { main: 0 });
    const needs = needsOf(asking, library);
    expect(needs?.systemCalls).toMatchObject([{ name: 'bind' }]);
    expect(needs?.complete).toBe(false);
  });
});

test('a number that cannot be followed is said, with its place', () => {
  const needs = needsOf(object('program', [node({ name: 'f', sites: site(null, 4660) })]));
  expect(needs?.complete).toBe(false);
  expect(needs?.notFollowed[0]?.text).toContain('offset 4660 in f');
});

test('without code there is no answer', () => {
  expect(kernelNeeds([], [], knowledge)).toBeNull();
});
