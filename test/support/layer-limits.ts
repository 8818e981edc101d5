import type { FileCollector } from '../../src/model/collector.js';
import type { Limits } from '../../src/model/load.js';

/** Limits that no test reaches unless it says so. */
export const testLimits: Limits = {
  entries: 1_000_000,
  pathBytes: 4096,
  layerBytes: 2 ** 40,
  compressionRatio: 1000,
  manifestBytes: 4 * 1024 * 1024,
  retainedBytes: 64 * 1024 * 1024,
};

/** Looks at nothing. */
export const noCollector: FileCollector = {
  version: 'none',
  interested: () => false,
  want: () => 'nothing',
  collect: () => null,
};

/** The bytes in chunks of the given sizes, over and over; each chunk is overwritten once it was taken. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const chunk = bytes.slice(at, at + Math.max(1, sizes[turn % sizes.length] ?? 1));
    at += chunk.length;
    yield await Promise.resolve(chunk);
    chunk.fill(0xaa);
  }
}
