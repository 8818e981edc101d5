import type { DiffId, Digest } from './brand.js';

/** Where an image came from, as named in the JSON report. */
export type ImageFormat =
  'docker-archive' | 'oci-layout' | 'oci-archive' | 'dir' | 'rootfs' | 'file' | 'registry' | 'daemon';

/** OCI image-spec, image-index.md, "platform". Spelled as GOOS, GOARCH. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  /** Windows: `10.0.20348.2582`. */
  readonly osVersion: string | null;
  readonly osFeatures: readonly string[];
}

/** What the image says of how it is started (OCI image-spec, config.md, "config"). */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  /** As written: `user`, `uid:gid`, …; empty string where none. */
  readonly user: string;
  readonly workingDir: string;
  /** Shell of the shell form (`SHELL`); null where the default serves. */
  readonly shell: readonly string[] | null;
  /** Windows images: ENTRYPOINT or CMD is one string already escaped (`ArgsEscaped`). */
  readonly argsEscaped: boolean;
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface LayerInfo {
  /** Digest of the blob as stored; null for a directory or a tar that has none. */
  readonly digest: Digest | null;
  /** Digest of the uncompressed tar, as the config says; null where there is no config. */
  readonly diffId: DiffId | null;
  readonly mediaType: string;
  /** Size of the blob as stored, in bytes. */
  readonly size: number;
  readonly compression: 'none' | 'gzip' | 'zstd' | 'other';
  /** The history entry (Dockerfile instruction) that made it; null where the history does not say. */
  readonly createdBy: string | null;
}

/** An image for one platform: what its manifest, config and index entry say. */
export interface Image {
  /** As the user named it. */
  readonly reference: string;
  readonly format: ImageFormat;
  /** Digest of the manifest or, where there is none, of the config; null for a rootfs or a file. */
  readonly digest: Digest | null;
  /** Tags found with it (`RepoTags`, `org.opencontainers.image.ref.name`). */
  readonly names: readonly string[];
  /** What the config declares; a claim, not a fact. Inferred from the binaries for a rootfs or a file. */
  readonly platform: Platform;
  /** Platform written in the index entry, where there is an index that says one. */
  readonly indexPlatform: Platform | null;
  readonly manifestMediaType: string | null;
  readonly config: ImageConfig;
  readonly layers: readonly LayerInfo[];
}
