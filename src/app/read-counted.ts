import { fileCollector } from '../facts/collector.js';
import type { FileCollector } from '../model/collector.js';
import type { LayerReading } from '../model/load.js';
import { readReadable } from '../source/blob.js';
import { readExtent } from '../source/file-view.js';
import type { Knowledge } from '../strings/knowledge.js';
import { readKnowledge } from './knowledge-files.js';
import type { LayerJob } from './layer-job.js';

/** A collector for one layer that counts the bytes which it searched for strings. */
export interface CountingCollector {
  readonly collector: FileCollector;
  /** The reading with that number in its facts. */
  readonly counted: (reading: LayerReading) => LayerReading;
}

export function countingCollector(knowledge: Knowledge): CountingCollector {
  let bytesScanned = 0;
  return {
    collector: fileCollector(knowledge, (bytes) => (bytesScanned += bytes)),
    counted: (reading) => ({ ...reading, facts: { ...reading.facts, bytesScanned } }),
  };
}

let knowledge: Knowledge | null = null;

/** Reads one layer in a thread that has nothing but the job. */
export async function readCounted(job: Extract<LayerJob, { kind: 'layer' }>): Promise<LayerReading> {
  knowledge ??= readKnowledge();
  const { collector, counted } = countingCollector(knowledge);
  const { verify, limits, algorithm } = job;
  return counted(await readReadable(readExtent(job.extent), { collector, limits, verify }, algorithm));
}
