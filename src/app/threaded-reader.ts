import { setImmediate } from 'node:timers/promises';
import { diffId, type Digest } from '../model/brand.js';
import type { Extent, LayerReader, LayerReading, LayerRequest } from '../model/load.js';
import { digestOfView } from '../source/digest.js';
import { readExtent } from '../source/file-view.js';
import type { Knowledge } from '../strings/knowledge.js';
import { LayerThreads, ThreadFailed } from './layer-threads.js';
import { countingCollector } from './read-counted.js';

/** Starting a thread takes as long as reading so many bytes. */
const MIN_THREAD_BYTES = 16 * 1024 * 1024;

type Own = Parameters<LayerReader>[2];

/** Reads large layers in other threads, at most `jobs` at a time, and small ones here. */
export class ThreadedReader {
  readonly #knowledge: Knowledge;
  readonly #threads: LayerThreads;
  readonly #jobs: number;
  /** Large layers that are being read, or are about to be. */
  #large = 0;

  constructor(knowledge: Knowledge, jobs: number) {
    this.#knowledge = knowledge;
    this.#jobs = jobs;
    this.#threads = new LayerThreads(jobs);
  }

  readonly read: LayerReader = async (extent, request, own) => {
    // Inflation has threads of its own (libuv's pool), and every thread that inflates keeps large files in memory.
    const here = this.#jobs < 2 || extent.size < MIN_THREAD_BYTES || request.compression !== 'none';
    if (here) return await this.#here(request.verify, own);
    this.#large += 1;
    try {
      await setImmediate(); // so that the other layers of the image are counted too
      return this.#large > 1 ? await this.#elsewhere(extent, request) : await this.#alone(extent, request, own);
    } catch (cause) {
      // Done here it works, or says itself what is wrong.
      if (cause instanceof ThreadFailed) return await this.#here(request.verify, own);
      throw cause;
    } finally {
      this.#large -= 1;
    }
  };

  /** Digest of a part of a file, computed in another thread where that pays. */
  async hash(extent: Extent): Promise<Digest> {
    if (this.#jobs < 2 || extent.size < MIN_THREAD_BYTES)
      return await digestOfView(readExtent(extent).view(), 'sha256');
    return await this.#threads.hash({ kind: 'hash', extent, algorithm: 'sha256' });
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #here(verify: boolean, own: Own): Promise<LayerReading> {
    const { collector, counted } = countingCollector(this.#knowledge);
    return counted(await own({ collector, verify }));
  }

  #elsewhere(extent: Extent, { verify, algorithm, limits }: LayerRequest): Promise<LayerReading> {
    return this.#threads.layer({ kind: 'layer', extent, verify, algorithm, limits });
  }

  /** One layer that is not compressed is hashed in another thread while its headers are walked here. */
  async #alone(extent: Extent, request: LayerRequest, own: Own): Promise<LayerReading> {
    if (!request.verify) return await this.#here(request.verify, own);
    const sha256 = this.#threads.hash({ kind: 'hash', extent, algorithm: 'sha256' });
    const stored = request.algorithm === 'sha256' ? sha256 : this.#threads.hash({ ...request, kind: 'hash', extent });
    const [reading, diff, blob] = await Promise.all([this.#here(false, own), sha256, stored]);
    return { ...reading, facts: { ...reading.facts, diffId: diffId(diff) }, stored: blob };
  }
}
