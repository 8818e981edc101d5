import type { FileCollector } from './collector.js';
import type { Gap } from './gap.js';
import type { Image, Platform } from './image.js';
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
