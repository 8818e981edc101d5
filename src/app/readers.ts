import { availableParallelism } from 'node:os';
import { LayerCache } from '../cache/layers.js';
import type { Digest } from '../model/brand.js';
import type { Extent, LayerReader } from '../model/load.js';
import { digestOfView } from '../source/digest.js';
import { readExtent } from '../source/file-view.js';
import type { Knowledge } from '../strings/knowledge.js';
import { builtAnalyser } from './built-data.js';
import { openCache } from './cache.js';
import { ThreadFailed } from './layer-threads.js';
import { ThreadedReader } from './threaded-reader.js';

/** Layers read at the same time where nobody says how many: each has a thread and its memory. */
const MAX_DEFAULT_JOBS = 3;

export function defaultJobs(): number {
  return Math.min(availableParallelism(), MAX_DEFAULT_JOBS);
}

/** How the layers of one run are read: from the cache, in threads, each part of a file once. */
export interface Readers {
  readonly reader: LayerReader;
  readonly cacheHits: () => number;
  /** Bytes that were searched for strings in the layers, also where that was done in an earlier run. */
  readonly bytesScanned: () => number;
  readonly close: () => Promise<void>;
}

export function openReaders(knowledge: Knowledge, jobs: number, wantsCache: boolean): Readers {
  const threads = new ThreadedReader(knowledge, jobs);
  const version = wantsCache ? builtAnalyser() : null;
  const store = version === null ? null : openCache();
  const hash = (extent: Extent): Promise<Digest> => hashExtent(threads, extent);
  const cache =
    version === null || store === null ? null : new LayerCache({ store, version, hash, now: () => Date.now() });
  let bytesScanned = 0;
  const read = cache === null ? threads.read : cache.through(threads.read);
  const counted: LayerReader = async (...call) => {
    const reading = await read(...call);
    bytesScanned += reading.facts.bytesScanned;
    return reading;
  };
  return {
    reader: counted,
    cacheHits: () => cache?.hits ?? 0,
    bytesScanned: () => bytesScanned,
    close: async () => {
      store?.trim();
      await threads.close();
    },
  };
}

async function hashExtent(threads: ThreadedReader, extent: Extent): Promise<Digest> {
  try {
    return await threads.hash(extent);
  } catch (cause) {
    if (!(cause instanceof ThreadFailed)) throw cause;
    return await digestOfView(readExtent(extent).view(), 'sha256');
  }
}
