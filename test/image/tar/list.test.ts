import { expect, test } from 'vitest';
import { listTar, looksLikeTar } from '../../../src/image/tar/list.js';
import { memoryView } from '../../../src/model/view.js';
import { tar } from '../../support/tar-builder.js';

const archive = tar([
  { path: 'manifest.json', data: '[]' },
  { path: 'a/layer.tar', data: 'x'.repeat(600) },
]);

test('a listing has every member with the place of its bytes', () => {
  const listing = listTar(memoryView(archive), { entries: 10 });
  expect(listing).toMatchObject({
    ok: true,
    value: {
      damage: null,
      entries: [
        { path: '/manifest.json', dataOffset: 512, storedSize: 2, size: 2 },
        { path: '/a/layer.tar', dataOffset: 1536, storedSize: 600, size: 600 },
      ],
    },
  });
});

test('a cut archive keeps what came before, with the damage', () => {
  expect(listTar(memoryView(archive.subarray(0, 1600)), { entries: 10 })).toMatchObject({
    ok: true,
    value: { entries: [{ path: '/manifest.json' }, { path: '/a/layer.tar' }], damage: { kind: 'truncated', at: 1536 } },
  });
});

test('the limit of entries is told with its place', () => {
  expect(listTar(memoryView(archive), { entries: 1 })).toMatchObject({
    ok: true,
    value: { entries: [{ path: '/manifest.json' }], damage: { kind: 'limit', at: 1024, limit: 1 } },
  });
});

test('bytes that are no archive are an error, an empty archive is none', () => {
  expect(listTar(memoryView(Buffer.alloc(2048, 'x')), { entries: 1 })).toMatchObject({ ok: false });
  expect(listTar(memoryView(Buffer.alloc(1024)), { entries: 1 })).toMatchObject({ ok: true, value: { entries: [] } });
});

test('a tar is told by its first block', () => {
  expect(looksLikeTar(archive)).toBe(true);
  expect(looksLikeTar(Buffer.alloc(1024))).toBe(true);
  expect(looksLikeTar(archive.subarray(0, 511))).toBe(false);
  expect(looksLikeTar(Buffer.alloc(512, 'x'))).toBe(false);
});
