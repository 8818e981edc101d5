import { describe, expect, test } from 'vitest';
import { reach, type CodeObject, type ReachedSite } from '../../src/syscalls/reach.js';
import type { CodeNode, CodeSummary } from '../../src/syscalls/summary.js';

const node = (more: Partial<CodeNode> = {}): CodeNode => ({
  name: null,
  sites: [],
  calls: [],
  taken: [],
  imports: [],
  checksEnosys: false,
  ...more,
});
const site = (number: number) => [{ offset: number, number }];

function object(path: string, nodes: readonly CodeNode[], more: Partial<CodeSummary> = {}): CodeObject {
  const rest = {
    machine: 'x86_64',
    exports: {},
    entry: null,
    constructors: [],
    everything: false,
    codeBytes: 0,
  } as const;
  return { path, role: 'other', summary: { ...rest, nodes, ...more } };
}

const ways = (sites: readonly ReachedSite[]): readonly string[] =>
  sites.map(({ number, way }) => `${String(number)} ${way}`);

describe('what is reached', () => {
  test('a name is bound to the first object that defines it', () => {
    const program = object('/p', [node({ imports: ['f'] })], { entry: 0 });
    const first = object('/1', [node({ sites: site(1) })], { exports: { f: 0 } });
    const second = object('/2', [node({ sites: site(2) })], { exports: { f: 0 } });
    expect(ways(reach([program, first, second], [program]).sites)).toEqual(['1 called']);
  });

  test('what nobody leads to is not', () => {
    const program = object('/p', [node(), node({ sites: site(1) })], { entry: 0 });
    expect(reach([program], [program]).sites).toEqual([]);
  });

  test('constructors of every object are', () => {
    const program = object('/p', [node()], { entry: 0 });
    const library = object('/l', [node({ sites: site(1) })], { constructors: [0] });
    expect(ways(reach([program, library], [program]).sites)).toEqual(['1 called']);
  });

  test('the entry point of a library that is only mapped is not', () => {
    const program = object('/p', [node()], { entry: 0 });
    const library = object('/l', [node({ sites: site(1) })], { entry: 0 });
    expect(reach([program, library], [program]).sites).toEqual([]);
  });

  test('everything in a Go program is', () => {
    const program = object('/p', [node(), node({ sites: site(1) })], { entry: 0, everything: true });
    expect(ways(reach([program], [program]).sites)).toEqual(['1 guarded']);
  });
});

describe('how it is reached', () => {
  test('main, whose address the entry point takes, counts as called', () => {
    const program = object('/p', [node({ taken: [1] }), node({ sites: site(1) })], { entry: 0 });
    expect(ways(reach([program], [program]).sites)).toEqual(['1 called']);
  });

  test('what is behind a pointer does not', () => {
    const nodes = [node({ calls: [1] }), node({ taken: [2] }), node({ sites: site(1) })];
    const program = object('/p', nodes, { entry: 0 });
    expect(ways(reach([program], [program]).sites)).toEqual(['1 taken']);
  });

  test('what is called by a function that tests for ENOSYS is guarded', () => {
    const nodes = [
      node({ calls: [1], checksEnosys: true }),
      node({ sites: site(1), calls: [2] }),
      node({ sites: site(2) }),
    ];
    const program = object('/p', nodes, { entry: 0 });
    expect(ways(reach([program], [program]).sites)).toEqual(['1 guarded', '2 called']);
  });

  test('what the C library does for itself is guarded, what is asked for by name is not', () => {
    const program = object('/p', [node({ imports: ['f'] })], { entry: 0 });
    const nodes = [node({ sites: site(1), calls: [1] }), node({ sites: site(2) })];
    const library: CodeObject = { ...object('/l', nodes, { exports: { f: 0 } }), role: 'library' };
    expect(ways(reach([program, library], [program]).sites)).toEqual(['1 called', '2 guarded']);
  });

  test('one way without a test outweighs one with it', () => {
    const nodes = [node({ calls: [1, 2] }), node({ calls: [2], checksEnosys: true }), node({ sites: site(1) })];
    const program = object('/p', nodes, { entry: 0 });
    expect(ways(reach([program], [program]).sites)).toEqual(['1 called']);
  });
});
