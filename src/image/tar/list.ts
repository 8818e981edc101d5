import type { FormatError } from '../../model/gap.js';
import { err, ok, type Result } from '../../model/result.js';
import type { FileView } from '../../model/view.js';
import { BLOCK } from './constants.js';
import type { TarEntry } from './entry.js';
import { TarFault } from './fault.js';
import { readHeader } from './header.js';
import { walkTar } from './walk.js';

export interface TarListing {
  readonly entries: readonly TarEntry[];
  /** Why the listing ends too early; null where it is whole. */
  readonly damage: FormatError | null;
}

/** All members of an archive, in order. An error only where not even the first header can be read. */
export function listTar(view: FileView, limits: { readonly entries: number }): Result<TarListing, FormatError> {
  const entries: TarEntry[] = [];
  const { error } = walkTar(view, (entry) => {
    entries.push(entry);
    return entries.length <= limits.entries;
  });
  if (entries.length > limits.entries) {
    const at = entries.pop()?.headerOffset ?? 0;
    return ok({ entries, damage: { kind: 'limit', at, field: 'entries', limit: limits.entries } });
  }
  return error !== null && entries.length === 0 ? err(error) : ok({ entries, damage: error });
}

/** True where the first block is a tar header with a right checksum, or zeros as in an empty archive. */
export function looksLikeTar(head: Uint8Array): boolean {
  if (head.length < BLOCK) return false;
  try {
    readHeader(head.subarray(0, BLOCK), 0);
    return true;
  } catch (cause) {
    if (cause instanceof TarFault) return false;
    throw cause;
  }
}
