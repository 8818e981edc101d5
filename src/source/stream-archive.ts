/**
 * An archive that passes once: stdin, or an archive that is compressed as a whole. Which blobs are layers of which image
 * is known only at the end (`manifest.json` is often the last member), so every blob that looks like a tar is read as a
 * layer while it passes, documents are kept, and the manifest decides afterwards.
 */
import { LAYER_PART, StreamFault, unreadableLayer } from '../image/layer.js';
import type { TarEntry } from '../image/tar/entry.js';
import { looksLikeTar } from '../image/tar/list.js';
import { padded, tarSteps } from '../image/tar/steps.js';
import { walkTar } from '../image/tar/walk.js';
import { describeFormatError, type FormatError } from '../model/gap.js';
import type { LayerReading, LoadOptions } from '../model/load.js';
import { memoryView } from '../model/view.js';
import { type ArchiveKind, archiveKind, mayBeImageMember, memberOf, Members } from './archive-store.js';
import { type Blob, readLayerStream, type Store } from './blob.js';
import { ChunkReader, type Chunks, chunksOf, EMPTY } from './chunks.js';
import { compressionOfHead, SNIFF_BYTES } from './decompress.js';
import { overLimit, truncated } from './fault.js';

/** Documents kept of one stream, all together: ten times the largest that one image has. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
/** How far is looked for the first name that tells an image from a root filesystem. */
const MAX_LOOK_AHEAD_BYTES = 1024 * 1024;

/** What was kept of a stream that has passed. */
export interface PassedStore extends Store {
  readonly kind: ArchiveKind;
}

/** True where the first members of a tar are those of an image; the reader keeps all its bytes. */
export async function beginsLikeImage(reader: ChunkReader): Promise<boolean> {
  for (let length = 16 * 1024; ; length *= 4) {
    const ahead = await reader.peek(length);
    const first = firstNamed(ahead);
    if (first !== null) return mayBeImageMember(first);
    if (ahead.length < length || length >= MAX_LOOK_AHEAD_BYTES) return false;
  }
}

/** Reads the whole archive and keeps what an image can need. `stored` tells the fault of the stream behind the reader. */
export async function passArchive(
  reader: ChunkReader,
  path: string,
  options: LoadOptions,
  stored: () => StreamFault | null,
): Promise<PassedStore> {
  const members = new Members<Blob>();
  const memory = { left: MAX_DOCUMENT_BYTES };
  let damage: string | null = null;
  try {
    for await (const entry of entriesOf(reader)) {
      const body = new ChunkReader(bodyOf(reader, entry.storedSize));
      const blob = entry.type === 'file' ? await passBlob(entry, body, options, memory) : null;
      const member = memberOf(entry, () => blob ?? droppedBlob(entry));
      if (member !== null) members.add(entry.path, member);
      await finishBody(reader, body, entry);
      if (members.size >= options.limits.entries) throw overLimit(reader.offset, 'members', options.limits.entries);
    }
    await reader.skip(Number.MAX_SAFE_INTEGER); // the end of the compressed stream may be missing
  } catch (cause) {
    if (!(cause instanceof StreamFault)) throw cause;
    // A fault of the compressed stream is the cause of what is then missing from the tar.
    damage = `the archive ${describeFormatError((stored() ?? cause).fault)}`;
  }
  const paths = members.paths();
  return { path, kind: archiveKind(members), find: (name) => members.find(name), names: () => paths, damage };
}

/** The rest of a member and its padding; a stream that ends inside is damaged. */
async function finishBody(reader: ChunkReader, body: ChunkReader, entry: TarEntry): Promise<void> {
  await body.skip(Number.MAX_SAFE_INTEGER);
  const missing = entry.storedSize - body.offset;
  if (missing > 0) throw truncated(reader.offset, missing, 0);
  await reader.skip(padded(entry.storedSize) - entry.storedSize);
}

async function passBlob(
  entry: TarEntry,
  body: ChunkReader,
  options: LoadOptions,
  memory: { left: number },
): Promise<Blob> {
  const name = entry.path.slice(1);
  const head = await body.peek(SNIFF_BYTES);
  const compression = compressionOfHead(head);
  if (compression !== 'none' || looksLikeTar(head)) {
    options.onProgress(`blob ${name}`);
    const algorithm = name.startsWith('blobs/sha512/') ? 'sha512' : 'sha256';
    const reading = await readLayerStream(body.rest(), options, algorithm);
    return passedLayer(name, cutReading(reading, entry.storedSize));
  }
  if (entry.storedSize > Math.min(options.limits.manifestBytes, memory.left)) return droppedBlob(entry);
  memory.left -= entry.storedSize;
  const bytes = (await body.take(entry.storedSize)).slice();
  return {
    name,
    size: entry.storedSize,
    bytes: (limit) => (bytes.length > limit ? null : bytes),
    layer: (how, algorithm) => readLayerStream(chunksOf(bytes), how, algorithm),
  };
}

/** A layer that the stream ended in: its tar may look whole, its digest is not the one of the blob. */
function cutReading(reading: LayerReading, size: number): LayerReading {
  if (reading.size >= size || reading.facts.gaps.some((gap) => gap.part === LAYER_PART)) return reading;
  const error: FormatError = { kind: 'truncated', at: reading.size, needed: size - reading.size, available: 0 };
  const gap = { path: '/', layer: null, part: LAYER_PART, error };
  return { ...reading, facts: { ...reading.facts, gaps: [...reading.facts.gaps, gap] } };
}

function passedLayer(name: string, reading: LayerReading): Blob {
  return { name, size: reading.size, bytes: () => null, layer: () => Promise.resolve(reading) };
}

/** A member that looked like neither a layer nor a document when it passed. */
function droppedBlob(entry: TarEntry): Blob {
  const size = entry.storedSize;
  const facts = unreadableLayer({ kind: 'bad-value', at: 0, field: 'tar header', value: 'no checksum that fits' });
  const reading: LayerReading = { facts, stored: null, compression: 'other', size, notes: [] };
  return { name: entry.path.slice(1), size, bytes: () => null, layer: () => Promise.resolve(reading) };
}

function bodyOf(reader: ChunkReader, size: number): Chunks {
  let left = size;
  async function next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = left > 0 ? await reader.next() : null;
    if (chunk === null) return { done: true, value: undefined };
    if (chunk.length > left) reader.unread(chunk.subarray(left));
    const value = chunk.subarray(0, left);
    left -= value.length;
    return { done: false, value };
  }
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

/** Members in order, headers read by the steps that read archives at rest. The body is to be taken before the next. */
async function* entriesOf(reader: ChunkReader): AsyncGenerator<TarEntry> {
  const steps = tarSteps();
  for (let answer: Uint8Array = EMPTY; ;) {
    const next = steps.next(answer);
    if (next.done === true) {
      if (next.value.error !== null) throw new StreamFault(next.value.error);
      return;
    }
    answer = next.value.kind === 'take' ? await reader.take(next.value.length) : EMPTY;
    if (next.value.kind === 'entry') yield next.value.entry;
  }
}

/** Name of the first member that is not the root itself. */
function firstNamed(bytes: Uint8Array): string | null {
  const names: string[] = [];
  walkTar(memoryView(bytes), (entry) => {
    if (entry.path !== '/') names.push(entry.path);
    return names.length === 0;
  });
  return names[0] ?? null;
}
