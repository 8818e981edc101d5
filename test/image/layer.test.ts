import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAYER_PART, readLayer, StreamFault, unreadableLayer } from '../../src/image/layer.js';
import { HEAD_BYTES, type FileCollector, type Want } from '../../src/model/collector.js';
import type { LayerFacts } from '../../src/model/layer.js';
import type { Limits } from '../../src/model/load.js';
import { memoryView } from '../../src/model/view.js';
import { inChunks, noCollector, testLimits } from '../support/layer-limits.js';
import { textContent } from '../support/rootfs-builder.js';
import { tar, type TarSpec } from '../support/tar-builder.js';

/** Keeps what it can read of a file as its text. */
function keeping(
  want: Want | ((path: string) => Want),
  read: (size: number) => [number, number] = (size) => [0, size],
): FileCollector {
  return {
    version: 'test',
    interested: (file) => !file.path.startsWith('/dull'),
    want: (file) => (typeof want === 'function' ? want(file.path) : want),
    collect: (_file, view) => textContent(Buffer.from(view.read(...read(view.size))).toString('latin1')),
  };
}

function random(bytes: Uint8Array, collector = noCollector, limits = testLimits): Promise<LayerFacts> {
  return readLayer({ kind: 'random', view: memoryView(bytes) }, collector, limits);
}

function stream(
  bytes: Uint8Array,
  collector = noCollector,
  limits: Limits = testLimits,
  sizes = [700],
): Promise<LayerFacts> {
  return readLayer({ kind: 'stream', chunks: inChunks(bytes, sizes) }, collector, limits);
}

const both = [
  ['positioned', random],
  ['streamed', stream],
] as const;

function textsOf(facts: LayerFacts): unknown[] {
  return facts.entries.map(({ path, content }) => [path, content?.kind === 'text' ? content.text : null]);
}

describe.each(both)('%s', (_name, read) => {
  test('entries come in order with everything their header says', async () => {
    const facts = await read(
      tar([
        { path: 'etc/', type: 'directory', mode: 0o1777, mtime: 9 },
        { path: 'etc/x', data: 'abc', mode: 0o4755, uid: 1, gid: 2, xattrs: { 'security.capability': '\u0001' } },
        { path: 'etc/l', type: 'symlink', link: '../x', mode: 0o777 },
        { path: 'etc/h', type: 'hardlink', link: './etc/x' },
        { path: 'dev/n', type: 'character-device', major: 1, minor: 3 },
      ]),
    );
    expect(facts.gaps).toEqual([]);
    expect(facts.entries).toMatchObject([
      { path: '/etc', type: 'directory', mode: 0o1777, mtime: 9, linkTarget: null },
      {
        path: '/etc/x',
        type: 'file',
        mode: 0o4755,
        uid: 1,
        gid: 2,
        size: 3,
        xattrs: { 'security.capability': '\u0001' },
      },
      { path: '/etc/l', type: 'symlink', linkTarget: '../x' },
      { path: '/etc/h', type: 'hardlink', linkTarget: '/etc/x' },
      { path: '/dev/n', type: 'character-device' },
    ]);
  });

  test('the collector sees each file once, in order, and only where it is interested', async () => {
    const seen: string[] = [];
    const collector: FileCollector = {
      version: 'test',
      interested: (file) => {
        seen.push(`interested ${file.path}`);
        return file.path !== '/dull';
      },
      want: (file, head) => {
        seen.push(`want ${file.path} ${head.length}`);
        return file.path === '/none' ? 'nothing' : 'whole';
      },
      collect: (file, view) => {
        seen.push(`collect ${file.path} ${view.size}`);
        return null;
      },
    };
    const data = 'x'.repeat(5000);
    await read(
      tar([{ path: 'dull', data }, { path: 'none', data }, { path: 'all', data }, { path: 'empty' }]),
      collector,
    );
    expect(seen).toEqual([
      'interested /dull',
      'interested /none',
      `want /none ${HEAD_BYTES}`,
      'interested /all',
      `want /all ${HEAD_BYTES}`,
      'collect /all 5000',
      'interested /empty',
      'want /empty 0',
      'collect /empty 0',
    ]);
  });

  test('whole files, heads and ranges hold what was asked for', async () => {
    const data = Array.from({ length: 3000 }, (_, index) => String(index).padStart(4, '0')).join('');
    const files: TarSpec[] = [
      { path: 'whole', data },
      { path: 'small', data: 'ab' },
    ];
    expect(textsOf(await read(tar(files), keeping('whole')))).toEqual([
      ['/whole', data],
      ['/small', 'ab'],
    ]);
    const head = keeping('head', (size) => [0, Math.min(HEAD_BYTES, size)]);
    expect(textsOf(await read(tar(files), head))).toEqual([
      ['/whole', data.slice(0, HEAD_BYTES)],
      ['/small', 'ab'],
    ]);
    const ranges = [
      { from: 9000, to: 10_000 },
      { from: 5000, to: 6000 },
      { from: 5500, to: 7000 },
      { from: 11_999, to: 99_999 },
    ];
    for (const [at, length] of [
      [5000, 2000],
      [9000, 1000],
      [9100, 3],
      [11_999, 50],
      [0, HEAD_BYTES],
      [12_000, 5],
    ] as const) {
      const facts = await read(
        tar(files.slice(0, 1)),
        keeping({ ranges }, () => [at, length]),
      );
      expect(textsOf(facts)).toEqual([['/whole', data.slice(at, at + length)]]);
    }
  });

  test('whiteouts and opaque directories are no entries', async () => {
    const facts = await read(
      tar([
        { path: 'a/.wh.b' },
        { path: '.wh.top' },
        { path: 'd/', type: 'directory' },
        { path: 'd/.wh..wh..opq' },
        { path: '.wh..wh.plnk/1.2' },
        { path: '.wh..wh.aufs' },
        { path: 'gone', type: 'character-device' },
        { path: 'o/', type: 'directory', xattrs: { 'trusted.overlay.opaque': 'y' } },
        { path: 'x/.wh.' },
        { path: 'x/.wh...' },
      ]),
    );
    expect(facts.whiteouts).toEqual(['/a/b', '/top', '/gone']);
    expect(facts.opaqueDirectories).toEqual(['/d', '/o']);
    expect(facts.entries.map((entry) => entry.path)).toEqual(['/d', '/.wh..wh.plnk/1.2', '/o']);
  });

  test('damage is a gap of the layer, and what came before counts', async () => {
    const bytes = Buffer.from(tar([{ path: 'a', data: 'x' }, { path: 'b' }]));
    bytes[1024] = 0xff;
    const facts = await read(bytes, keeping('whole'));
    expect(textsOf(facts)).toEqual([['/a', 'x']]);
    expect(facts.gaps).toMatchObject([{ path: '/', part: LAYER_PART, error: { kind: 'bad-value', at: 1172 } }]);
  });

  test('a file that is cut off stays as an entry without content', async () => {
    const facts = await read(tar([{ path: 'a', data: 'x'.repeat(9000) }]).subarray(0, 8000), keeping('whole'));
    expect(textsOf(facts)).toEqual([['/a', null]]);
    expect(facts.gaps).toMatchObject([{ part: LAYER_PART, error: { kind: 'truncated', at: 512 } }]);
  });

  test('limits of entries, bytes and paths are gaps with their places', async () => {
    const bytes = tar([{ path: 'a', data: 'x' }, { path: 'b'.repeat(50) }, { path: 'c' }]);
    const byEntries = await read(bytes, noCollector, { ...testLimits, entries: 2 });
    expect(byEntries.entries).toHaveLength(2);
    expect(byEntries.gaps).toMatchObject([{ part: LAYER_PART, error: { kind: 'limit', at: 1536, field: 'entries' } }]);
    const byBytes = await read(bytes, noCollector, { ...testLimits, layerBytes: 1600 });
    expect(byBytes.gaps).toMatchObject([{ part: LAYER_PART, error: { kind: 'limit', field: 'bytes' } }]);
    const byPath = await read(bytes, noCollector, { ...testLimits, pathBytes: 20 });
    expect(byPath.entries.map((entry) => entry.path)).toEqual(['/a', '/c']);
    expect(byPath.gaps).toMatchObject([
      { part: 'entry', error: { kind: 'limit', at: 1024, field: 'bytes in a path' } },
    ]);
  });

  test('an entry of unknown kind is a gap, a volume label is none', async () => {
    const facts = await read(
      tar([
        { path: 'odd', flag: 'Z' },
        { path: 'label', flag: 'V' },
      ]),
    );
    expect(facts.entries).toEqual([]);
    expect(facts.gaps).toMatchObject([{ path: '/odd', error: { field: 'type flag', value: 'Z' } }]);
  });

  test('gaps are counted, not hoarded', async () => {
    const odd = Array.from({ length: 1200 }, (_, index) => ({ path: `f${index}`, flag: 'Z' }));
    const facts = await read(tar(odd));
    expect(facts.gaps).toHaveLength(1001);
    expect(facts.gaps.at(-1)).toMatchObject({ error: { kind: 'limit', field: 'gaps' } });
  });

  test('a sparse file is collected with its holes', async () => {
    const pax = { 'GNU.sparse.size': '5000', 'GNU.sparse.map': '0,1,4999,1' };
    const facts = await read(tar([{ path: 'a', data: 'xy', pax }]), keeping('whole'));
    expect(textsOf(facts)).toEqual([['/a', `x${'\0'.repeat(4998)}y`]]);
    expect(facts.entries[0]?.size).toBe(5000);
  });

  test('an error of the collector flies on', async () => {
    const broken: FileCollector = {
      ...keeping('whole'),
      collect: () => {
        throw new TypeError('bug');
      },
    };
    await expect(read(tar([{ path: 'a', data: 'x' }]), broken)).rejects.toThrow('bug');
  });
});

describe('a stream keeps only what was asked for', () => {
  const data = 'x'.repeat(20_000);

  test('reading what was not kept is a gap of the file', async () => {
    const facts = await stream(
      tar([
        { path: 'a', data },
        { path: 'b', data: 'y' },
      ]),
      keeping('head', (size) => [0, size]),
    );
    expect(textsOf(facts)).toEqual([
      ['/a', null],
      ['/b', 'y'],
    ]);
    expect(facts.gaps).toMatchObject([
      { path: '/a', part: 'content', error: { kind: 'not-retained', at: 0, needed: 20_000 } },
    ]);
  });

  test('a file over the limit is kept up to it, with a gap', async () => {
    const limits = { ...testLimits, retainedBytes: 10_000 };
    const facts = await stream(
      tar([{ path: 'a', data }]),
      keeping('whole', () => [0, 10_000]),
      limits,
    );
    expect(textsOf(facts)).toEqual([['/a', data.slice(0, 10_000)]]);
    expect(facts.gaps).toMatchObject([{ path: '/a', error: { kind: 'not-retained', at: 10_000, needed: 10_000 } }]);
  });

  test('a sparse file with more stored bytes than the limit is a gap', async () => {
    const pax = { 'GNU.sparse.size': '20000', 'GNU.sparse.map': '0,20000' };
    const facts = await stream(tar([{ path: 'a', data, pax }]), keeping('whole'), {
      ...testLimits,
      retainedBytes: 10_000,
    });
    expect(textsOf(facts)).toEqual([['/a', null]]);
    expect(facts.gaps).toMatchObject([{ path: '/a', error: { kind: 'not-retained' } }]);
  });

  test('a fault of the decompressor is a gap of the layer', async () => {
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(tar([{ path: 'a', data: 'x' }]).subarray(0, 1024));
      throw new StreamFault({ kind: 'truncated', at: 77, needed: 1, available: 0 });
    })();
    const facts = await readLayer({ kind: 'stream', chunks }, keeping('whole'), testLimits);
    expect(textsOf(facts)).toEqual([['/a', 'x']]);
    expect(facts.gaps).toMatchObject([{ part: LAYER_PART, error: { kind: 'truncated', at: 77 } }]);
  });
});

test('a layer that cannot be read at all has one gap and no entry', () => {
  const facts = unreadableLayer({ kind: 'truncated', at: 0, needed: 1, available: 0 });
  expect(facts).toMatchObject({ entries: [], gaps: [{ part: LAYER_PART, error: { kind: 'truncated' } }] });
});

const wants: fc.Arbitrary<Want> = fc.oneof(
  fc.constantFrom<Want>('nothing', 'head', 'whole'),
  fc
    .array(fc.tuple(fc.nat(9000), fc.nat(3000)), { maxLength: 4 })
    .map((pairs) => ({ ranges: pairs.map(([from, length]) => ({ from, to: from + length })) })),
);

test('a range behind the end of a file asks for nothing, also where the file is cut off', async () => {
  const bytes = tar([{ path: 'a', data: Buffer.alloc(4170) }]).subarray(0, 512 + HEAD_BYTES + 10);
  const collector = keeping({ ranges: [{ from: 4170, to: 4171 }] }, () => [0, 0]);
  const positioned = await random(bytes, collector);
  expect(positioned.entries[0]?.content).not.toBeNull();
  expect((await stream(bytes, collector, testLimits, [1])).entries).toEqual(positioned.entries);
});

test('a stream in any chunks finds what positioned reads find, cut off or not', async () => {
  const files = fc.array(fc.record({ path: fc.constantFrom('a', 'dull', 'd/.wh.x', 'b'), size: fc.nat(9000) }), {
    maxLength: 5,
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(files, wants, sizes, fc.nat(), async (specs, want, chunks, cut) => {
      const whole = tar(
        specs.map(({ path, size }) => ({ path, data: Buffer.from(Array.from({ length: size }, (_, i) => i % 251)) })),
      );
      const bytes = cut % 2 === 0 ? whole : whole.subarray(0, cut % whole.length);
      const range = typeof want === 'string' ? null : want.ranges[0];
      const collector = keeping(want, (size) => {
        if (range !== null) return [range?.from ?? 0, range === undefined ? 0 : range.to - range.from];
        return [0, want === 'whole' ? size : Math.min(size, HEAD_BYTES)];
      });
      const streamed = await stream(bytes, collector, testLimits, chunks);
      const positioned = await random(bytes, collector);
      expect({ ...streamed, bytesRead: 0 }).toEqual({ ...positioned, bytesRead: 0 });
    }),
    { numRuns: 200 },
  );
});
