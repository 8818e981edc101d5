import type { Gap } from './gap.js';
import type { Reference } from './reference.js';
import type { Image } from './image.js';
import type { KernelNeeds } from './kernel-needs.js';
import type { Rootfs, RootfsEntry } from './rootfs.js';
import type { AnalysedBinary, Reach, StartPath } from './start.js';

/** Everything that was worked out about one image before any host was looked at. */
export interface ImageAnalysis {
  readonly image: Image;
  readonly rootfs: Rootfs;
  readonly start: StartPath;
  readonly binaries: readonly AnalysedBinary[];
  /** What files that are reached refer to: strings as the layer reader found them, and classified imports. */
  readonly references: readonly PlacedReference[];
  readonly gaps: readonly Gap[];
  readonly statistics: Statistics;
  /** What the code of the start path asks of a Linux kernel; null or left out: it was not looked at. */
  readonly kernelNeeds?: KernelNeeds | null;
}

/** A reference with the file it stands in. */
export interface PlacedReference {
  readonly entry: RootfsEntry;
  readonly reach: Reach;
  readonly reference: Reference;
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
