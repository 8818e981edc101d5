import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/image/config.js';
import { parseDockerManifest, parseOciLayout, parseRepositories } from '../../src/image/docker-archive.js';
import { describeDocumentError, MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH } from '../../src/image/json.js';
import { isAttestation, parseDocument, parseIndex, parseManifest } from '../../src/image/manifest.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('b'), size: 10 };
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('a'), size: 7 };
const manifest = { schemaVersion: 2, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  manifests: [{ ...config, digest: digest('c'), platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }],
};
const schema1 = {
  schemaVersion: 1,
  name: 'x',
  tag: 'y',
  architecture: 'amd64',
  fsLayers: [{ blobSum: digest('2') }, { blobSum: digest('1') }],
};

describe('manifests', () => {
  test('a manifest has its configuration and its layers, lowest first', () => {
    expect(parseManifest(bytes(manifest))).toEqual({
      ok: true,
      value: {
        kind: 'manifest',
        mediaType: null,
        artifactType: null,
        annotations: {},
        config: { ...config, platform: null, annotations: {}, artifactType: null, urls: [] },
        layers: [{ ...layer, platform: null, annotations: {}, artifactType: null, urls: [] }],
      },
    });
  });

  test('an index has platforms', () => {
    const platform = { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: null, osFeatures: [] };
    expect(parseIndex(bytes(index))).toMatchObject({ ok: true, value: { kind: 'index', manifests: [{ platform }] } });
  });

  test.each([
    ['manifest', manifest],
    ['manifest', { ...manifest, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }],
    ['index', index],
    ['index', { ...index, mediaType: 'application/vnd.oci.image.index.v1+json' }],
    ['index', { ...index, mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' }],
    ['schema1', schema1],
    ['schema1', { ...schema1, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }],
  ])('a document is told by its fields or its media type: %s', (kind, document) => {
    expect(parseDocument(bytes(document))).toMatchObject({ ok: true, value: { kind } });
  });

  test('layers of schema 1 are turned round, because the document has the top one first', () => {
    expect(parseDocument(bytes(schema1))).toMatchObject({ ok: true, value: { blobs: [digest('1'), digest('2')] } });
  });

  test('attestations are told by their annotation or by their unknown platform', () => {
    const plain = { ...config, platform: { os: 'linux', architecture: 'amd64' } };
    const annotated = { ...plain, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
    const unknown = { ...plain, platform: { os: 'unknown', architecture: 'unknown' } };
    const parsed = parseIndex(bytes({ manifests: [plain, annotated, unknown, config] }));
    expect(parsed.ok && parsed.value.manifests.map(isAttestation)).toEqual([false, true, true, false]);
  });
});

describe('what is wrong is named with its place', () => {
  test.each<[unknown, string]>([
    [{ ...manifest, layers: [layer, { ...layer, digest: 3 }] }, '$.layers[1].digest is 3, expected a string'],
    [
      { ...manifest, layers: [{ ...layer, digest: 'sha256:XYZ' }] },
      '$.layers[0].digest is "sha256:XYZ", expected a digest',
    ],
    [
      { ...manifest, layers: [{ ...layer, size: -1 }] },
      '$.layers[0].size is -1, expected a whole number that is not negative',
    ],
    [{ ...manifest, layers: {} }, '$.layers is an object, expected a list'],
    [{ config }, '$.layers is missing, expected a list'],
    [{ layers: [] }, '$.config is missing, expected an object'],
    [{ ...manifest, schemaVersion: 3 }, '$.schemaVersion is 3, expected 2'],
    [{ ...manifest, annotations: { 'a"b': 1 } }, '$.annotations["a\\"b"] is 1, expected a string'],
    [[], '$ is a list, expected an object'],
    ['{"a', '$ is "{\\"a", expected a JSON document'],
    ['', '$ is "", expected a JSON document'],
  ])('%j', (document, message) => {
    const parsed = parseManifest(bytes(document));
    expect(parsed.ok || describeDocumentError(parsed.error)).toBe(message);
  });

  test('a path in a digest is no digest', () => {
    const parsed = parseManifest(bytes({ ...manifest, config: { ...config, digest: 'sha256:../../../etc/passwd' } }));
    expect(parsed.ok).toBe(false);
  });

  test('size and depth of a document are bounded', () => {
    const deep = (depth: number): string =>
      `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)},"layers":"[[{{\\"[["}`;
    expect(parseManifest(bytes(deep(MAX_DOCUMENT_DEPTH + 1)))).toMatchObject({
      error: { expected: `at most ${MAX_DOCUMENT_DEPTH} levels` },
    });
    expect(parseManifest(bytes(deep(MAX_DOCUMENT_DEPTH)))).toMatchObject({ error: { path: '$.config' } });
    expect(parseManifest(bytes('['.repeat(5_000_000)))).toMatchObject({
      error: { expected: expect.stringContaining('levels') as string },
    });
    const large = parseManifest(new Uint8Array(MAX_DOCUMENT_BYTES + 1));
    expect(large).toMatchObject({ error: { expected: `at most ${MAX_DOCUMENT_BYTES} bytes` } });
  });

  test('no document makes a reader throw', () => {
    const readers = [
      parseDocument,
      parseManifest,
      parseIndex,
      parseConfig,
      parseDockerManifest,
      parseRepositories,
      parseOciLayout,
    ];
    const names = fc.constantFrom(
      'schemaVersion',
      'config',
      'layers',
      'manifests',
      'digest',
      'rootfs',
      'diff_ids',
      'history',
      'Env',
      'Labels',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('tree')),
        fc.dictionary(names, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(
        fc.oneof(
          tree.map((value) => bytes(value)),
          fc.uint8Array(),
        ),
        (document) => {
          for (const read of readers) expect(typeof read(document).ok).toBe('boolean');
        },
      ),
    );
  });
});
