import type { FileContent, EntryType } from './layer.js';

/** One path of the merged file system, as OverlayFS would show it. */
export interface RootfsEntry {
  readonly path: string;
  /** Never `hardlink`: the merge gave it its target's content. */
  readonly type: Exclude<EntryType, 'hardlink'>;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly linkTarget: string | null;
  readonly xattrs: Readonly<Record<string, string>>;
  readonly content: FileContent | null;
  /** Index of the layer whose entry this is. */
  readonly layer: number;
  /** For a hard link: the path it was linked to; null otherwise. */
  readonly hardlinkOf: string | null;
}

/** A link that was followed on the way: `/lib64` → `usr/lib64`. */
export interface LinkStep {
  readonly path: string;
  readonly target: string;
}

/** How a path resolved (path_resolution(7)). "Not found" has kinds (rules.md, trap 5). */
export type Lookup =
  | {
      readonly found: true;
      readonly entry: RootfsEntry;
      /** Path after every link was followed. */
      readonly realPath: string;
      readonly links: readonly LinkStep[];
      /** Directories that were searched on the way, in order, the root first. */
      readonly directories: readonly RootfsEntry[];
    }
  | {
      readonly found: false;
      /** `unknown`: the layer that may hold it could not be read. */
      readonly reason: 'absent' | 'not-a-directory' | 'loop' | 'dangling-link' | 'unknown';
      /** The path at which the walk ended. */
      readonly at: string;
      readonly links: readonly LinkStep[];
      /** Layer whose whiteout hid it, where one did; null otherwise. */
      readonly hiddenBy: number | null;
    };

export interface Rootfs {
  /** False for Windows images. */
  readonly caseSensitive: boolean;
  readonly size: number;
  /** False where a layer could not be read to its end: what is absent is then unknown. */
  readonly complete: boolean;
  /** Follows links as in a chroot: `..` never leaves the root, at most 40 links (Linux MAXSYMLINKS). */
  lookup(path: string, options?: { readonly workingDir?: string; readonly followLast?: boolean }): Lookup;
  /** The entry itself, links not followed; null where there is none. */
  entry(path: string): RootfsEntry | null;
  /** Names in a directory (not followed), sorted. */
  names(directory: string): readonly string[];
  /** Every entry, sorted by path. */
  entries(): Iterable<RootfsEntry>;
}
