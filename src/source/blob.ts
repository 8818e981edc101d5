import { diffId } from '../model/brand.js';
import type { LayerFacts } from '../model/layer.js';
import type { LayerClaim, LayerReading, LoadOptions } from '../model/load.js';
import { LAYER_PART, readLayer, unreadableLayer } from '../image/layer.js';
import { ChunkReader, drain, type Chunks } from './chunks.js';
import { compressionOfHead, decompress, otherCompression, SNIFF_BYTES } from './decompress.js';
import { type Algorithm, digestOfView, hashed, Hasher } from './digest.js';
import type { Readable } from './readable.js';

/** What the reading of one layer needs to know. */
export type ReadOptions = Pick<LoadOptions, 'collector' | 'limits' | 'verify'>;

/** Bytes with a name, somewhere in a store. */
export interface Blob {
  readonly name: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The whole blob, for documents; null where it is larger than `limit` bytes or was not kept. */
  readonly bytes: (limit: number) => Uint8Array | null;
  /** `claimed`: what the image says of it. */
  readonly layer: (options: LoadOptions, algorithm: Algorithm, claimed?: LayerClaim) => Promise<LayerReading>;
}

/** Where the blobs of images are: an archive, a directory, or what was kept of a stream. */
export interface Store {
  /** What the user named, for messages. */
  readonly path: string;
  readonly find: (name: string) => Blob | null;
  /** Names as written in the archive; for messages and to tell what the store is. */
  readonly names: () => readonly string[];
  /** Why the archive ends too early: what is missing from it may have been behind that place. */
  readonly damage: string | null;
}

/** A blob of which every byte can be read again. */
export function readableBlob(name: string, source: Readable): Blob {
  return {
    name,
    size: source.size,
    bytes: (limit) => (source.size > limit ? null : source.view().read(0, source.size).slice()),
    layer: (options, algorithm, claimed) => readThrough(source, options, algorithm, claimed ?? NO_CLAIM),
  };
}

const NO_CLAIM: LayerClaim = { digest: null, diffId: null };

/** Lets the reader of layers do it where there is one and the layer lies in a file. */
async function readThrough(
  source: Readable,
  options: LoadOptions,
  algorithm: Algorithm,
  claimed: LayerClaim,
): Promise<LayerReading> {
  const { reader, verify, limits } = options;
  if (reader === undefined || source.extent === undefined) return await readReadable(source, options, algorithm);
  const compression = compressionOfHead(source.view().read(0, SNIFF_BYTES));
  return await reader(source.extent, { verify, algorithm, compression, limits, claimed }, (own) =>
    readReadable(source, { ...options, ...own }, algorithm),
  );
}

/** Reads a layer from front to back or, where it is not compressed, by header. */
export async function readReadable(
  source: Readable,
  options: ReadOptions,
  algorithm: Algorithm,
): Promise<LayerReading> {
  const head = source.view().read(0, SNIFF_BYTES);
  if (compressionOfHead(head) !== 'none') return await readLayerStream(source.stream(), options, algorithm);
  const facts = await readLayer({ kind: 'random', view: source.view() }, options.collector, options.limits);
  const own = { compression: 'none', size: source.size, notes: [] } as const;
  if (!options.verify) return { facts, stored: null, ...own };
  // Stored uncompressed: blob and tar are the same bytes, and one reading serves for both digests.
  const sha256 = await digestOfView(source.view(), 'sha256');
  const stored = algorithm === 'sha256' ? sha256 : await digestOfView(source.view(), algorithm);
  return { facts: { ...facts, diffId: diffId(sha256) }, stored, ...own };
}

/** Reads a layer as it passes, once, with both digests. The stream is read to its end whatever is in it. */
export async function readLayerStream(
  chunks: Chunks,
  options: ReadOptions,
  algorithm: Algorithm,
): Promise<LayerReading> {
  const storedHash = new Hasher(algorithm);
  const diffHash = new Hasher();
  const notes: string[] = [];
  const stored = new ChunkReader(options.verify ? hashed(chunks, [storedHash]) : chunks);
  const head = (await stored.peek(SNIFF_BYTES)).slice();
  const compression = compressionOfHead(head);
  const facts = await readFacts();
  await drain(stored.rest()); // after damage the digest still covers the whole blob
  const size = stored.offset;
  if (!options.verify) return { facts, stored: null, compression, size, notes };
  const whole = facts.gaps.every((gap) => gap.part !== LAYER_PART);
  return {
    facts: whole ? { ...facts, diffId: diffId(diffHash.digest()) } : facts,
    stored: storedHash.digest(),
    compression,
    size,
    notes,
  };

  async function readFacts(): Promise<LayerFacts> {
    if (compression === 'other') {
      const value = otherCompression(head) ?? 'other';
      return unreadableLayer({ kind: 'bad-value', at: 0, field: 'compression', value });
    }
    const content = decompress(stored.rest(), options.limits, (text) => notes.push(text));
    const seen = options.verify ? hashed(content, [diffHash]) : content;
    return await readLayer({ kind: 'stream', chunks: seen }, options.collector, options.limits);
  }
}
