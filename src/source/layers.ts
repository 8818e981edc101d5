import { compressionOf, imageOf, type LayerBlob } from '../image/image.js';
import { LAYER_PART, unreadableLayer } from '../image/layer.js';
import type { DiffId, Digest } from '../model/brand.js';
import type { Gap } from '../model/gap.js';
import type { ImageFormat } from '../model/image.js';
import type { LayerFacts } from '../model/layer.js';
import type { LayerClaim, LayerReading, LoadedImage, LoadedSource, LoadOptions } from '../model/load.js';
import type { Store } from './blob.js';
import type { Candidate, CandidateLayer } from './candidate.js';
import { algorithmOf } from './digest.js';

/** Layers read at the same time where nobody says how many: inflation runs in libuv's pool. */
const JOBS = 2;

const DOCKER_MEDIA_TYPE = 'application/vnd.docker.image.rootfs.diff.tar';

interface ReadLayers {
  readonly readings: ReadonlyMap<string, LayerReading | null>;
}

/** Reads the layers of the chosen images, each blob once, and puts the images together. */
export async function loadCandidates(
  chosen: readonly Candidate[],
  store: Store,
  origin: { readonly reference: string; readonly format: ImageFormat },
  options: LoadOptions,
): Promise<LoadedSource> {
  const wanted = new Map<string, WantedLayer>();
  for (const { layers, config } of chosen) {
    layers.forEach((layer, index) => wanted.set(layer.blob, { ...layer, diffId: config.diffIds[index] ?? null }));
  }
  const read = await readAll([...wanted.values()], store, options);
  const notes = new Set<string>();
  for (const [name, reading] of read.readings) {
    for (const note of reading?.notes ?? []) notes.add(`${name}: ${note}`);
  }
  const images = chosen.map((candidate) => assemble(candidate, read, origin, options, notes));
  return { images, notes: [...notes] };
}

/** A layer with the diff ID that the config of its image has. */
type WantedLayer = CandidateLayer & Pick<LayerClaim, 'diffId'>;

async function readAll(layers: readonly WantedLayer[], store: Store, options: LoadOptions): Promise<ReadLayers> {
  const readings = new Map<string, LayerReading | null>();
  const queue = layers.entries();
  async function work(): Promise<void> {
    for (const [index, layer] of queue) {
      options.onProgress(`layer ${index + 1} of ${layers.length}`);
      const algorithm = (layer.digest === null ? null : algorithmOf(layer.digest)) ?? 'sha256';
      const blob = store.find(layer.blob);
      readings.set(layer.blob, blob === null ? null : await blob.layer(options, algorithm, layer));
    }
  }
  const jobs = await Promise.allSettled(Array.from({ length: Math.min(options.jobs ?? JOBS, layers.length) }, work));
  // All have ended before an error leaves: the file that they read is closed then.
  for (const job of jobs) if (job.status === 'rejected') throw job.reason;
  return { readings };
}

function assemble(
  candidate: Candidate,
  read: ReadLayers,
  origin: { readonly reference: string; readonly format: ImageFormat },
  options: LoadOptions,
  notes: Set<string>,
): LoadedImage {
  const gaps: Gap[] = [...candidate.gaps];
  const layers: LayerFacts[] = [];
  const blobs: LayerBlob[] = [];
  candidate.layers.forEach((layer, index) => {
    const reading = read.readings.get(layer.blob) ?? null;
    blobs.push(blobOf(layer, reading));
    layers.push(named(reading?.facts ?? missing(layer), layer.blob));
    if (reading === null) {
      if (layer.foreign) notes.add(`${layer.blob} is served elsewhere (a foreign layer) and not in the archive`);
    } else {
      gaps.push(...digestGaps(layer, reading, candidate.config.diffIds[index] ?? null, index, options));
      noteMediaType(layer, reading, notes);
    }
  });
  gaps.push(...countGap(candidate, options));
  const image = imageOf({
    ...origin,
    digest: candidate.digest,
    names: candidate.names,
    manifestMediaType: candidate.manifestMediaType,
    indexPlatform: candidate.indexPlatform,
    config: candidate.config,
    layers: blobs,
  });
  return { image, layers, gaps };
}

function blobOf(layer: CandidateLayer, reading: LayerReading | null): LayerBlob {
  const { mediaType } = layer;
  if (reading === null) {
    const compression = mediaType === null ? 'none' : compressionOf(mediaType);
    return { digest: layer.digest, mediaType: mediaType ?? DOCKER_MEDIA_TYPE, size: layer.size ?? 0, compression };
  }
  const { compression, size, stored } = reading;
  const suffix = compression === 'gzip' || compression === 'zstd' ? `.${compression}` : '';
  return { digest: layer.digest ?? stored, mediaType: mediaType ?? `${DOCKER_MEDIA_TYPE}${suffix}`, size, compression };
}

function missing(layer: CandidateLayer): LayerFacts {
  return unreadableLayer({ kind: 'truncated', at: 0, needed: layer.size ?? 1, available: 0 });
}

/** A layer that was not read to its end is named by its blob; inside a layer there is no such name. */
function named(facts: LayerFacts, blob: string): LayerFacts {
  if (!facts.gaps.some((gap) => gap.part === LAYER_PART)) return facts;
  return { ...facts, gaps: facts.gaps.map((gap) => (gap.part === LAYER_PART ? { ...gap, path: blob } : gap)) };
}

/** A digest that differs says that something is not as it was built; what was read is still what is there. */
function digestGaps(
  layer: CandidateLayer,
  reading: LayerReading,
  declared: DiffId | null,
  index: number,
  options: LoadOptions,
): readonly Gap[] {
  if (!options.verify) return [];
  const computed = reading.facts.diffId;
  const differs: (readonly [part: string, value: Digest | DiffId])[] = [];
  const { stored } = reading;
  if (layer.digest !== null && stored !== null && stored !== layer.digest && !isMereName(layer, declared, computed)) {
    differs.push(['digest', stored]);
  }
  // DiffIDs are SHA-256 in every image that is around; another algorithm cannot be compared.
  if (declared !== null && computed !== null && algorithmOf(declared) === 'sha256' && computed !== declared) {
    differs.push(['diff ID', computed]);
  }
  return differs.map(([part, value]) => {
    return { path: layer.blob, layer: index, part, error: { kind: 'bad-value', at: 0, field: part, value } };
  });
}

/** The name alone of a member of `docker save` (`<hex>.tar`) promises nothing where the diff ID is right. */
function isMereName(layer: CandidateLayer, declared: DiffId | null, computed: DiffId | null): boolean {
  const named = layer.mediaType === null && !/^\.?\/?blobs\//.test(layer.blob);
  return named && declared !== null && declared === computed;
}

/** As many diff IDs as layers: docker load refuses others (moby, image/tarexport/load.go). */
function countGap(candidate: Candidate, { verify }: LoadOptions): readonly Gap[] {
  const [ids, layers] = [candidate.config.diffIds.length, candidate.layers.length];
  if (!verify || ids === 0 || ids === layers) return [];
  const value = `${ids} for ${layers} layers`;
  const error = { kind: 'bad-value', at: 0, field: 'number of diff IDs', value } as const;
  return [{ path: 'config', layer: null, part: 'diff IDs', error }];
}

function noteMediaType(layer: CandidateLayer, reading: LayerReading, notes: Set<string>): void {
  if (layer.mediaType === null || reading.compression === 'other') return;
  const claimed = compressionOf(layer.mediaType);
  if (claimed === reading.compression) return;
  const found = reading.compression === 'none' ? 'an uncompressed tar' : reading.compression;
  notes.add(`${layer.blob} is ${found}, its media type says \`${layer.mediaType}\``);
}
