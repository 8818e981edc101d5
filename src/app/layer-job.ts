import type { Digest } from '../model/brand.js';
import type { Extent, LayerRequest } from '../model/load.js';

/** What a thread is asked for. */
export type LayerJob =
  | ({ readonly kind: 'layer'; readonly extent: Extent } & Pick<LayerRequest, 'verify' | 'algorithm' | 'limits'>)
  | { readonly kind: 'hash'; readonly extent: Extent; readonly algorithm: LayerRequest['algorithm'] };

/** `failed`: whoever asked does it itself, and finds out why. */
export type LayerJobResult =
  | { readonly kind: 'reading'; readonly bytes: Uint8Array }
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'failed' };
