import type { Rootfs } from '../model/rootfs.js';
import { directoryOf, joined, withoutTrailingSlashes } from './paths.js';

/** Nested includes that are followed; ldconfig itself stops at files that it cannot open. */
const MAX_INCLUDE_DEPTH = 8;
/** Directories that are taken from all files together. */
const MAX_CONF_DIRECTORIES = 1024;
/** Files that are read: includes of includes multiply. */
const MAX_CONF_FILES = 1024;
/** Names that patterns of includes are compared with, in all directories together. */
const MAX_CONF_NAMES = 100_000;

/** What was taken, and what is left to spend. */
interface Reading {
  readonly rootfs: Rootfs;
  readonly found: string[];
  files: number;
  names: number;
}

const memo = new WeakMap<Rootfs, readonly string[]>();

/** Directories that ldconfig would read: `/etc/ld.so.conf` with its includes (ldconfig(8), "FILES"). */
export function ldSoConfDirectories(rootfs: Rootfs): readonly string[] {
  let directories = memo.get(rootfs);
  if (directories === undefined) {
    const reading: Reading = { rootfs, found: [], files: MAX_CONF_FILES, names: MAX_CONF_NAMES };
    readConf(reading, '/etc/ld.so.conf', 0);
    memo.set(rootfs, (directories = [...new Set(reading.found)]));
  }
  return directories;
}

function readConf(reading: Reading, path: string, depth: number): void {
  const { rootfs, found } = reading;
  reading.files -= 1;
  if (reading.files < 0) return;
  const lookup = rootfs.lookup(path);
  if (!lookup.found || lookup.entry.content?.kind !== 'text') return;
  for (const raw of lookup.entry.content.text.split('\n')) {
    const line = raw.replace(/#.*/, '').trim();
    const include = /^include\s+(.+)$/.exec(line)?.[1];
    if (include !== undefined) {
      if (depth < MAX_INCLUDE_DEPTH) readIncludes(reading, directoryOf(path), include, depth);
      continue;
    }
    for (const word of line.split(/[\s:,]+/)) {
      // `dir=type` is an old spelling; `hwcap …` lines are ignored by ldconfig since 2.0.
      const directory = word.replace(/=.*/, '');
      if (directory.startsWith('/') && found.length < MAX_CONF_DIRECTORIES)
        found.push(withoutTrailingSlashes(directory));
    }
  }
}

/** The pattern of an include may have wildcards in its last component (glob(3)), relative to the including file. */
function readIncludes(reading: Reading, base: string, patterns: string, depth: number): void {
  const { rootfs } = reading;
  for (const pattern of patterns.split(/\s+/)) {
    if (reading.files <= 0 || reading.names <= 0) return;
    const absolute = pattern.startsWith('/') ? pattern : joined(base, pattern);
    const directory = directoryOf(absolute);
    const lookup = rootfs.lookup(directory);
    if (!lookup.found) continue;
    const matcher = wildcard(absolute.slice(absolute.lastIndexOf('/') + 1));
    const names = rootfs.names(lookup.realPath);
    reading.names -= names.length;
    for (const name of names) {
      if (matcher(name)) readConf(reading, joined(directory, name), depth + 1);
    }
  }
}

/** `*` and `?` of glob(7), without backtracking over the whole name: parts are found from left to right. */
export function wildcard(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  return (name) => {
    if (name.startsWith('.') && !pattern.startsWith('.')) return false;
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      const found = isLast && index > 0 ? lastPlace(name, part, at) : placeOf(name, part, at, index === 0);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at === name.length;
  };
}

function matchesAt(name: string, part: string, at: number): boolean {
  if (at + part.length > name.length) return false;
  for (let index = 0; index < part.length; index += 1) {
    if (part[index] !== '?' && part[index] !== name[at + index]) return false;
  }
  return true;
}

function placeOf(name: string, part: string, from: number, anchored: boolean): number {
  if (anchored) return matchesAt(name, part, from) ? from : -1;
  for (let at = from; at + part.length <= name.length; at += 1) if (matchesAt(name, part, at)) return at;
  return -1;
}

function lastPlace(name: string, part: string, from: number): number {
  const at = name.length - part.length;
  return at >= from && matchesAt(name, part, at) ? at : -1;
}
