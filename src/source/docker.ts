/**
 * Images of `docker save`. Before Docker 25 `manifest.json` names `<id>/layer.tar` members; since then the archive is an
 * OCI layout as well, and `manifest.json` names its blobs.
 */
import { parseConfig } from '../image/config.js';
import { parseDockerManifest, type SavedImage } from '../image/docker-archive.js';
import { type Digest, digest } from '../model/brand.js';
import type { Gap } from '../model/gap.js';
import { XosError } from '../model/error.js';
import type { LoadOptions } from '../model/load.js';
import type { Store } from './blob.js';
import type { Broken, Candidate, CandidateLayer, Contents } from './candidate.js';
import { algorithmOf, digestOf } from './digest.js';
import { damaged, documentBytes, documentProblem, requiredBytes } from './documents.js';
import { layoutContents, OCI_LAYOUT } from './oci.js';

/** Images that are read of one `manifest.json`. */
const MAX_SAVED_IMAGES = 1000;

/** The OCI side says more (manifest digests, platforms); `manifest.json` has the tags, and is what older ones have. */
export function savedContents(store: Store, options: LoadOptions): Contents {
  if (store.find('index.json') === null) return manifestContents(store, options);
  const saved = trySaved(store, options);
  const layout = tryLayout(store, options);
  if (layout === null || layout.candidates.length === 0) {
    if (saved === null) return layout ?? layoutContents(store, OCI_LAYOUT, options);
    return saved;
  }
  return saved === null ? layout : withTags(layout, saved);
}

function trySaved(store: Store, options: LoadOptions): Contents | null {
  return store.find('manifest.json') === null ? null : attemptContents(() => manifestContents(store, options));
}

function tryLayout(store: Store, options: LoadOptions): Contents | null {
  return attemptContents(() => layoutContents(store, OCI_LAYOUT, options));
}

/** One of two descriptions of the same images may be damaged. */
function attemptContents(read: () => Contents): Contents | null {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof XosError) return null;
    throw cause;
  }
}

/** Tags of `manifest.json` where both describe the same layers. */
function withTags(layout: Contents, saved: Contents): Contents {
  const candidates = layout.candidates.map((candidate) => {
    const tags = saved.candidates.filter((item) => sameImage(item, candidate)).flatMap((item) => item.names);
    return tags.length === 0 ? candidate : { ...candidate, names: [...new Set(tags)] };
  });
  return { ...layout, candidates };
}

function sameImage(one: Candidate, other: Candidate): boolean {
  const [a, b] = [one.config.diffIds, other.config.diffIds];
  return (
    a.length === b.length &&
    a.every((id, index) => id === b[index]) &&
    one.config.platform.architecture === other.config.platform.architecture &&
    one.layers.every((layer, index) => layer.blob === other.layers[index]?.blob)
  );
}

function manifestContents(store: Store, options: LoadOptions): Contents {
  if (store.find('manifest.json') === null && store.find('repositories') !== null) {
    throw damaged(
      store,
      'it has `repositories` and no `manifest.json`: saved by Docker before 1.10; load and save it again',
    );
  }
  const bytes = requiredBytes(store, 'manifest.json', options.limits.manifestBytes);
  const saved = parseDockerManifest(bytes);
  if (!saved.ok) throw damaged(store, documentProblem('manifest.json', saved.error));
  const candidates: Candidate[] = [];
  const broken: Broken[] = [];
  for (const item of saved.value.slice(0, MAX_SAVED_IMAGES)) {
    const result = candidateOf(store, item, options);
    if ('problem' in result) broken.push(result);
    else candidates.push(result);
  }
  const notes = saved.value.length > MAX_SAVED_IMAGES ? [`only the first ${MAX_SAVED_IMAGES} images are read`] : [];
  return { candidates, broken, notes };
}

function candidateOf(store: Store, saved: SavedImage, options: LoadOptions): Candidate | Broken {
  const broken = (problem: string): Broken => {
    return { digest: null, names: saved.repoTags, platform: null, kind: 'damaged', problem };
  };
  const bytes = documentBytes(store, saved.config, options.limits.manifestBytes);
  if (!bytes.ok) return broken(`the config ${bytes.error}`);
  const config = parseConfig(bytes.value);
  if (!config.ok) return broken(documentProblem(saved.config, config.error));
  return {
    digest: digestOf(bytes.value),
    names: saved.repoTags,
    manifestMediaType: null,
    indexPlatform: null,
    config: config.value,
    layers: saved.layers.map(savedLayer),
    gaps: options.verify ? nameGaps(saved.config, bytes.value) : [],
  };
}

/** Blobs of a layout are looked up by digest; `<hex>.json` is only a name, which `docker load` does not compare. */
function nameGaps(path: string, bytes: Uint8Array): readonly Gap[] {
  const expected = digestOfName(path, /\.json$/);
  if (expected === null) return [];
  const value = digestOf(bytes, algorithmOf(expected) ?? 'sha256');
  if (value === expected) return [];
  const part = /^\.?\/?blobs\//.test(path) ? 'digest' : 'config name';
  return [{ path, layer: null, part, error: { kind: 'bad-value', at: 0, field: 'digest', value } }];
}

function savedLayer(name: string): CandidateLayer {
  return { blob: name, digest: digestOfName(name, /\.tar$/), mediaType: null, size: null, foreign: false };
}

/** `blobs/sha256/<hex>` and skopeo's `<hex>.tar`, `<hex>.json` name digests; `<id>/layer.tar` does not. */
function digestOfName(name: string, suffix: RegExp): Digest | null {
  const blob = /^\.?\/?blobs\/(sha256|sha512)\/([0-9a-f]{64}(?:[0-9a-f]{64})?)$/.exec(name);
  if (blob?.[1] !== undefined && blob[2] !== undefined) return digest(`${blob[1]}:${blob[2]}`);
  const plain = name.replace(suffix, '');
  return plain !== name && /^[0-9a-f]{64}$/.test(plain) ? digest(`sha256:${plain}`) : null;
}
