import { deserialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Digest } from '../model/brand.js';
import type { LayerReading } from '../model/load.js';
import type { LayerJob, LayerJobResult } from './layer-job.js';

/** Ends where a thread is given a job that it could not do; the caller does it itself. */
export class ThreadFailed extends Error {}

interface Thread {
  readonly worker: Worker;
  /** Hears how its job ended; null while it has none. */
  done: ((result: LayerJobResult) => void) | null;
}

/** At most `limit` threads, started when there is something to do. Their memory is bounded, their bytes are moved. */
export class LayerThreads {
  readonly #limit: number;
  readonly #threads: Thread[] = [];
  readonly #queue: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async layer(job: Extract<LayerJob, { kind: 'layer' }>): Promise<LayerReading> {
    const result = await this.#run(job);
    if (result.kind !== 'reading') throw new ThreadFailed();
    const reading: unknown = deserialize(result.bytes);
    if (!isReading(reading)) throw new ThreadFailed();
    return reading;
  }

  async hash(job: Extract<LayerJob, { kind: 'hash' }>): Promise<Digest> {
    const result = await this.#run(job);
    if (result.kind !== 'digest') throw new ThreadFailed();
    return result.digest;
  }

  /** Ends the threads; jobs that are still running fail. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  async #run(job: LayerJob): Promise<LayerJobResult> {
    const thread = await this.#free();
    return new Promise((resolve) => {
      thread.done = resolve;
      thread.worker.ref();
      thread.worker.postMessage(job);
    });
  }

  async #free(): Promise<Thread> {
    for (;;) {
      const idle = this.#threads.find(({ done }) => done === null);
      if (idle !== undefined) {
        // Taken before anyone else looks for one.
        idle.done = () => undefined;
        return idle;
      }
      if (this.#threads.length < this.#limit) this.#start();
      else await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
  }

  #start(): void {
    const worker = startWorker();
    const thread: Thread = { worker, done: null };
    const end = (result: LayerJobResult): void => {
      const { done } = thread;
      thread.done = null;
      worker.unref();
      done?.(result);
      this.#queue.shift()?.();
    };
    worker.on('message', (result: LayerJobResult) => end(result));
    // Out of memory, or a defect: the job is done by the caller, and the thread is not used again.
    worker.on('error', () => this.#forget(thread));
    worker.on('exit', () => {
      this.#forget(thread);
      end({ kind: 'failed' });
    });
    this.#threads.push(thread);
  }

  #forget(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at !== -1) this.#threads.splice(at, 1);
  }
}

/** Young objects of a thread, in MiB: enough that few die old, small enough for a thread a core. */
const YOUNG_MIB = 8;

/** `../app/` leads there from `src/app`, `dist/app` and `dist/chunks` alike; sources run through tsx. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const url = new URL(`../app/layer-worker.${isSource ? 'ts' : 'js'}`, import.meta.url);
  return new Worker(url, {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    ...(isSource ? { execArgv: ['--import', import.meta.resolve('tsx')] } : {}),
  });
}

/** Our own thread wrote it: the predicate only names it. */
function isReading(value: unknown): value is LayerReading {
  return typeof value === 'object' && value !== null && 'facts' in value && 'compression' in value;
}
