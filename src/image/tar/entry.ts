import type { EntryType } from '../../model/layer.js';

/** A part of a sparse file that is stored: bytes `[offset, offset + length)` of the file; the rest is zeros. */
export interface SparseRegion {
  readonly offset: number;
  readonly length: number;
}

/** One member of a tar archive, after long names, PAX records and sparse maps were applied. */
export interface TarEntry {
  /** Absolute, normalised, no trailing slash; `..` never leaves the root. */
  readonly path: string;
  /** `other`: a type flag that this reader does not know; its content is skipped. */
  readonly type: EntryType | 'other';
  /** The type flag as written (POSIX.1-2017 pax, "typeflag"). */
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Size of the file in bytes (for a sparse file: with its holes). */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** As written for a symlink, absolute and normalised for a hard link, null otherwise. */
  readonly linkTarget: string | null;
  readonly xattrs: Readonly<Record<string, string>>;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Where its own header is, in bytes from the start of the archive. */
  readonly headerOffset: number;
  /** Where its stored bytes are, and how many. */
  readonly dataOffset: number;
  readonly storedSize: number;
  /** Stored parts in order; null where the file is not sparse. */
  readonly sparse: readonly SparseRegion[] | null;
}
