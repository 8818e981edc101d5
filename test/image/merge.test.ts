import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unreadableLayer } from '../../src/image/layer.js';
import { mergeLayers, rootfsOf } from '../../src/image/merge.js';
import type { LayerEntry, LayerFacts } from '../../src/model/layer.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { layerEntry, layerFacts, rootfs, textContent } from '../support/rootfs-builder.js';

const linux = { windows: false };

function lines(merged: Rootfs): string[] {
  return [...merged.entries()].map(({ path, type, layer }) => `${path} ${type} ${layer}`);
}

function hardlink(target: string): Partial<LayerEntry> {
  return { type: 'hardlink', linkTarget: target };
}

describe('layers', () => {
  test('an entry of a higher layer replaces the one below and says whose it is', () => {
    const merged = mergeLayers(
      [layerFacts({ '/a': { mode: 0o600 }, '/b': {} }), layerFacts({ '/a': { mode: 0o700 } })],
      linux,
    );
    expect(lines(merged)).toEqual(['/ directory 0', '/a file 1', '/b file 0']);
    expect(merged.entry('/a')?.mode).toBe(0o700);
  });

  test('a whiteout hides what is below, not what its own layer brings', () => {
    const merged = mergeLayers(
      [
        layerFacts({ '/d/a': {}, '/d/b/c': {}, '/e': {} }),
        layerFacts({ '/d/b/new': {} }, { whiteouts: ['/d/b', '/e'] }),
      ],
      linux,
    );
    expect(lines(merged)).toEqual([
      '/ directory 0',
      '/d directory 0',
      '/d/a file 0',
      '/d/b directory 1',
      '/d/b/new file 1',
    ]);
  });

  test('an opaque directory hides everything that lower layers have in it', () => {
    const merged = mergeLayers(
      [layerFacts({ '/d/a': {}, '/d/b/c': {} }), layerFacts({ '/d': null, '/d/x': {} }, { opaqueDirectories: ['/d'] })],
      linux,
    );
    expect(lines(merged)).toEqual(['/ directory 0', '/d directory 1', '/d/x file 1']);
  });

  test('an opaque root leaves only its own layer', () => {
    const merged = mergeLayers(
      [layerFacts({ '/a': {} }), layerFacts({ '/b': {} }, { opaqueDirectories: ['/'] })],
      linux,
    );
    expect(merged.names('/')).toEqual(['b']);
  });

  test('a directory over a directory changes its metadata and keeps what is in it', () => {
    const merged = mergeLayers(
      [layerFacts({ '/d': null, '/d/a': {} }), layerFacts({ '/d': { type: 'directory', mode: 0o1777, uid: 5 } })],
      linux,
    );
    expect(merged.entry('/d')).toMatchObject({ mode: 0o1777, uid: 5, layer: 1 });
    expect(merged.names('/d')).toEqual(['a']);
  });

  test('a file over a directory takes everything in it away; a directory over a file is empty', () => {
    const tree = layerFacts({ '/d/a': {} });
    const file = layerFacts({ '/d': {} });
    expect(lines(mergeLayers([tree, file], linux))).toEqual(['/ directory 0', '/d file 1']);
    expect(lines(mergeLayers([file, layerFacts({ '/d': null })], linux))).toEqual(['/ directory 0', '/d directory 1']);
  });

  test('a parent that nobody states is a directory of root with mode 0755', () => {
    expect(rootfs({ '/x/y': {} }).entry('/x')).toMatchObject({
      type: 'directory',
      mode: 0o755,
      uid: 0,
      gid: 0,
      layer: 0,
    });
  });

  test('the root itself has the metadata that a layer states', () => {
    expect(rootfs({ '/': { type: 'directory', mode: 0o700 } }).entry('/')?.mode).toBe(0o700);
  });

  test('of two entries with one path in a layer the last one counts', () => {
    const merged = rootfsOf([
      layerEntry('/a', { mode: 0o600 }),
      layerEntry('/a', 'target'),
      layerEntry('/a', { mode: 0o711 }),
    ]);
    expect(merged.entry('/a')).toMatchObject({ type: 'file', mode: 0o711 });
  });
});

describe('links on the way to an entry', () => {
  test('one of the same layer is followed', () => {
    const merged = mergeLayers([layerFacts({ '/usr/lib': null, '/lib': 'usr/lib', '/lib/x': {} })], linux);
    expect(merged.entry('/usr/lib/x')?.type).toBe('file');
    expect(merged.entry('/lib')?.type).toBe('symlink');
  });

  test('one of a lower layer is replaced by a directory, because layers are unpacked alone', () => {
    const merged = mergeLayers(
      [layerFacts({ '/usr/lib/a': {}, '/lib': 'usr/lib' }), layerFacts({ '/lib/x': {} })],
      linux,
    );
    expect(lines(merged).slice(1)).toEqual([
      '/lib directory 1',
      '/lib/x file 1',
      '/usr directory 0',
      '/usr/lib directory 0',
      '/usr/lib/a file 0',
    ]);
  });

  test('one that leaves the root stays inside', () => {
    const merged = mergeLayers(
      [layerFacts({ '/up': '../../../etc', '/up/x': {}, '/abs': '/etc', '/abs/y': {} })],
      linux,
    );
    expect(merged.names('/etc')).toEqual(['x', 'y']);
  });

  test('a loop of links, or a file on the way, is a gap and no entry', () => {
    const merged = mergeLayers([layerFacts({ '/a': 'b', '/b': 'a', '/a/x': {}, '/f': {}, '/f/x': {} })], linux);
    expect(lines(merged)).toEqual(['/ directory 0', '/a symlink 0', '/b symlink 0', '/f file 0']);
    expect(merged.gaps).toMatchObject([
      { path: '/a/x', layer: 0, part: 'entry' },
      { path: '/f/x', layer: 0, part: 'entry' },
    ]);
  });
});

test('links that add more names than any real path are not followed', () => {
  const long = `${'./x/../'.repeat(300)}d`;
  const merged = rootfs({ '/x': null, '/d': null, '/ok': './x/../d', '/ok/y': {}, '/l': long, '/l/y': {} });
  expect(merged.names('/d')).toEqual(['y']);
  expect(merged.gaps).toMatchObject([{ path: '/l/y' }]);
});

test('gaps of a layer are bounded', () => {
  const links = Array.from({ length: 3000 }, (_, index) => layerEntry(`/l${index}`, hardlink('/none')));
  expect(rootfsOf(links).gaps).toHaveLength(1000);
});

describe('hard links', () => {
  test('have content and metadata of their target, and say which it was', () => {
    const content = textContent('x');
    const merged = rootfs({ '/a': { mode: 0o4711, size: 1, content }, '/b': hardlink('/a') });
    expect(merged.entry('/b')).toEqual({ ...merged.entry('/a'), path: '/b', hardlinkOf: '/a' });
  });

  test('reach into lower layers, also for what their own layer hides', () => {
    const below = layerFacts({ '/a': { mode: 0o711 } });
    const merged = mergeLayers([below, layerFacts({ '/b': hardlink('/a') }, { whiteouts: ['/a'] })], linux);
    expect(merged.entry('/b')).toMatchObject({ mode: 0o711, layer: 1, hardlinkOf: '/a' });
    expect(merged.entry('/a')).toBeNull();
  });

  test('prefer the target of their own layer, wherever it stands', () => {
    const above = layerFacts({ '/b': hardlink('/a'), '/c': hardlink('/b'), '/a': { mode: 0o722 } });
    const merged = mergeLayers([layerFacts({ '/a': { mode: 0o711 } }), above], linux);
    expect(merged.entry('/b')?.mode).toBe(0o722);
    expect(merged.entry('/c')?.mode).toBe(0o722);
  });

  test('keep what they were linked to when the target changes later', () => {
    const merged = mergeLayers(
      [layerFacts({ '/a': { mode: 0o711 }, '/b': hardlink('/a') }), layerFacts({ '/a': { mode: 0o722 } })],
      linux,
    );
    expect(merged.entry('/b')?.mode).toBe(0o711);
  });

  test('may name a symlink, which is then the same symlink', () => {
    expect(rootfs({ '/a': 'x', '/b': hardlink('/a') }).entry('/b')).toMatchObject({ type: 'symlink', linkTarget: 'x' });
  });

  test.each(['/missing', '/d', '/'])('to %s are gaps and no entries', (target) => {
    const merged = rootfs({ '/d': null, '/b': hardlink(target) });
    expect(merged.entry('/b')).toBeNull();
    expect(merged.gaps).toMatchObject([{ path: '/b', error: { field: 'hard link target', value: target } }]);
  });
});

describe('the whole', () => {
  test('entries are sorted by path as strings, names in a directory by name', () => {
    const merged = rootfs({ '/a/b': {}, '/a-b': {}, '/a.c': {}, '/aa': {}, '/B': {} });
    expect([...merged.entries()].map((entry) => entry.path)).toEqual(['/', '/B', '/a', '/a-b', '/a.c', '/a/b', '/aa']);
    expect(merged.names('/')).toEqual(['B', 'a', 'a-b', 'a.c', 'aa']);
    expect(merged.names('/B')).toEqual([]);
    expect(merged.names('/none')).toEqual([]);
    expect(merged.size).toBe(7);
  });

  test('gaps know their layer, and a layer that was not read makes the whole incomplete', () => {
    const error = { kind: 'truncated', at: 0, needed: 1, available: 0 } as const;
    const merged = mergeLayers([layerFacts({ '/a': {} }), unreadableLayer(error)], linux);
    expect(merged.complete).toBe(false);
    expect(merged.gaps).toMatchObject([{ layer: 1, part: 'layer' }]);
    const file = layerFacts({}, { gaps: [{ path: '/a', layer: null, part: 'content', error }] });
    expect(mergeLayers([file], linux).complete).toBe(true);
  });

  test('no layer at all is an empty root', () => {
    expect(lines(mergeLayers([], linux))).toEqual(['/ directory 0']);
  });
});

describe('Windows', () => {
  const merged = mergeLayers(
    [
      layerFacts({
        '/Files/Windows/System32/ntdll.dll': { mode: 0 },
        '/Files/Link': 'C:\\Windows\\System32',
        '/Hives/System_Base': {},
        '/UtilityVM/Files/x': {},
      }),
      layerFacts({ '/Files/windows/SYSTEM32/New.dll': {} }, { whiteouts: ['/Files/WINDOWS/system32/NTDLL.dll'] }),
    ],
    { windows: true },
  );

  test('only Files/ is the container, and names are one in any case with the spelling they had first', () => {
    expect(merged.caseSensitive).toBe(false);
    expect([...merged.entries()].map((entry) => entry.path)).toEqual([
      '/',
      '/Link',
      '/Windows',
      '/Windows/System32',
      '/Windows/System32/New.dll',
    ]);
  });

  test.each([
    'C:\\Windows\\system32\\new.DLL',
    '/windows/System32/new.dll',
    '\\\\?\\c:\\WINDOWS\\System32\\New.dll',
    'C:/Link/new.dll',
  ])('%s is found', (path) => {
    expect(merged.lookup(path)).toMatchObject({ found: true, realPath: '/Windows/System32/New.dll' });
  });

  test('another drive is not this one, and a whiteout is known in any case', () => {
    expect(merged.lookup('D:\\Windows')).toMatchObject({ found: false, reason: 'absent' });
    expect(merged.lookup('c:\\windows\\system32\\ntdll.dll')).toMatchObject({ found: false, hiddenBy: 1 });
    expect(merged.entry('c:\\windows')?.path).toBe('/Windows');
  });
});

const PATHS = ['/a', '/b', '/a/x', '/a/y', '/b/x', '/a/x/z', '/c'] as const;
const entryAt = (path: string): fc.Arbitrary<LayerEntry> =>
  fc.oneof(
    fc.constantFrom('a', '/b', '../c', 'loop').map((target) => layerEntry(path, target)),
    fc.record({ type: fc.constantFrom('file', 'directory'), mode: fc.nat(7) }).map((spec) => layerEntry(path, spec)),
  );
const layer: fc.Arbitrary<LayerFacts> = fc.record({
  entries: fc
    .uniqueArray(fc.constantFrom(...PATHS), { maxLength: 6 })
    .chain((paths) => fc.tuple(...paths.map((path) => entryAt(path)))),
  whiteouts: fc.array(fc.constantFrom(...PATHS), { maxLength: 3 }),
  opaqueDirectories: fc.array(fc.constantFrom('/', '/a', '/b'), { maxLength: 1 }),
  diffId: fc.constant(null),
  gaps: fc.constant([]),
  bytesRead: fc.constant(0),
  bytesScanned: fc.constant(0),
});

test('applying a layer twice equals applying it once', () => {
  const shown = (layers: readonly LayerFacts[]): unknown[] =>
    [...mergeLayers(layers, linux).entries()].map((entry) => ({ ...entry, layer: 0 }));
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 2 }), layer, (below, top) => {
      expect(shown([...below, top, top])).toEqual(shown([...below, top]));
    }),
    { numRuns: 500 },
  );
});

test('every entry is found at its own path, and is in the names of its directory', () => {
  fc.assert(
    fc.property(fc.array(layer, { maxLength: 3 }), (layers) => {
      const merged = mergeLayers(layers, linux);
      const entries = [...merged.entries()];
      expect(merged.size).toBe(entries.length);
      for (const entry of entries) {
        expect(merged.lookup(entry.path, { followLast: false })).toMatchObject({ found: true, realPath: entry.path });
        const slash = entry.path.lastIndexOf('/');
        if (entry.path !== '/') expect(merged.names(entry.path.slice(0, slash))).toContain(entry.path.slice(slash + 1));
      }
    }),
  );
});
