/**
 * Images of an OCI layout (OCI image-spec, image-layout.md) or of skopeo's `dir:` (containers-transports(5)): an index
 * leads through nested indexes to manifests, each of which names a config and layers.
 */
import { parseConfig } from '../image/config.js';
import { type Descriptor, type Index, isAttestation, type Manifest, parseDocument } from '../image/manifest.js';
import type { Digest } from '../model/brand.js';
import type { Gap } from '../model/gap.js';
import type { Platform } from '../model/image.js';
import type { LoadOptions } from '../model/load.js';
import type { Store } from './blob.js';
import type { Broken, Candidate, CandidateLayer, Contents } from './candidate.js';
import { algorithmOf, digestOf } from './digest.js';
import { damaged, documentBytes, documentProblem, requiredBytes } from './documents.js';

/** An index in an index is usual with BuildKit; nobody needs more than two. */
const MAX_INDEX_DEPTH = 8;
/** Manifests that are read of one source. */
const MAX_MANIFESTS = 1000;

const REF_NAME = 'org.opencontainers.image.ref.name';
const CONTAINERD_NAME = 'io.containerd.image.name';
const CONFIG_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** How a store names its blobs. */
export interface Layout {
  /** The document where reading begins. */
  readonly root: string;
  readonly manifest: (digest: Digest) => string;
  readonly blob: (digest: Digest) => string;
}

/** image-layout.md, "Blobs": `blobs/<algorithm>/<encoded>`. */
export const OCI_LAYOUT: Layout = {
  root: 'index.json',
  manifest: (digest) => `blobs/${digest.replace(':', '/')}`,
  blob: (digest) => `blobs/${digest.replace(':', '/')}`,
};

/** skopeo's `dir:`: SHA-256 blobs are named by their hex, others by `<algorithm>-<hex>`. */
export const DIR_LAYOUT: Layout = {
  root: 'manifest.json',
  manifest: (digest) => `${dirName(digest)}.manifest.json`,
  blob: dirName,
};

function dirName(digest: Digest): string {
  return digest.startsWith('sha256:') ? digest.slice('sha256:'.length) : digest.replace(':', '-');
}

interface Walk {
  readonly store: Store;
  readonly layout: Layout;
  readonly options: LoadOptions;
  readonly seen: Map<string, { names: string[] }>;
  readonly candidates: Candidate[];
  readonly broken: Broken[];
  readonly notes: Set<string>;
}

interface Place {
  readonly digest: Digest;
  readonly names: readonly string[];
  readonly platform: Platform | null;
  readonly depth: number;
  /** Digests of the indexes on the way that differ. */
  readonly gaps: readonly Gap[];
}

/** Reads every document of the layout; layers are not touched. */
export function layoutContents(store: Store, layout: Layout, options: LoadOptions): Contents {
  const walk: Walk = { store, layout, options, seen: new Map(), candidates: [], broken: [], notes: new Set() };
  const bytes = requiredBytes(store, layout.root, options.limits.manifestBytes);
  const document = parseDocument(bytes);
  if (!document.ok) throw damaged(store, documentProblem(layout.root, document.error));
  const place: Place = { digest: digestOf(bytes), names: [], platform: null, depth: 0, gaps: [] };
  if (document.value.kind === 'index') walkIndex(walk, document.value, place);
  else if (document.value.kind === 'manifest') addManifest(walk, document.value, place, []);
  else addBroken(walk, place, 'damaged', SCHEMA_1);
  return { candidates: walk.candidates, broken: walk.broken, notes: [...walk.notes] };
}

const SCHEMA_1 =
  'it is a Docker schema 1 image; convert it: skopeo copy --format v2s2 dir:OLD docker-archive:image.tar';

function walkIndex(walk: Walk, index: Index, place: Place): void {
  for (const descriptor of index.manifests) {
    if (isAttestation(descriptor)) continue;
    const names = place.names.length > 0 ? place.names : namesOf(descriptor);
    visit(walk, descriptor, {
      digest: descriptor.digest,
      names,
      platform: descriptor.platform ?? place.platform,
      depth: place.depth + 1,
      gaps: place.gaps,
    });
  }
}

function visit(walk: Walk, descriptor: Descriptor, place: Place): void {
  const known = walk.seen.get(place.digest);
  if (known !== undefined) {
    // The same manifest under another tag, or an index that leads back to itself.
    for (const name of place.names) if (!known.names.includes(name)) known.names.push(name);
    return;
  }
  if (place.depth > MAX_INDEX_DEPTH) {
    walk.notes.add(`indexes deeper than ${MAX_INDEX_DEPTH} are not followed (${place.digest})`);
    return;
  }
  if (walk.seen.size >= MAX_MANIFESTS) {
    walk.notes.add(`only the first ${MAX_MANIFESTS} manifests are read`);
    return;
  }
  const names = [...place.names];
  walk.seen.set(place.digest, { names });
  const name = walk.layout.manifest(place.digest);
  if (algorithmOf(place.digest) === null) {
    addBroken(walk, place, 'damaged', `\`${place.digest}\` is no SHA-256 or SHA-512 digest`);
    return;
  }
  if (walk.store.find(name) === null) {
    const why = walk.store.damage ?? 'its manifest is not in the archive';
    addBroken(walk, place, walk.store.damage === null ? 'absent' : 'damaged', `${place.digest}: ${why}`);
    return;
  }
  readManifest(walk, descriptor, name, { ...place, names });
}

function readManifest(walk: Walk, descriptor: Descriptor, name: string, place: Place): void {
  const bytes = documentBytes(walk.store, name, walk.options.limits.manifestBytes);
  if (!bytes.ok) {
    addBroken(walk, place, 'damaged', bytes.error);
    return;
  }
  const document = parseDocument(bytes.value);
  if (!document.ok) {
    const artifact = descriptor.artifactType !== null;
    addBroken(walk, place, artifact ? 'artifact' : 'damaged', documentProblem(name, document.error));
    return;
  }
  const gaps = digestGaps(walk, name, place.digest, bytes.value);
  if (document.value.kind === 'index') walkIndex(walk, document.value, { ...place, gaps: [...place.gaps, ...gaps] });
  else if (document.value.kind === 'manifest') addManifest(walk, document.value, place, gaps);
  else addBroken(walk, place, 'damaged', SCHEMA_1);
}

function addManifest(walk: Walk, manifest: Manifest, place: Place, gaps: readonly Gap[]): void {
  const type = manifest.artifactType ?? manifest.config.mediaType;
  if (manifest.artifactType !== null || !CONFIG_TYPES.has(manifest.config.mediaType)) {
    addBroken(walk, place, 'artifact', `it is an artifact of type \`${type}\`, no image`);
    return;
  }
  const name = walk.layout.blob(manifest.config.digest);
  const bytes = documentBytes(walk.store, name, walk.options.limits.manifestBytes);
  if (!bytes.ok) {
    addBroken(walk, place, 'damaged', `the config ${bytes.error}`);
    return;
  }
  const config = parseConfig(bytes.value);
  if (!config.ok) {
    addBroken(walk, place, 'damaged', documentProblem(name, config.error));
    return;
  }
  walk.candidates.push({
    digest: place.digest,
    names: place.names,
    manifestMediaType: manifest.mediaType,
    indexPlatform: place.platform,
    config: config.value,
    layers: manifest.layers.map((layer) => layerOf(walk.layout, layer)),
    gaps: [...place.gaps, ...gaps, ...digestGaps(walk, name, manifest.config.digest, bytes.value)],
  });
}

function layerOf(layout: Layout, layer: Descriptor): CandidateLayer {
  return {
    blob: layout.blob(layer.digest),
    digest: layer.digest,
    mediaType: layer.mediaType,
    size: layer.size,
    foreign: layer.urls.length > 0,
  };
}

function digestGaps(walk: Walk, path: string, expected: Digest, bytes: Uint8Array): readonly Gap[] {
  const algorithm = algorithmOf(expected);
  if (!walk.options.verify || algorithm === null) return [];
  const value = digestOf(bytes, algorithm);
  if (value === expected) return [];
  return [{ path, layer: null, part: 'digest', error: { kind: 'bad-value', at: 0, field: 'digest', value } }];
}

function addBroken(walk: Walk, place: Place, kind: Broken['kind'], problem: string): void {
  walk.broken.push({ digest: place.digest, names: place.names, platform: place.platform, kind, problem });
}

/** `docker save` writes the tag as ref name and the whole name as containerd's annotation. */
function namesOf(descriptor: Descriptor): readonly string[] {
  const whole = descriptor.annotations[CONTAINERD_NAME];
  const reference = descriptor.annotations[REF_NAME];
  if (whole !== undefined && whole !== '') return [whole];
  return reference === undefined || reference === '' ? [] : [reference];
}
