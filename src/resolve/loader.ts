import type { ElfBinary, PeBinary } from '../model/binary.js';
import type { Closure } from '../model/resolution.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';

/** A file with the path by which it was asked for. */
export interface LoaderFile {
  /** As PT_INTERP spells it. */
  readonly path: string;
  readonly entry: RootfsEntry;
}

/** What a loader knows beside the program itself. */
export interface LoaderContext {
  readonly rootfs: Rootfs;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute; where relative names are looked up. */
  readonly workingDir: string;
  /** Secure execution (ld.so(8)): set-uid, set-gid or file capabilities. */
  readonly secure: boolean;
  /**
   * The loader of the process. Left out: PT_INTERP of the program is looked up, and for a library the loader that the
   * image has for its machine. null: there is none.
   */
  readonly interpreter?: LoaderFile | null;
  /** What is mapped already in the process that loads this file by dlopen(3) or LoadLibrary; null for a program. */
  readonly process?: Closure | null;
}

/** One kind of loader: one file in src/resolve, one line in its index. */
export interface Loader {
  readonly id: Closure['loader'];
  /** Whether this loader maps the program; the first in the index that says yes does. */
  readonly serves: (program: ResolvedProgram) => boolean;
  readonly resolve: (program: ResolvedProgram, context: LoaderContext) => Closure;
}

/** The file to be mapped, with the loader that PT_INTERP or the process names. */
export interface ResolvedProgram {
  readonly entry: RootfsEntry;
  readonly elf: ElfBinary | null;
  readonly pe: PeBinary | null;
  readonly interpreter: LoaderFile | null;
  /** False where it is not known whether the interpreter is there. */
  readonly interpreterKnown: boolean;
}

/** The ELF file that an entry is; null for everything else. */
export function elfOf(entry: RootfsEntry): ElfBinary | null {
  return entry.content?.kind === 'binary' && entry.content.binary.format === 'elf' ? entry.content.binary : null;
}

/** The PE file that an entry is; null for everything else. */
export function peOf(entry: RootfsEntry): PeBinary | null {
  return entry.content?.kind === 'binary' && entry.content.binary.format === 'pe' ? entry.content.binary : null;
}
