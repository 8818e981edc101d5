import type { FormatError } from '../../model/gap.js';
import { err, type Result } from '../../model/result.js';
import type { FileView } from '../../model/view.js';
import type { TarEntry } from './entry.js';

export interface TarListing {
  readonly entries: readonly TarEntry[];
  /** Why the listing ends too early; null where it is whole. */
  readonly damage: FormatError | null;
}

/** All members of an archive, in order. An error only where not even the first header can be read. */
export function listTar(view: FileView, limits: { readonly entries: number }): Result<TarListing, FormatError> {
  void view;
  return err({ kind: 'limit', at: 0, field: 'entries', limit: limits.entries });
}

/** True where the first block is a tar header with a right checksum (or the end-of-archive mark of an empty one). */
export function looksLikeTar(head: Uint8Array): boolean {
  return head.length < 0;
}
