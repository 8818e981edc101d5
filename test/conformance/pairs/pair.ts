import type { Change } from './overlay.js';
import type { StartConfig } from './layout.js';
import type { Suite } from './debian.js';

/** Where a pair's root begins: a Debian release, folders of packages over it, or nothing. */
export type Base = Suite | 'musl' | 'arm64' | 'armhf' | 'i386' | 'empty' | 'node' | 'python' | 'java' | 'wrappers';

/** One image and the program that it starts. What happens is found by execution, never written here. */
export interface Pair {
  readonly name: string;
  /** Id in the catalogue of causes of docs/accuracy.md. */
  readonly cause: string;
  readonly base: Base;
  /** Layers over the base, lowest first; each a list of changes. */
  readonly layers: readonly (readonly Change[])[];
  readonly config: StartConfig;
  /** GOARCH that the config declares; amd64 where not said. */
  readonly architecture?: string;
  /** What a finding must name where the start fails: a path, a library, a version. The loader's own words are added. */
  readonly culprit?: string;
  /** What a start that works prints, so that it is known to be this program that ran. */
  readonly prints?: RegExp;
}

export function entrypoint(...argv: readonly string[]): StartConfig {
  return { entrypoint: argv };
}
