import type { ConfigFile } from '../image/config.js';
import type { Digest } from '../model/brand.js';
import type { Gap } from '../model/gap.js';
import type { Platform } from '../model/image.js';

/** A layer as a manifest names it. */
export interface CandidateLayer {
  /** Name of the blob in the store. */
  readonly blob: string;
  /** As the manifest says; null where it names a file only. */
  readonly digest: Digest | null;
  /** null where the manifest does not say. */
  readonly mediaType: string | null;
  /** As the manifest says; null where it does not. */
  readonly size: number | null;
  /** A foreign layer (Windows base images) is served elsewhere and need not be in the archive. */
  readonly foreign: boolean;
}

/** One image of a source before it was chosen: its documents are read, its layers are not. */
export interface Candidate {
  /** Digest of the manifest or, where there is none, of the config. */
  readonly digest: Digest | null;
  readonly names: readonly string[];
  readonly manifestMediaType: string | null;
  readonly indexPlatform: Platform | null;
  readonly config: ConfigFile;
  readonly layers: readonly CandidateLayer[];
  readonly gaps: readonly Gap[];
}

/** An image that a source names and that cannot be read, with the reason. */
export interface Broken {
  readonly digest: Digest | null;
  readonly names: readonly string[];
  readonly platform: Platform | null;
  /** `absent`: no manifest blob, which is normal where only some platforms were saved. `artifact`: it is no image. */
  readonly kind: 'absent' | 'damaged' | 'artifact';
  readonly problem: string;
}

export interface Contents {
  readonly candidates: readonly Candidate[];
  readonly broken: readonly Broken[];
  readonly notes: readonly string[];
}

/** Platform by which an image is chosen: what the index says, completed by the config. */
export function platformOf(candidate: Candidate): Platform {
  const declared = candidate.config.platform;
  const listed = candidate.indexPlatform;
  if (listed === null || listed.os === '' || listed.os === 'unknown') return declared;
  const same = listed.os === declared.os && listed.architecture === declared.architecture;
  return {
    ...listed,
    variant: listed.variant ?? (same ? declared.variant : null),
    osVersion: listed.osVersion ?? (same ? declared.osVersion : null),
  };
}
