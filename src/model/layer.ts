import type { Binary } from './binary.js';
import type { FormatError, Gap } from './gap.js';
import type { DiffId } from './brand.js';
import type { Reference } from './reference.js';

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character-device' | 'block-device' | 'fifo';

/** One entry of a layer's tar, with the name as OverlayFS would see it. */
export interface LayerEntry {
  /** Absolute, normalised (`/usr/bin/node`), no trailing slash; the root is `/`. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with set-uid, set-gid and sticky (07777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; a hard link has its target's only after the merge. */
  readonly size: number;
  /** As written for a symlink; absolute and normalised for a hard link; null otherwise. */
  readonly linkTarget: string | null;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Extended attributes by name (`security.capability`), bytes as latin1; empty where none. */
  readonly xattrs: Readonly<Record<string, string>>;
  readonly content: FileContent | null;
}

/** What a reader of the layer kept of a file. `null` in the entry: not a regular file, or of no interest. */
export type FileContent =
  | { readonly kind: 'binary'; readonly binary: Binary; readonly references: readonly Reference[] }
  /** It looked like a binary (`magic`), and its header could not be read. */
  | { readonly kind: 'damaged'; readonly format: Binary['format']; readonly error: FormatError }
  | {
      readonly kind: 'text';
      readonly head: HeadClass;
      readonly text: string;
      readonly truncated: boolean;
      readonly references: readonly Reference[];
    }
  /** Parsed `/etc/ld.so.cache`. */
  | { readonly kind: 'ld-cache'; readonly cache: LdCache }
  | { readonly kind: 'jar'; readonly jar: JarContent }
  /** Only what the first bytes are; the content was of no interest. */
  | { readonly kind: 'head'; readonly head: HeadClass };

/** What the first bytes of a file say it is. */
export type HeadClass =
  | 'empty'
  | 'script'
  | 'script-crlf'
  | 'script-bom'
  | 'text'
  | 'html'
  | 'git-lfs'
  | 'gzip'
  | 'zip'
  | 'xz'
  | 'zstd'
  | 'bzip2'
  | 'java-class'
  | 'archive'
  | 'wasm'
  | 'data';

/** ld.so.cache, new format (glibc, sysdeps/generic/dl-cache.h). */
export interface LdCache {
  readonly entries: readonly {
    readonly name: string;
    readonly path: string;
    /** Low byte: library type (1 ELF libc6 …); second byte: required flags by architecture (dl-cache.h, `FLAG_*`). */
    readonly flags: number;
    /** `x86-64-v3`; null where the library needs no subdirectory. */
    readonly hwcap: string | null;
  }[];
}

/** What a Java archive's directory says. */
export interface JarContent {
  /** `Main-Class` of the manifest, null where none. */
  readonly mainClass: string | null;
  readonly classPath: readonly string[];
  /** Names of native libraries inside (`.so`, `.dll`, `.dylib`, `.jnilib`). */
  readonly natives: readonly string[];
}

/** Everything that one reading of a layer found. A plain value: it can be sent between threads and kept by diff ID. */
export interface LayerFacts {
  /** Digest of the uncompressed bytes, as computed; null where it was not (`--no-verify`, a directory). */
  readonly diffId: DiffId | null;
  readonly entries: readonly LayerEntry[];
  /** Paths hidden in lower layers: `/a/b` from `.wh.b`, and directories made opaque. */
  readonly whiteouts: readonly string[];
  readonly opaqueDirectories: readonly string[];
  /** Places are paths in this layer; `layer` is null until the merge fills it. */
  readonly gaps: readonly Gap[];
  readonly bytesRead: number;
  readonly bytesScanned: number;
}
