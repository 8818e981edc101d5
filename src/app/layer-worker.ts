/** A thread that reads layers, or only hashes them. It gets places in open files and gives plain values. */
import { serialize } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import { digestOfView } from '../source/digest.js';
import { readExtent } from '../source/file-view.js';
import type { LayerJob, LayerJobResult } from './layer-job.js';

/** Runs one job. A layer is given as serialised bytes, so that they can be handed over without a copy. */
async function run(job: LayerJob): Promise<LayerJobResult> {
  const { extent, algorithm } = job;
  if (job.kind === 'hash') return { kind: 'digest', digest: await digestOfView(readExtent(extent).view(), algorithm) };
  // What analyses files is large, and a thread that hashes does not need it.
  const { readCounted } = await import('./read-counted.js');
  return { kind: 'reading', bytes: serialize(await readCounted(job)) };
}

parentPort?.on('message', (job: LayerJob) => {
  run(job)
    .catch((): LayerJobResult => ({ kind: 'failed' }))
    .then((result) => {
      parentPort?.postMessage(result, result.kind === 'reading' ? [arrayBufferOf(result.bytes)] : []);
    })
    .catch(() => process.exit(1));
});

function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  if (bytes.buffer instanceof ArrayBuffer) return bytes.buffer;
  throw new Error('serialised bytes are shared');
}
