import type { Digest } from '../model/brand.js';
import type { Platform } from '../model/image.js';
import type { Result } from '../model/result.js';
import { readDigest } from './digest.js';
import {
  fault,
  isMissing,
  list,
  member,
  optional,
  readDocument,
  record,
  size,
  text,
  type DocumentError,
  type Node,
} from './json.js';
import { readPlatform } from './platform.js';

/** OCI image-spec, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform: Platform | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType: string | null;
  /** Foreign layers (Windows base layers) name where they are served. */
  readonly urls: readonly string[];
}

/** OCI image manifest or Docker image manifest, schema 2. */
export interface Manifest {
  readonly kind: 'manifest';
  readonly mediaType: string | null;
  readonly artifactType: string | null;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** OCI image index or Docker manifest list. */
export interface Index {
  readonly kind: 'index';
  readonly mediaType: string | null;
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Docker image manifest, schema 1: recognised, so that it can be named. */
export interface Schema1 {
  readonly kind: 'schema1';
  readonly name: string | null;
  readonly tag: string | null;
  readonly architecture: string | null;
  /** Lowest layer first; the document lists them the other way round. */
  readonly blobs: readonly Digest[];
}

const INDEX_TYPE = /(?:image\.index\.v\d+\+json|manifest\.list\.v\d+\+json)$/u;
const SCHEMA1_TYPE = /distribution\.manifest\.v1\+(?:json|prettyjws)$/u;

/** Any of the three, told apart by media type or, where there is none (it is optional in OCI), by their fields. */
export function parseDocument(bytes: Uint8Array): Result<Manifest | Index | Schema1, DocumentError> {
  return readDocument(bytes, (root) => {
    const mediaType = optional(member(root, 'mediaType'), text) ?? '';
    if (SCHEMA1_TYPE.test(mediaType) || !isMissing(member(root, 'fsLayers'))) return readSchema1(root);
    if (INDEX_TYPE.test(mediaType)) return readIndex(root);
    const isIndex = mediaType === '' && isMissing(member(root, 'config')) && !isMissing(member(root, 'manifests'));
    return isIndex ? readIndex(root) : readManifest(root);
  });
}

export function parseManifest(bytes: Uint8Array): Result<Manifest, DocumentError> {
  return readDocument(bytes, readManifest);
}

export function parseIndex(bytes: Uint8Array): Result<Index, DocumentError> {
  return readDocument(bytes, readIndex);
}

/** True for what BuildKit adds beside images: provenance and SBOM documents, which are no image. */
export function isAttestation(descriptor: Descriptor): boolean {
  const { annotations, platform } = descriptor;
  if (annotations['vnd.docker.reference.type'] === 'attestation-manifest') return true;
  return platform?.os === 'unknown' && platform.architecture === 'unknown';
}

function readManifest(root: Node): Manifest {
  schemaVersion(root);
  const layers = member(root, 'layers');
  if (isMissing(layers)) throw fault(layers, 'a list');
  return {
    kind: 'manifest',
    mediaType: optional(member(root, 'mediaType'), text),
    artifactType: optional(member(root, 'artifactType'), text),
    config: readDescriptor(member(root, 'config')),
    layers: list(layers, readDescriptor),
    annotations: record(member(root, 'annotations'), text),
  };
}

function readIndex(root: Node): Index {
  schemaVersion(root);
  const manifests = member(root, 'manifests');
  if (isMissing(manifests)) throw fault(manifests, 'a list');
  return {
    kind: 'index',
    mediaType: optional(member(root, 'mediaType'), text),
    manifests: list(manifests, readDescriptor),
    annotations: record(member(root, 'annotations'), text),
  };
}

function readSchema1(root: Node): Schema1 {
  const blobs = list(member(root, 'fsLayers'), (layer) => readDigest(member(layer, 'blobSum')));
  return {
    kind: 'schema1',
    name: optional(member(root, 'name'), text),
    tag: optional(member(root, 'tag'), text),
    architecture: optional(member(root, 'architecture'), text),
    blobs: blobs.reverse(),
  };
}

/** Both OCI documents and Docker's schema 2 say 2; early OCI indexes left it out. */
function schemaVersion(root: Node): void {
  const version = member(root, 'schemaVersion');
  if (!isMissing(version) && version.value !== 2) throw fault(version, '2');
}

function readDescriptor(node: Node): Descriptor {
  return {
    mediaType: optional(member(node, 'mediaType'), text) ?? '',
    digest: readDigest(member(node, 'digest')),
    size: optional(member(node, 'size'), size) ?? 0,
    platform: optional(member(node, 'platform'), readPlatform),
    annotations: record(member(node, 'annotations'), text),
    artifactType: optional(member(node, 'artifactType'), text),
    urls: list(member(node, 'urls'), text),
  };
}
