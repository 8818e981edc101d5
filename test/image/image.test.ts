import { expect, test } from 'vitest';
import { EMPTY_CONFIG, parseConfig, type ConfigFile } from '../../src/image/config.js';
import { compressionOf, imageOf, type ImageParts } from '../../src/image/image.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

function parsed(document: unknown): ConfigFile {
  const result = parseConfig(Buffer.from(JSON.stringify(document)));
  if (!result.ok) throw new Error(result.error.path);
  return result.value;
}

const blob = {
  digest: null,
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  size: 1,
  compression: 'none',
} as const;
const parts = (config: ImageParts['config'], layers: number): ImageParts => ({
  reference: 'x.tar',
  format: 'oci-archive',
  digest: null,
  names: ['x:1'],
  manifestMediaType: null,
  indexPlatform: null,
  config,
  layers: Array<typeof blob>(layers).fill(blob),
});

test('each layer has its diff ID and the step that made it; steps without a layer are passed over', () => {
  const config = parsed({
    rootfs: { diff_ids: [digest('1'), digest('2')] },
    history: [{ created_by: 'ADD' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'RUN' }],
  });
  expect(imageOf(parts(config, 2)).layers).toEqual([
    { ...blob, diffId: digest('1'), createdBy: 'ADD' },
    { ...blob, diffId: digest('2'), createdBy: 'RUN' },
  ]);
});

test('where counts differ no layer has a step or a diff ID that may be another’s', () => {
  const config = parsed({ rootfs: { diff_ids: [digest('1')] }, history: [{ created_by: 'ADD' }] });
  expect(imageOf(parts(config, 2)).layers).toEqual(Array(2).fill({ ...blob, diffId: null, createdBy: null }));
});

test('an image without a configuration has the platform that was inferred', () => {
  const platform = { os: 'linux', architecture: 'arm64', variant: null, osVersion: null, osFeatures: [] };
  const image = imageOf(parts(platform, 1));
  expect(image).toMatchObject({ platform, config: EMPTY_CONFIG, names: ['x:1'], format: 'oci-archive' });
  expect(Object.keys(image)).not.toContain('diffIds');
});

test.each([
  ['application/vnd.oci.image.layer.v1.tar+gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', 'gzip'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'gzip'],
  ['application/vnd.oci.image.layer.v1.tar+zstd', 'zstd'],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'zstd'],
  ['application/vnd.oci.image.layer.v1.tar', 'none'],
  ['application/vnd.docker.image.rootfs.diff.tar', 'none'],
  ['application/x-something', 'other'],
])('%s claims %s', (mediaType, compression) => {
  expect(compressionOf(mediaType)).toBe(compression);
});
