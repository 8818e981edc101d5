import type { FormatError, Gap } from '../model/gap.js';
import type { LayerEntry, LayerFacts } from '../model/layer.js';

/** `part` of a gap that says: the layer was not read to its end, so what is absent from it is unknown. */
export const LAYER_PART = 'layer';

/** Facts of a layer that is made of entries alone (a directory, a single file). */
export function layerOf(entries: readonly LayerEntry[], gaps: readonly Gap[] = []): LayerFacts {
  return { diffId: null, entries, whiteouts: [], opaqueDirectories: [], gaps, bytesRead: 0, bytesScanned: 0 };
}

/** Facts of a layer whose blob could not be read at all. */
export function unreadableLayer(error: FormatError): LayerFacts {
  return layerOf([], [{ path: '/', layer: null, part: LAYER_PART, error }]);
}
