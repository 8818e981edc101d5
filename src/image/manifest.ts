import type { Digest } from '../model/brand.js';
import type { Platform } from '../model/image.js';
import { err, type Result } from '../model/result.js';
import type { DocumentError } from './json.js';

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

/** Docker image manifest, schema 1: recognised, so that it can be named; its layers are listed top first. */
export interface Schema1 {
  readonly kind: 'schema1';
  readonly name: string | null;
  readonly tag: string | null;
  readonly architecture: string | null;
  readonly blobs: readonly Digest[];
}

const UNWRITTEN: DocumentError = { path: '$', expected: 'a reader', found: 'nothing' };

/** Any of the three, told apart by their fields (mediaType is optional in OCI). */
export function parseDocument(bytes: Uint8Array): Result<Manifest | Index | Schema1, DocumentError> {
  void bytes;
  return err(UNWRITTEN);
}

export function parseManifest(bytes: Uint8Array): Result<Manifest, DocumentError> {
  void bytes;
  return err(UNWRITTEN);
}

export function parseIndex(bytes: Uint8Array): Result<Index, DocumentError> {
  void bytes;
  return err(UNWRITTEN);
}

/** True for what BuildKit adds beside images: provenance and SBOM documents, which are no image. */
export function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations['vnd.docker.reference.type'] === 'attestation-manifest';
}
