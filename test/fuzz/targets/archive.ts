import { gunzipSync } from 'node:zlib';
import { parseConfig } from '../../../src/image/config.js';
import { parseDockerManifest, parseOciLayout, parseRepositories } from '../../../src/image/docker-archive.js';
import { readLayer, StreamFault } from '../../../src/image/layer.js';
import { parseIndex, parseManifest } from '../../../src/image/manifest.js';
import { mergeLayers } from '../../../src/image/merge.js';
import { entryView, walkTar } from '../../../src/image/tar/walk.js';
import { streamTar } from '../../../src/image/tar/stream.js';
import { looksLikeTar } from '../../../src/image/tar/list.js';
import { NotRetained, memoryView } from '../../../src/model/view.js';
import { chunksOf } from '../../../src/source/chunks.js';
import { decompress } from '../../../src/source/decompress.js';
import { parseReference } from '../../../src/source/reference.js';
import { XosError } from '../../../src/model/error.js';
import { gzip, image, json, zstdFrame, zstdSkippable } from '../../support/image-builder.js';
import { inChunks, noCollector, testLimits } from '../../support/layer-limits.js';
import { sealed, tar } from '../../support/tar-builder.js';
import { bytesOf, projectFiles } from '../seeds.js';
import type { Target } from '../target.js';

const limits = { ...testLimits, layerBytes: 64 * 1024 * 1024 };

/** Checksums of every block that says `ustar`. */
export function sealTar(bytes: Uint8Array): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset + at, 512);
    if (block.toString('latin1', 257, 262) === 'ustar') sealed(block);
  }
}

/** Archives with every kind of member that the reader knows. */
export function tarSeeds(): readonly Uint8Array[] {
  const usual = tar([
    { path: 'usr/bin/', type: 'directory' },
    { path: 'usr/bin/x', data: '#!/bin/sh\n', mode: 0o755, xattrs: { 'security.capability': 'x' } },
    { path: 'bin', type: 'symlink', link: 'usr/bin' },
    { path: 'y', type: 'hardlink', link: 'usr/bin/x' },
    { path: 'dev/null', type: 'character-device', major: 1, minor: 3 },
    { path: 'run/pipe', type: 'fifo' },
    { path: 'etc/.wh.passwd' },
    { path: 'opt/.wh..wh..opq' },
    { path: `${'long/'.repeat(40)}x`, data: 'a' },
  ]);
  const sparse = tar([
    {
      path: 'GNUSparseFile.0/s',
      data: `2\n0\n3\n600\n3\n${'\0'.repeat(500)}abcdef`,
      pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's', 'GNU.sparse.realsize': '1000' },
    },
    {
      path: 's2',
      data: 'abcdef',
      pax: { 'GNU.sparse.size': '1000', 'GNU.sparse.numblocks': '2', 'GNU.sparse.map': '0,3,600,3' },
    },
    { path: 'p', data: 'x', pax: { path: 'other', size: '1', mtime: '1.5', uid: '70000', linkpath: 'z' } },
  ]);
  return [
    usual,
    sparse,
    tar(
      [
        { path: 'a', data: 'x'.repeat(600) },
        { path: 'a', data: 'y' },
      ],
      { format: 'gnu' },
    ),
    tar([{ path: 'n'.repeat(150), data: 'x', link: 'l'.repeat(150) }], {
      format: 'gnu',
      global: { comment: 'x' },
    }),
    tar([{ path: 'v7', data: 'x' }], { format: 'v7' }),
    ...projectFiles('fixtures/images', '.tar', 16 * 1024),
  ];
}

function randomAccess(bytes: Uint8Array): unknown {
  const view = memoryView(bytes);
  const entries: unknown[] = [];
  const end = walkTar(view, (entry) => {
    const file = entryView(view, entry);
    const at = Math.max(0, file.size - 100);
    entries.push({
      ...entry,
      head: read(() => file.read(0, 4096).slice(0, 64)),
      tail: read(() => file.read(at, 100).slice()),
    });
    return entries.length < 5000;
  });
  return { looks: looksLikeTar(bytes), entries, end };
}

function read(from: () => Uint8Array): unknown {
  try {
    return from();
  } catch (cause) {
    if (cause instanceof NotRetained) return { kind: 'not-retained' };
    throw cause;
  }
}

/** Both readers of an archive must see the same members. */
async function streamed(bytes: Uint8Array): Promise<unknown> {
  const entries: unknown[] = [];
  const end = await streamTar(inChunks(bytes, [512, 100, 4096, 1]), (entry) => {
    entries.push(entry);
    return entries.length < 5000 ? null : 'stop';
  });
  const walked: unknown[] = [];
  walkTar(memoryView(bytes), (entry) => walked.push(entry) < 5000);
  if (JSON.stringify(walked) !== JSON.stringify(entries)) throw new Error('stream and positions see other members');
  return { entries, end };
}

/** A layer with all that is made of it: entries, whiteouts, the merged tree and lookups through its links. */
async function layer(bytes: Uint8Array): Promise<unknown> {
  const half = (bytes.length >> 10) << 9;
  const facts = [
    await readLayer({ kind: 'random', view: memoryView(bytes) }, noCollector, limits),
    await readLayer({ kind: 'stream', chunks: inChunks(bytes.subarray(half), [1024]) }, noCollector, limits),
  ];
  const merged = [false, true].map((windows) => {
    const rootfs = mergeLayers(facts, { windows });
    const entries = [...rootfs.entries()];
    const lookups = entries
      .slice(0, 50)
      .flatMap(({ path, linkTarget }) => [
        rootfs.lookup(path),
        rootfs.lookup(`${path}/../x`),
        rootfs.lookup(linkTarget ?? '.', { workingDir: path }),
      ]);
    return {
      size: rootfs.size,
      gaps: rootfs.gaps,
      entries,
      lookups: lookups.map((found) => (found.found ? found.realPath : found.reason)),
    };
  });
  return { facts, merged };
}

async function inflated(bytes: Uint8Array): Promise<unknown> {
  const notes: string[] = [];
  let size = 0;
  let hash = 0;
  try {
    for await (const chunk of decompress(chunksOf(bytes.subarray(0, 700), bytes.subarray(700)), limits, (text) =>
      notes.push(text),
    )) {
      size += chunk.length;
      for (let at = 0; at < chunk.length; at += 97) hash = (Math.imul(hash, 31) + (chunk[at] ?? 0)) >>> 0;
    }
  } catch (cause) {
    if (cause instanceof StreamFault) return { ...cause.fault, message: cause.fault.kind };
    throw cause;
  }
  return { notes, size, hash };
}

/** Where zlib itself takes the whole stream, we must too, and give as many bytes. */
async function gzipOrFault(bytes: Uint8Array): Promise<unknown> {
  const found = await inflated(bytes);
  const expected = sizeOfGunzip(bytes);
  const size = typeof found === 'object' && found !== null && 'size' in found ? found.size : null;
  if (expected !== null && size !== expected) throw new Error('zlib takes this stream and we do not, or not all of it');
  return found;
}

function sizeOfGunzip(bytes: Uint8Array): number | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: 4 * 1024 * 1024 }).length;
  } catch {
    return null;
  }
}

function documents(bytes: Uint8Array): unknown {
  return [parseManifest, parseIndex, parseConfig, parseDockerManifest, parseRepositories, parseOciLayout].map((parse) =>
    parse(bytes),
  );
}

function documentSeeds(): readonly Uint8Array[] {
  const built = image()
    .layer({ '/x': 'y' }, 'gzip')
    .name('a:1')
    .config({
      Entrypoint: ['/x'],
      Cmd: 'y',
      Env: ['A=b'],
      Labels: { a: 'b' },
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/v': {} },
      ArgsEscaped: true,
      Shell: ['/bin/sh', '-c'],
      User: '0:0',
      WorkingDir: '/w',
    });
  return [
    built.manifestBytes(),
    built.configBytes(),
    json({ schemaVersion: 2, manifests: [built.descriptor()] }),
    json([built.savedEntry(['a/layer.tar'], 'c.json')]),
    json({ busybox: { latest: 'ab' } }),
    json({ imageLayoutVersion: '1.0.0' }),
    json({ schemaVersion: 1, name: 'x', fsLayers: [], history: [] }),
  ];
}

const JSON_WORDS = [
  'null',
  'true',
  '[]',
  '{}',
  '-1',
  '1e400',
  '9007199254740993',
  '"sha256:',
  '"__proto__":',
  '"layers":',
  '"config":',
  '"size":',
  '"digest":',
  '[',
  '{',
  ']',
  '}',
  ',',
  ':',
  '"\\ud800"',
  '"\\u0000"',
  '"constructor":',
  '"platform":{"os":"linux"}',
  '"mediaType":',
];

function reference(bytes: Uint8Array): unknown {
  try {
    return parseReference(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    if (cause instanceof XosError) return { code: cause.code };
    throw cause;
  }
}

export const archiveTargets: readonly Target[] = [
  { name: 'tar-positions', maxBytes: 32 * 1024, boundMs: 250, seeds: tarSeeds, repair: sealTar, run: randomAccess },
  { name: 'tar-stream', maxBytes: 32 * 1024, boundMs: 500, seeds: tarSeeds, repair: sealTar, run: streamed },
  { name: 'layer', maxBytes: 32 * 1024, boundMs: 500, seeds: tarSeeds, repair: sealTar, run: layer },
  {
    name: 'gzip',
    maxBytes: 32 * 1024,
    boundMs: 1000,
    seeds: () => [
      gzip(bytesOf('abc'.repeat(300))),
      Buffer.concat([gzip(bytesOf('a')), gzip(bytesOf('b')), new Uint8Array(600)]),
      ...tarSeeds().slice(0, 2).map(gzip),
    ],
    run: gzipOrFault,
  },
  {
    name: 'zstd',
    maxBytes: 32 * 1024,
    boundMs: 1500,
    seeds: () => [
      zstdFrame(bytesOf('abc'.repeat(300)), { blockBytes: 100 }),
      Buffer.concat([zstdSkippable(bytesOf('x')), zstdFrame(bytesOf('y'), { rle: { byte: 1, length: 1000 } })]),
      REAL_ZSTD,
      ...tarSeeds()
        .slice(0, 2)
        .map((bytes) => zstdFrame(bytes)),
    ],
    run: inflated,
  },
  {
    name: 'documents',
    text: true,
    words: JSON_WORDS,
    maxBytes: 32 * 1024,
    boundMs: 250,
    seeds: documentSeeds,
    run: documents,
  },
  {
    name: 'reference',
    text: true,
    words: ['docker-archive:', 'oci:', 'docker://', '-', '@sha256:', ':', '@', '/', '..', '\0', 'rootfs:', 'C:\\'],
    maxBytes: 4096,
    boundMs: 50,
    seeds: () =>
      ['oci:dir:tag', 'docker-archive:/a/b.tar:name:tag', 'image.tar', 'docker://x/y@sha256:00', '-'].map(bytesOf),
    run: reference,
  },
];

/** `for i in $(seq 40); do echo "hello hello $i hello"; done | zstd -19 --check`: compressed blocks with a checksum. */
const REAL_ZSTD = Uint8Array.from(
  Buffer.from(
    'KLUv/QRo1QIAUkUOENC1AUDFhyPZ3b1TBiyhGAGgECJGGMrj7/Y6/ff7eRp9NpfJt12Ps9irtUp93XaaeFZ0g4ZCiBgBKagQSD4H0GsDEUgEN4T9AQG7deC+JopzyRgBiEVSOfKGKQ==',
    'base64',
  ),
);
