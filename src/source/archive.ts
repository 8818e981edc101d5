/** Tar archives: `docker-archive:`, `oci-archive:`, a tar that is a root filesystem; plain or compressed as a whole. */
import { StreamFault } from '../image/layer.js';
import { looksLikeTar } from '../image/tar/list.js';
import { XosError } from '../model/error.js';
import type { ImageFormat } from '../model/image.js';
import type { LoadedSource, LoadOptions } from '../model/load.js';
import { type ArchiveKind, archiveStore } from './archive-store.js';
import { readableBlob, readLayerStream, type Store } from './blob.js';
import type { Contents } from './candidate.js';
import { choose } from './choose.js';
import { ChunkReader, type Chunks } from './chunks.js';
import { compressionOfHead, decompress, SNIFF_BYTES } from './decompress.js';
import { savedContents } from './docker.js';
import { damaged } from './documents.js';
import { type OpenFile, openFile, readExtent } from './file-view.js';
import { loadCandidates } from './layers.js';
import { DIR_LAYOUT, layoutContents, OCI_LAYOUT } from './oci.js';
import { rootfsSource } from './rootfs.js';
import { selectorFor } from './reference.js';
import { beginsLikeImage, passArchive } from './stream-archive.js';
import { notAnImage, UNKNOWN_HEAD_BYTES } from './unknown.js';

/** What the user said that the tar is; null: its content decides. */
export type Expected = 'docker-archive' | 'oci-archive' | 'rootfs' | null;

/** Reads a tar from a file: by header where it is plain, in one pass where it is compressed. */
export async function loadArchive(
  path: string,
  reference: string,
  options: LoadOptions,
  expected: Expected,
): Promise<LoadedSource> {
  const file = openFile(path);
  try {
    const head = file.view().read(0, SNIFF_BYTES);
    const compression = compressionOfHead(head);
    if (compression === 'gzip' || compression === 'zstd')
      return await loadCompressed(file, reference, options, expected);
    if (!looksLikeTar(head)) throw notAnImage(path, file.view().read(0, UNKNOWN_HEAD_BYTES), file.size);
    return await loadPlain(file, reference, options, expected);
  } finally {
    file.close();
  }
}

async function loadPlain(
  file: OpenFile,
  reference: string,
  options: LoadOptions,
  expected: Expected,
): Promise<LoadedSource> {
  const store = archiveStore(file, options.limits);
  const kind = expected === 'rootfs' ? 'rootfs' : store.kind;
  if (kind !== 'rootfs') return await loadStore(store, kind, reference, options, expected);
  refuseRootfs(store, expected);
  options.onProgress('root filesystem');
  const whole = readableBlob(file.path, readExtent(file.extent()));
  return rootfsSource(await whole.layer(options, 'sha256'), reference, options);
}

async function loadCompressed(
  file: OpenFile,
  reference: string,
  options: LoadOptions,
  expected: Expected,
): Promise<LoadedSource> {
  let as: Expected | ReadAgain = expected;
  for (let reading = 0; reading < MAX_READINGS; reading++) {
    const source = await loadStream(file.stream(), file.path, reference, options, as);
    if (typeof source !== 'string') return source;
    as = source;
  }
  throw notAnImage(file.path, file.view().read(0, UNKNOWN_HEAD_BYTES), file.size);
}

/** What an archive turned out to be after it was read as the other. */
export type ReadAgain = 'image' | 'rootfs';

/** As what it begins like, as an image, as a root filesystem. */
const MAX_READINGS = 3;

/**
 * Reads a tar that passes once, compressed or not. A word: it turned out to be something else than it began like, and
 * its bytes are gone.
 */
export async function loadStream(
  stored: Chunks,
  path: string,
  reference: string,
  options: LoadOptions,
  as: Expected | ReadAgain,
): Promise<LoadedSource | ReadAgain> {
  const expected = as === 'image' ? null : as;
  const notes: string[] = [];
  // The bounds of a layer hold for each layer inside; the archive as a whole is bounded by the ratio alone.
  const limits = { ...options.limits, layerBytes: Number.MAX_SAFE_INTEGER };
  const faults: StreamFault[] = [];
  const content = decompress(stored, limits, (text) => notes.push(text));
  const reader = new ChunkReader(remembering(content, faults));
  try {
    const head = await reader.peek(SNIFF_BYTES);
    if (!looksLikeTar(head)) throw notAnImage(path, await reader.peek(UNKNOWN_HEAD_BYTES), null);
    // Two blocks of zeros end a tar; what follows may be endless.
    if (head.every((byte) => byte === 0)) throw emptyTar(path);
    if (as === 'rootfs' || (as === null && !(await beginsLikeImage(reader)))) {
      options.onProgress('root filesystem');
      const reading = await readLayerStream(reader.rest(), options, 'sha256');
      if (as === null && reading.facts.entries.some(({ path }) => IMAGE_DOCUMENTS.has(path))) return 'image';
      return withNotes(rootfsSource(reading, reference, options), notes);
    }
    const store = await passArchive(reader, path, options, () => faults[0] ?? null);
    if (store.kind !== 'rootfs')
      return withNotes(await loadStore(store, store.kind, reference, options, expected), notes);
    refuseRootfs(store, expected);
    return 'rootfs';
  } finally {
    await reader.close();
  }
}

/** An archive may begin with any member; engines look for these wherever they stand. */
const IMAGE_DOCUMENTS: ReadonlySet<string> = new Set(['/manifest.json', '/index.json', '/oci-layout']);

async function* remembering(chunks: Chunks, faults: StreamFault[]): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    if (cause instanceof StreamFault) faults.push(cause);
    throw cause;
  }
}

/** Reads the images of a store that is an archive of images. */
export async function loadStore(
  store: Store,
  kind: ArchiveKind,
  reference: string,
  options: LoadOptions,
  expected: Expected = null,
): Promise<LoadedSource> {
  const [format, contents] = contentsOf(store, kind, options, expected);
  const choice = choose(contents, reference, selectorFor(reference, store.path), options);
  const source = await loadCandidates(choice.chosen, store, { reference, format }, options);
  const damage = store.damage === null ? [] : [`${store.path}: ${store.damage}`];
  return { images: source.images, notes: [...damage, ...choice.notes, ...source.notes] };
}

function contentsOf(
  store: Store,
  kind: ArchiveKind,
  options: LoadOptions,
  expected: Expected,
): readonly [ImageFormat, Contents] {
  switch (kind) {
    case 'docker-archive':
      if (expected === 'oci-archive') return ['oci-archive', layoutContents(store, OCI_LAYOUT, options)];
      return ['docker-archive', savedContents(store, options)];
    case 'oci-archive':
      if (expected === 'docker-archive') throw wrongKind(store, 'docker-archive', 'an OCI layout', 'oci-archive');
      return ['oci-archive', layoutContents(store, OCI_LAYOUT, options)];
    case 'dir':
      return ['dir', layoutContents(store, DIR_LAYOUT, options)];
    case 'empty':
      throw emptyTar(store.path);
    case 'image-parts':
    case 'rootfs':
      throw damaged(store, 'it has blobs of images, and neither `manifest.json` nor `index.json`');
  }
}

function emptyTar(path: string): XosError {
  return new XosError('XOS_NOT_AN_IMAGE', `\`${path}\` is a tar without members`, {
    suggestions: ['save the image again: docker save IMAGE -o image.tar'],
  });
}

function refuseRootfs(store: Store, expected: Expected): void {
  if (expected === 'docker-archive' || expected === 'oci-archive') {
    throw wrongKind(store, expected, 'a tar without `manifest.json` and `index.json`', 'rootfs');
  }
}

function wrongKind(store: Store, expected: string, found: string, instead: string): XosError {
  return new XosError('XOS_NOT_AN_IMAGE', `\`${store.path}\` is ${found}, expected what \`${expected}:\` names`, {
    suggestions: [`xoscheck ${instead}:${store.path}`, 'or name the path alone: its content says what it is'],
  });
}

function withNotes(source: LoadedSource, notes: readonly string[]): LoadedSource {
  return { images: source.images, notes: [...notes, ...source.notes] };
}
