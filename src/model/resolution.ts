import type { LinkStep, RootfsEntry } from './rootfs.js';

/** Where a loader looked, in its own word for the reason. */
export type LookedIn =
  | 'rpath'
  | 'runpath'
  | 'ld-library-path'
  | 'ld-cache'
  | 'ld-so-conf'
  | 'musl-path-file'
  | 'default'
  | 'hwcaps'
  | 'preload'
  | 'absolute'
  | 'already-loaded'
  | 'application-directory'
  | 'system-directory'
  | 'windows-directory'
  | 'current-directory'
  | 'path'
  | 'known-dll'
  | 'api-set'
  | 'side-by-side'
  | 'guest-system';

/** One place that was tried for one name. */
export interface ResolutionStep {
  readonly lookedIn: LookedIn;
  readonly directory: string;
  readonly saw:
    'nothing' | 'wrong-machine' | 'wrong-class' | 'not-a-binary' | 'kernel-too-new' | 'unreadable' | 'match';
}

/** Where the loader looked for one needed name, in order. The last step decides. */
export interface Resolution {
  readonly needed: string;
  /** Path as the loader opened it, null where it found none. */
  readonly path: string | null;
  /** After links; null where it found none. */
  readonly realPath: string | null;
  readonly links: readonly LinkStep[];
  readonly trail: readonly ResolutionStep[];
  /**
   * `found`; `missing`; `builtin`: the loader itself provides it (musl's libc names, Windows API sets, known DLLs that
   * the guest's Windows brings); `unknown`: the image could not be read where it may be.
   */
  readonly status: 'found' | 'missing' | 'builtin' | 'unknown';
  readonly delayLoaded: boolean;
}

/** A symbol version that a file needs and the provider it got does not define. */
export interface MissingVersion {
  /** The soname as asked for, and the file that was found for it. */
  readonly provider: string;
  readonly providerPath: string;
  readonly version: string;
  readonly weak: boolean;
}

/** A symbol that a file uses and that nothing in its process defines. */
export interface MissingSymbol {
  /** As in the file; an ordinal of a DLL is `#12`. */
  readonly name: string;
  readonly version: string | null;
  /** Soname or DLL that must define it; null where the file does not say. */
  readonly provider: string | null;
  /** The file that was found for that name; null where there is none. */
  readonly providerPath: string | null;
  /** `start`: looked up before the file's code runs; `call`: when it is first called. */
  readonly when: 'start' | 'call';
}

/** One binary that the loader maps, and what became of its needs. */
export interface LoadedObject {
  readonly path: string;
  readonly realPath: string;
  readonly entry: RootfsEntry;
  /** Path of the object that asked for it; null for the program itself. */
  readonly loadedBy: string | null;
  readonly needed: readonly Resolution[];
  readonly missingVersions: readonly MissingVersion[];
  /** Left out where symbols were not bound, or where what may define them could not be read. */
  readonly missingSymbols?: readonly MissingSymbol[];
}

/** What one loader would map for one program, breadth first, as the loader does. */
export interface Closure {
  readonly loader: 'glibc' | 'musl' | 'windows' | 'dyld' | 'static' | 'unknown';
  readonly objects: readonly LoadedObject[];
  /** What LD_PRELOAD and /etc/ld.so.preload ask for. A loader goes on without one that it cannot load. */
  readonly preloads?: readonly Resolution[];
  /** False where something that decides could not be read. */
  readonly complete: boolean;
}
