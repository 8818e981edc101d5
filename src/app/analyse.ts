import type { ImageAnalysis, PlacedReference, Statistics } from '../model/analysis.js';
import type { Gap } from '../model/gap.js';
import type { LoadedImage } from '../model/load.js';
import type { AnalysedBinary } from '../model/start.js';
import type { Rootfs } from '../model/rootfs.js';
import type { StartPath } from '../model/start.js';
import { mergeLayers } from '../image/merge.js';
import { analyseBinaries } from '../start/binaries.js';
import { followStart } from '../start/index.js';
import { classifyImports } from '../strings/classify.js';
import type { Knowledge } from '../strings/knowledge.js';
import { withInferredPlatform } from './platform.js';

/** Layers → rootfs → start path → binaries and references: all that can be known of an image before a host is. */
export function analyse(
  loaded: LoadedImage,
  knowledge: Knowledge,
  reading: Pick<Statistics, 'bytesScanned' | 'cacheHits'>,
): ImageAnalysis {
  const rootfs = mergeLayers(loaded.layers, { windows: loaded.image.platform.os === 'windows' });
  const image = withInferredPlatform(loaded.image, rootfs);
  const start = followStart(image, rootfs);
  const limits: Gap[] = [];
  const binaries = analyseBinaries(start, rootfs, (path, field, limit) => {
    limits.push({ path, layer: null, part: 'image', error: { kind: 'limit', at: 0, field, limit } });
  });
  return {
    image,
    rootfs,
    start,
    binaries,
    references: placeReferences(binaries, start, rootfs, knowledge),
    // Those of the layers, and of entries that could not be put in place.
    gaps: [...loaded.gaps, ...rootfs.gaps, ...limits],
    statistics: {
      layers: loaded.layers.length,
      entries: rootfs.size,
      binaries: binaries.length,
      bytesRead: loaded.layers.reduce((sum, layer) => sum + layer.bytesRead, 0),
      bytesScanned: reading.bytesScanned,
      elapsedMs: 0,
      cacheHits: reading.cacheHits,
    },
  };
}

/** References of what the start path reaches, and of the scripts that it executes. */
function placeReferences(
  binaries: readonly AnalysedBinary[],
  start: StartPath,
  rootfs: Rootfs,
  knowledge: Knowledge,
): readonly PlacedReference[] {
  const ofBinaries = binaries.flatMap(({ entry, reach }): readonly PlacedReference[] => {
    if (reach === 'present' || entry.content?.kind !== 'binary') return [];
    const references = [...entry.content.references, ...classifyImports(entry.content.binary, knowledge)];
    return references.map((reference) => ({ entry, reach, reference }));
  });
  const paths = start.programs.flatMap(({ lookup }) => (lookup.found ? [lookup.realPath] : []));
  const ofScripts = [...new Set(paths)].flatMap((path): readonly PlacedReference[] => {
    const entry = rootfs.entry(path);
    if (entry?.content?.kind !== 'text') return [];
    return entry.content.references.map((reference) => ({ entry, reach: 'start', reference }));
  });
  return [...ofBinaries, ...ofScripts];
}
