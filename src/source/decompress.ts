import type { LayerInfo } from '../model/image.js';
import type { Limits } from '../model/load.js';
import { ChunkReader, type Chunks } from './chunks.js';
import { badValue, overLimit } from './fault.js';
import { gunzip } from './gzip.js';
import { unzstd } from './zstd.js';

export type Compression = LayerInfo['compression'];

/** Up to here a stream may grow as it likes: a database or a swap file of zeros is no bomb. */
const RATIO_FREE_BYTES = 256 * 1024 * 1024;
/** Bytes that decide what a stream is: a tar header block. */
export const SNIFF_BYTES = 512;

/** What the first bytes say of the compression. `other`: known, and not read. */
export function compressionOfHead(head: Uint8Array): Compression {
  const text = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (text.startsWith('\x1f\x8b')) return 'gzip';
  // A frame, or a skippable one before it (RFC 8878, 3.1.1 and 3.1.2), as seekable streams may have.
  if (text === '\x28\xb5\x2f\xfd' || /^[\x50-\x5f]\x2a\x4d\x18$/.test(text)) return 'zstd';
  return otherCompression(head) === null ? 'none' : 'other';
}

/** Name of a compression that is recognised and not read. */
export function otherCompression(head: Uint8Array): 'xz' | 'bzip2' | 'lz4' | null {
  const text = Buffer.from(head.subarray(0, 6)).toString('latin1');
  if (text === '\xfd7zXZ\0') return 'xz';
  if (/^BZh[1-9]1A/.test(text)) return 'bzip2';
  return text.startsWith('\x04\x22\x4d\x18') ? 'lz4' : null;
}

/** The uncompressed bytes of a stream. Faults are `StreamFault`s with offsets into the stored stream. */
export async function* decompress(
  stored: Chunks,
  limits: Limits,
  note: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  const reader = new ChunkReader(stored);
  try {
    const head = await reader.peek(SNIFF_BYTES);
    const compression = compressionOfHead(head);
    if (compression === 'other') throw badValue(0, 'compression', otherCompression(head) ?? 'other');
    if (compression === 'none') yield* bounded(reader.rest(), reader, limits, false);
    else yield* bounded(compression === 'gzip' ? gunzip(reader, note) : unzstd(reader, note), reader, limits, true);
  } finally {
    await reader.close();
  }
}

async function* bounded(
  chunks: Chunks,
  stored: ChunkReader,
  limits: Limits,
  compressed: boolean,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limits.layerBytes) throw overLimit(stored.offset, 'bytes after decompression', limits.layerBytes);
    if (compressed && size > RATIO_FREE_BYTES && size > stored.offset * limits.compressionRatio) {
      throw overLimit(stored.offset, 'bytes for each stored byte', limits.compressionRatio);
    }
    yield chunk;
  }
}
