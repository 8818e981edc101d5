import { err, type Result } from '../model/result.js';
import type { DocumentError } from './json.js';

/** One image of `manifest.json` (docker save). Names are members of the archive. */
export interface SavedImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  readonly layers: readonly string[];
}

/** `manifest.json` of docker save. */
export function parseDockerManifest(bytes: Uint8Array): Result<readonly SavedImage[], DocumentError> {
  void bytes;
  return err({ path: '$', expected: 'a reader', found: 'nothing' });
}

/** `repositories` of docker save: `name:tag` with the ID of its top layer. */
export function parseRepositories(
  bytes: Uint8Array,
): Result<readonly { readonly name: string; readonly layer: string }[], DocumentError> {
  void bytes;
  return err({ path: '$', expected: 'a reader', found: 'nothing' });
}
