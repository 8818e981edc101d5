import { expect, test } from 'vitest';
import { parseDockerManifest, parseOciLayout, parseRepositories } from '../../src/image/docker-archive.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test('manifest.json lists images with their members', () => {
  const saved = [
    { Config: 'a.json', RepoTags: ['x:1'], Layers: ['l/layer.tar'] },
    { Config: 'b.json', RepoTags: null, Layers: null },
  ];
  expect(parseDockerManifest(bytes(saved))).toEqual({
    ok: true,
    value: [
      { config: 'a.json', repoTags: ['x:1'], layers: ['l/layer.tar'] },
      { config: 'b.json', repoTags: [], layers: [] },
    ],
  });
  expect(parseDockerManifest(bytes({}))).toMatchObject({ error: { path: '$', expected: 'a list' } });
  expect(parseDockerManifest(bytes([{}]))).toMatchObject({ error: { path: '$[0].Config' } });
});

test('repositories give names with their top layers', () => {
  expect(parseRepositories(bytes({ 'a/b': { latest: 'x', 1: 'y' }, c: {} }))).toEqual({
    ok: true,
    value: [
      { name: 'a/b:1', layer: 'y' },
      { name: 'a/b:latest', layer: 'x' },
    ],
  });
});

test('oci-layout has its version', () => {
  expect(parseOciLayout(bytes({ imageLayoutVersion: '1.0.0' }))).toEqual({ ok: true, value: '1.0.0' });
});
