import type { Closure } from './resolution.js';
import type { Lookup, RootfsEntry } from './rootfs.js';

/** How sure it is that this program is executed. */
export type Certainty = 'certain' | 'likely';

/** Why a program of the start path is executed. */
export type ExecutedAs =
  | 'entrypoint' // argv[0] of ENTRYPOINT + CMD
  | 'shell' // the shell of the shell form
  | 'shebang' // named by the `#!` line of the program before
  | 'interpreter' // PT_INTERP of the program before
  | 'wrapped' // what a wrapper (`tini --`, `env`, `exec "$@"`, `sh -c`) goes on to run
  | 'command'; // a command that a script runs on the way, not in place of itself

/** A `#!` line as the kernel reads it (Linux fs/binfmt_script.c). */
export interface Shebang {
  /** The interpreter path, CR and all where the line has one. */
  readonly interpreter: string;
  /** Everything behind the first blank, as one argument; null where there is none. */
  readonly argument: string | null;
  /** The line ends in CR LF. */
  readonly carriageReturn: boolean;
  /** The line is longer than BINPRM_BUF_SIZE (256 bytes, 128 before Linux 5.1), so the kernel cuts or refuses it. */
  readonly tooLong: boolean;
}

/** What the kernel finds at the path that it is asked to execute. */
export type ProgramFormat = 'elf' | 'pe' | 'mach-o' | 'script' | 'empty' | 'text' | 'other' | 'damaged' | 'unknown';

/** One execve(2) of the start path, or for Windows one CreateProcess. */
export interface StartProgram {
  readonly executedAs: ExecutedAs;
  /** Index of the program that leads here; null for the first. */
  readonly from: number | null;
  readonly certainty: Certainty;
  /** The word that was looked up: `node`, `./run.sh`, `/bin/bash\r`. */
  readonly requested: string;
  readonly argv: readonly string[];
  /** Directories of PATH that were searched for it; empty where the word has a slash. */
  readonly searched: readonly string[];
  readonly lookup: Lookup;
  /** First path on the way whose permission bits refuse the configured user; null where none does. */
  readonly deniedAt: string | null;
  readonly format: ProgramFormat;
  readonly shebang: Shebang | null;
  /** How deep in the chain of scripts: 0 for the first script. The kernel refuses more than 5 (fs/exec.c, ELOOP since 2008). */
  readonly scriptDepth: number;
  /** For an ELF or PE program: what its loader would map. */
  readonly closure: Closure | null;
  /** Interpreter of an ELF program, looked up; null where it has none. */
  readonly interpreter: { readonly path: string; readonly lookup: Lookup } | null;
  /** Byte offset and text in the script that names it; null for others. */
  readonly namedAt: { readonly path: string; readonly offset: number; readonly text: string } | null;
}

/** A file that a runtime on the start path is told to run or load: `server.js`, `app.jar`, a Python module. */
export interface StartFile {
  readonly runtime: string;
  /** Index of the program that loads it. */
  readonly from: number;
  readonly requested: string;
  readonly lookup: Lookup;
  readonly certainty: Certainty;
}

/** Everything that starting the image executes, as far as it can be followed. */
export interface StartPath {
  /** ENTRYPOINT + CMD after the shell form is applied. */
  readonly argv: readonly string[];
  readonly form: 'exec' | 'shell' | 'none';
  readonly workingDir: Lookup | null;
  readonly user: { readonly written: string; readonly uid: number | null; readonly gids: readonly number[] };
  readonly environment: Readonly<Record<string, string>>;
  /** In the order in which they are executed; parents before children. */
  readonly programs: readonly StartProgram[];
  readonly files: readonly StartFile[];
  /** What could not be followed, as sentences with the place. */
  readonly notFollowed: readonly { readonly path: string; readonly text: string }[];
}

/** How a binary is reached (rules.md, "Reach"). Only `start` blocks. */
export type Reach = 'start' | 'later' | 'present';

/** A binary of the image with what was worked out about it. */
export interface AnalysedBinary {
  readonly entry: RootfsEntry;
  readonly reach: Reach;
  /** Its own closure; null where it was not resolved. */
  readonly closure: Closure | null;
}
