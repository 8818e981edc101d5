import type { Limits } from '../model/load.js';

/** Bounds that no honest image reaches; what reaches one is reported as not read. */
export const DEFAULT_LIMITS: Limits = {
  entries: 5_000_000,
  pathBytes: 4096,
  layerBytes: 64 * 1024 ** 3,
  /** Deflate's own limit is about 1032; a layer of zeros comes near it, real ones stay below 50. */
  compressionRatio: 1100,
  manifestBytes: 4 * 1024 ** 2,
  retainedBytes: 96 * 1024 ** 2,
};
