import type { LinkStep, Lookup, Rootfs } from '../model/rootfs.js';
import type { Shebang } from '../model/start.js';

/** Whether a path leads to something; undefined where a layer that may hold it could not be read. */
export function foundIn(rootfs: Rootfs, lookup: Lookup): boolean | undefined {
  if (lookup.found) return true;
  return lookup.reason === 'unknown' || !rootfs.complete ? undefined : false;
}

/** Links that were followed, one text each: `/lib64 -> usr/lib64`. */
export function linkTexts(links: readonly LinkStep[]): readonly string[] {
  return links.map((step) => `${step.path} -> ${step.target}`);
}

/** Last component of a path of either system. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A carriage return as a reader can see it. */
export function shownWord(word: string): string {
  return word.replaceAll('\r', '\\r');
}

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'busybox']);

export function isShellName(name: string): boolean {
  return SHELLS.has(name);
}

/** Whether a `#!` line names a shell, by its path or as the word that `env` is to run. */
export function namesShell(shebang: Shebang): boolean {
  const name = baseName(shebang.interpreter.trimEnd());
  if (name !== 'env') return isShellName(name);
  const words = (shebang.argument ?? '').trim().split(/\s+/);
  return words.some((word) => isShellName(baseName(word)));
}
