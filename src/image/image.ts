import type { Digest } from '../model/brand.js';
import type { Image, ImageFormat, LayerInfo, Platform } from '../model/image.js';
import { EMPTY_CONFIG, type ConfigFile } from './config.js';

/** A layer's blob as found, lowest first. */
export type LayerBlob = Pick<LayerInfo, 'digest' | 'mediaType' | 'size' | 'compression'>;

export interface ImageParts {
  readonly reference: string;
  readonly format: ImageFormat;
  readonly digest: Digest | null;
  readonly names: readonly string[];
  readonly manifestMediaType: string | null;
  readonly indexPlatform: Platform | null;
  /** A configuration, or for a rootfs or a file the platform that was inferred. */
  readonly config: ConfigFile | Platform;
  readonly layers: readonly LayerBlob[];
}

/** Puts together what manifest, config and index say. */
export function imageOf(parts: ImageParts): Image {
  const { config, layers, ...said } = parts;
  const file = 'diffIds' in config ? config : null;
  const steps = layerSteps(file, layers.length);
  // Diff IDs belong to layers by their place; where the counts differ, no place is certain.
  const diffIds = file?.diffIds.length === layers.length ? file.diffIds : [];
  return {
    ...said,
    platform: 'diffIds' in config ? config.platform : config,
    config: file?.config ?? EMPTY_CONFIG,
    layers: layers.map((blob, index) => ({
      ...blob,
      diffId: diffIds[index] ?? null,
      createdBy: steps[index] ?? null,
    })),
  };
}

/** Compression that a media type claims; the bytes decide, this is for reports. */
export function compressionOf(mediaType: string): LayerInfo['compression'] {
  if (/[+.](?:gzip|tgz)$/u.test(mediaType)) return 'gzip';
  if (/[+.]zstd$/u.test(mediaType)) return 'zstd';
  return /[+.]tar$/u.test(mediaType) ? 'none' : 'other';
}

/** The build step of each layer; none where there are more or fewer steps with a layer than layers. */
function layerSteps(file: ConfigFile | null, layers: number): readonly (string | null)[] {
  const steps = file?.history.filter((entry) => !entry.emptyLayer) ?? [];
  return steps.length === layers ? steps.map((entry) => entry.createdBy) : [];
}
