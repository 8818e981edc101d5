import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unreadableLayer } from '../../src/image/layer.js';
import { MAX_SYMLINKS } from '../../src/image/lookup.js';
import { mergeLayers } from '../../src/image/merge.js';
import { layerFacts, rootfs } from '../support/rootfs-builder.js';

const tree = rootfs({
  '/bin': 'usr/bin',
  '/usr/bin/sh': 'dash',
  '/usr/bin/dash': {},
  '/etc/alternatives/awk': '/usr/bin/mawk',
  '/usr/bin/awk': '/etc/alternatives/awk',
  '/loop/a': 'b',
  '/loop/b': 'a',
  '/self': '.',
  '/up': '../../../../usr',
  '/empty': '',
  '/slash': 'usr/bin/dash/',
});

describe('found', () => {
  test.each([
    ['/bin/sh', '/usr/bin/dash', ['/bin', '/usr/bin/sh']],
    ['bin//./sh', '/usr/bin/dash', ['/bin', '/usr/bin/sh']],
    ['/bin/', '/usr/bin', ['/bin']],
    ['/usr/../usr/bin/../../bin', '/usr/bin', ['/bin']],
    ['/../..', '/', []],
    ['/up/bin', '/usr/bin', ['/up']],
    ['/self/self/usr', '/usr', ['/self', '/self']],
    ['/', '/', []],
    ['.', '/', []],
  ])('%s is %s', (path, realPath, links) => {
    const found = tree.lookup(path);
    expect(found).toMatchObject({ found: true, realPath, entry: { path: realPath } });
    expect(found.links.map((link) => link.path)).toEqual(links);
  });

  test('the last link is not followed where that is asked, but one with a slash behind it is', () => {
    expect(tree.lookup('/bin/sh', { followLast: false })).toMatchObject({ realPath: '/usr/bin/sh' });
    expect(tree.lookup('/bin/', { followLast: false })).toMatchObject({ realPath: '/usr/bin' });
  });

  test('a relative path starts in the working directory, whose links are followed', () => {
    expect(tree.lookup('sh', { workingDir: '/bin' })).toMatchObject({ realPath: '/usr/bin/dash' });
    expect(tree.lookup('../bin/sh', { workingDir: 'bin' })).toMatchObject({ realPath: '/usr/bin/dash' });
    expect(tree.lookup('/bin/sh', { workingDir: '/none' })).toMatchObject({ realPath: '/usr/bin/dash' });
  });

  test('directories that were searched come in order, the root first', () => {
    const found = tree.lookup('/bin/sh');
    expect(found.found && found.directories.map((entry) => entry.path)).toEqual(['/', '/usr', '/usr/bin']);
  });

  test(`${MAX_SYMLINKS} links are followed, one more is a loop`, () => {
    const chain = (length: number): Record<string, string | object> =>
      Object.fromEntries(Array.from({ length }, (_, index) => [`/l${index}`, index === 0 ? 'end' : `l${index - 1}`]));
    const links = rootfs({ ...chain(50), '/end': {} });
    expect(links.lookup(`/l${MAX_SYMLINKS - 1}`)).toMatchObject({ found: true, realPath: '/end' });
    expect(links.lookup(`/l${MAX_SYMLINKS}`)).toMatchObject({ found: false, reason: 'loop' });
  });
});

describe('not found', () => {
  test.each([
    ['/none', 'absent', '/none'],
    ['/none/..', 'absent', '/none'],
    ['/bin/bash', 'absent', '/usr/bin/bash'],
    ['', 'absent', ''],
    ['/usr/bin/dash/', 'not-a-directory', '/usr/bin/dash'],
    ['/usr/bin/dash/x', 'not-a-directory', '/usr/bin/dash'],
    ['/usr/bin/dash/..', 'not-a-directory', '/usr/bin/dash'],
    ['/slash', 'not-a-directory', '/usr/bin/dash'],
    ['/loop/a', 'loop', '/loop/a'],
    ['/usr/bin/awk', 'dangling-link', '/usr/bin/mawk'],
    ['/empty', 'dangling-link', '/empty'],
  ] as const)('%s is %s at %s', (path, reason, at) => {
    expect(tree.lookup(path)).toMatchObject({ found: false, reason, at, hiddenBy: null });
  });

  test('a whiteout is named where it hid the path or a directory above it', () => {
    const merged = mergeLayers(
      [
        layerFacts({ '/d/e/f': {}, '/x': {}, '/l': '/x' }),
        layerFacts({}, { whiteouts: ['/d', '/x', '/never'] }),
        layerFacts({ '/d/e': null }),
      ],
      { windows: false },
    );
    expect(merged.lookup('/d/e/f')).toMatchObject({ reason: 'absent', at: '/d/e/f', hiddenBy: 1 });
    expect(merged.lookup('/l')).toMatchObject({ reason: 'dangling-link', at: '/x', hiddenBy: 1 });
    expect(merged.lookup('/never')).toMatchObject({ reason: 'absent', hiddenBy: null });
    expect(merged.lookup('/d/e')).toMatchObject({ found: true });
  });

  test('absence is unknown where a layer was not read, unless a whiteout above it hid the path', () => {
    const unread = unreadableLayer({ kind: 'truncated', at: 0, needed: 1, available: 0 });
    const layers = [layerFacts({ '/a': {}, '/l': '/none' }), unread];
    const open = mergeLayers(layers, { windows: false });
    expect(open.lookup('/none')).toMatchObject({ reason: 'unknown' });
    expect(open.lookup('/l')).toMatchObject({ reason: 'unknown' });
    expect(open.lookup('/a')).toMatchObject({ found: true });
    const hidden = mergeLayers([...layers, layerFacts({}, { whiteouts: ['/a'] })], { windows: false });
    expect(hidden.lookup('/a')).toMatchObject({ reason: 'absent', hiddenBy: 2 });
  });
});

test('a lookup always ends', () => {
  const target = fc
    .array(fc.constantFrom('a', 'b', 'c', '..', '.', ''), { maxLength: 5 })
    .map((names) => names.join('/'));
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('/a', '/b', '/c/a', '/c/b', '/c/c'), target),
      target,
      target,
      (links, path, workingDir) => {
        const result = rootfs(links).lookup(path, { workingDir });
        expect(result.links.length).toBeLessThanOrEqual(MAX_SYMLINKS + 1);
        if (result.found) expect(rootfs(links).entry(result.realPath)?.type).not.toBe('symlink');
      },
    ),
    { numRuns: 500 },
  );
});
