import type { Certainty, ExecutedAs, StartProgram } from '../model/start.js';
import type { Environment } from './environment.js';
import type { Field } from './shell/scope.js';
import type { StartUser } from './user.js';

/** One execve(2) that is to be followed. */
export interface Request {
  readonly argv: readonly Field[];
  readonly executedAs: ExecutedAs;
  readonly from: number | null;
  readonly certainty: Certainty;
  readonly environment: Environment;
  readonly workingDir: string;
  readonly user: StartUser;
  readonly namedAt: StartProgram['namedAt'];
  readonly scriptDepth: number;
  /** How many programs led here. */
  readonly chain: number;
}

/** What a program goes on to do, as far as its arguments say. */
export type Next =
  | {
      readonly kind: 'run';
      readonly argv: readonly Field[];
      readonly environment?: Environment;
      readonly workingDir?: string;
      /** Whose name or number the rest runs as. */
      readonly user?: string;
      readonly executedAs?: 'wrapped' | 'command';
    }
  /** A file that a runtime reads: the first of the paths that is there. */
  | {
      readonly kind: 'load';
      readonly runtime: string;
      readonly paths: readonly string[];
      /** How it was asked for, where that is no path. Its absence is then not certain. */
      readonly requested?: string;
    }
  /** Text that is a script of a shell: `sh -c`. */
  | { readonly kind: 'shell-text'; readonly text: string; readonly name: string; readonly args: readonly Field[] }
  | { readonly kind: 'shell-file'; readonly path: Field; readonly args: readonly Field[] }
  | { readonly kind: 'not-followed'; readonly text: string };

export function known(text: string): Field {
  return { text, known: true };
}

export function textsOf(fields: readonly Field[]): readonly string[] {
  return fields.map(({ text }) => text);
}
