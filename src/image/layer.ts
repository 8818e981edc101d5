import type { FileCollector, LayerBytes } from '../model/collector.js';
import type { FormatError, Gap } from '../model/gap.js';
import type { LayerEntry, LayerFacts } from '../model/layer.js';
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

/** `part` of a gap that says: the layer was not read to its end, so what is absent from it is unknown. */
export const LAYER_PART = 'layer';

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

/** Facts of a layer that is made of entries alone (a directory, a single file). */
export function layerOf(entries: readonly LayerEntry[], gaps: readonly Gap[] = []): LayerFacts {
  return { diffId: null, entries, whiteouts: [], opaqueDirectories: [], gaps, bytesRead: 0, bytesScanned: 0 };
}

/** Facts of a layer whose blob could not be read at all. */
export function unreadableLayer(error: FormatError): LayerFacts {
  return layerOf([], [{ path: '/', layer: null, part: LAYER_PART, error }]);
}
