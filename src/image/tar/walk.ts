import type { FormatError } from '../../model/gap.js';
import type { FileView } from '../../model/view.js';
import type { TarEntry } from './entry.js';

/** How the walk over an archive ended. */
export interface TarEnd {
  /** Why it ended before the archive said so; null where it came to the end. */
  readonly error: FormatError | null;
  /** Offset behind the last byte that belongs to the archive. */
  readonly end: number;
}

/** Walks an uncompressed archive by header with positioned reads. `onEntry` returns false to stop early. */
export function walkTar(view: FileView, onEntry: (entry: TarEntry) => boolean): TarEnd {
  void view;
  void onEntry;
  throw new Error('not written yet');
}

/** The bytes of a member, holes of a sparse file filled with zeros. */
export function entryView(archive: FileView, entry: TarEntry): FileView {
  void entry;
  return archive;
}
