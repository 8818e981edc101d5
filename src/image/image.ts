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
  const file = 'platform' in parts.config ? parts.config : null;
  return {
    reference: parts.reference,
    format: parts.format,
    digest: parts.digest,
    names: parts.names,
    platform: 'platform' in parts.config ? parts.config.platform : parts.config,
    indexPlatform: parts.indexPlatform,
    manifestMediaType: parts.manifestMediaType,
    config: file?.config ?? EMPTY_CONFIG,
    layers: parts.layers.map((blob) => ({ ...blob, diffId: null, createdBy: null })),
  };
}

/** Compression that a media type claims; the bytes decide, this is for reports. */
export function compressionOf(mediaType: string): LayerInfo['compression'] {
  if (/[+.](?:gzip|tgz)$/u.test(mediaType)) return 'gzip';
  if (/[+.]zstd$/u.test(mediaType)) return 'zstd';
  return /[+.]tar$/u.test(mediaType) ? 'none' : 'other';
}
