import type { FileCollector, LayerBytes } from '../model/collector.js';
import type { FormatError } from '../model/gap.js';
import type { LayerFacts } from '../model/layer.js';
import type { Limits } from '../model/load.js';

/**
 * Thrown by a chunk stream that cannot go on (truncated gzip, bad block, ratio limit). `readLayer` keeps what came
 * before and makes a gap of it; any other error flies on.
 */
export class StreamFault extends Error {
  readonly fault: FormatError;
  constructor(fault: FormatError) {
    super(fault.kind);
    this.fault = fault;
  }
}

/**
 * Reads one layer's tar. A stream is always read to its end, also after damage, so that a digest over its chunks is
 * whole. `diffId` of the result is null: the source that saw the chunks fills it in.
 */
export function readLayer(bytes: LayerBytes, collector: FileCollector, limits: Limits): Promise<LayerFacts> {
  void bytes;
  void collector;
  void limits;
  return Promise.reject(new Error('not written yet'));
}

export { LAYER_PART, layerOf, unreadableLayer } from './layer-facts.js';
