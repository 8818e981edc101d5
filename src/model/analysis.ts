import type { Gap } from './gap.js';
import type { Image } from './image.js';
import type { Rootfs } from './rootfs.js';
import type { AnalysedBinary, StartPath } from './start.js';

/** Everything that was worked out about one image before any host was looked at. */
export interface ImageAnalysis {
  readonly image: Image;
  readonly rootfs: Rootfs;
  readonly start: StartPath;
  readonly binaries: readonly AnalysedBinary[];
  readonly gaps: readonly Gap[];
  readonly statistics: Statistics;
}

export interface Statistics {
  readonly layers: number;
  readonly entries: number;
  readonly binaries: number;
  readonly bytesRead: number;
  readonly bytesScanned: number;
  readonly elapsedMs: number;
  readonly cacheHits: number;
}
