import type { DiffId, Digest } from './brand.js';
import type { FileCollector } from './collector.js';
import type { Gap } from './gap.js';
import type { Image, LayerInfo, Platform } from './image.js';
import type { LayerFacts } from './layer.js';

/** What the user asked for with `--platform os/arch[/variant][:osversion]`. */
export interface PlatformSelector {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly osVersion: string | null;
}

/** Bounds on what an image may make us do. Reaching one is a gap, never silence. */
export interface Limits {
  readonly entries: number;
  readonly pathBytes: number;
  readonly layerBytes: number;
  readonly compressionRatio: number;
  readonly manifestBytes: number;
  /** Bytes of one file that may be kept in memory while a stream is read. */
  readonly retainedBytes: number;
}

/** Where a blob lies: a part of an open regular file. Plain values, so that another thread can read it. */
export interface Extent {
  readonly path: string;
  readonly fd: number;
  readonly from: number;
  readonly size: number;
}

/** What one reading of a layer's blob gave. Digests are null where nothing was verified. */
export interface LayerReading {
  /** With the diff ID as computed. */
  readonly facts: LayerFacts;
  /** Digest of the bytes as stored, by the algorithm that was asked for. */
  readonly stored: Digest | null;
  readonly compression: LayerInfo['compression'];
  readonly size: number;
  readonly notes: readonly string[];
}

/** How a layer is to be read, and what its image says that it is. */
export interface LayerRequest {
  readonly verify: boolean;
  readonly algorithm: 'sha256' | 'sha512';
  readonly compression: LayerInfo['compression'];
  readonly limits: Limits;
  /** As the manifest and the config say; nothing is believed of it that was not computed. */
  readonly claimed: LayerClaim;
}

export interface LayerClaim {
  readonly digest: Digest | null;
  readonly diffId: DiffId | null;
}

/** Reads a layer that lies in a file in its own way: in another thread, from a cache. `own` reads it here. */
export type LayerReader = (
  extent: Extent,
  request: LayerRequest,
  own: (options: Pick<LoadOptions, 'collector' | 'verify'>) => Promise<LayerReading>,
) => Promise<LayerReading>;

export interface LoadOptions {
  readonly platform: PlatformSelector | null;
  readonly allPlatforms: boolean;
  /** Chosen when nothing was asked for and the archive holds several. */
  readonly preferred: Platform;
  readonly collector: FileCollector;
  readonly limits: Limits;
  /** Check digests and diff IDs. */
  readonly verify: boolean;
  /** Says what is being read, for a spinner: `layer 3 of 7`. */
  readonly onProgress: (text: string) => void;
  /** Reads the layers that lie in files; left out: they are read here, one after another. */
  readonly reader?: LayerReader;
  /** Layers read at the same time; left out: 2, because inflation runs in libuv's pool. */
  readonly jobs?: number;
  /** Bytes of `-`. */
  readonly stdin: AsyncIterable<Uint8Array>;
}

export interface LoadedImage {
  readonly image: Image;
  /** Lowest first, as many as `image.layers`. */
  readonly layers: readonly LayerFacts[];
  /** Blobs missing, digests that differ …; gaps of a layer's files are in its facts. */
  readonly gaps: readonly Gap[];
}

export interface LoadedSource {
  readonly images: readonly LoadedImage[];
  /** What the user should know before the results: `3 platforms in the archive, linux/amd64 chosen`. */
  readonly notes: readonly string[];
}

/** A kind of image source: one file in src/source, one line in its index. */
export interface ImageSource {
  /** Transport as skopeo spells it: `docker-archive`, `oci`, `oci-archive`, `dir`; ours: `rootfs`, `file`. */
  readonly transport: string;
  readonly load: (path: string, reference: string, options: LoadOptions) => Promise<LoadedSource>;
}
