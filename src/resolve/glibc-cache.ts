import type { LdCache } from '../model/layer.js';
import type { Rootfs } from '../model/rootfs.js';
import type { GlibcPort } from './constants.js';
import type { SystemDirectories } from './glibc-directories.js';

/** ld.so.cache as one loader sees it. */
export interface CacheIndex {
  readonly state: 'read' | 'absent' | 'unreadable';
  readonly path: string;
  /** The path for a name that needs nothing of the processor; null where there is none. */
  readonly plain: (name: string) => string | null;
  /** Entries that only some processors use. */
  readonly hwcaps: (name: string) => readonly { readonly path: string; readonly hwcap: string }[];
}

type Entry = LdCache['entries'][number];

const indexes = new WeakMap<LdCache, Map<string, readonly Entry[]>>();

/** The cache that this loader opens. */
export function glibcCache(rootfs: Rootfs, port: GlibcPort, system: SystemDirectories): CacheIndex {
  const path = system.cachePath;
  const lookup = rootfs.lookup(path);
  if (!lookup.found) return nothing(lookup.reason === 'unknown' ? 'unreadable' : 'absent', path);
  const { content } = lookup.entry;
  if (content?.kind !== 'ld-cache') return nothing('unreadable', path);
  const byName = indexOf(content.cache);
  const usable = (name: string): readonly Entry[] =>
    (byName.get(name) ?? []).filter(({ flags }) => port.cacheFlags.includes(flags));
  return {
    state: 'read',
    path,
    plain: (name) => plainEntry(usable(name), port)?.path ?? null,
    hwcaps: (name) => usable(name).flatMap(({ path: at, hwcap }) => (hwcap === null ? [] : [{ path: at, hwcap }])),
  };
}

/** The first entry of the port's own kind; where there is none, the last of those that will do (elf/dl-cache.c). */
function plainEntry(entries: readonly Entry[], port: GlibcPort): Entry | undefined {
  const plain = entries.filter(({ hwcap }) => hwcap === null);
  return plain.find(({ flags }) => flags === port.cacheFlags[0]) ?? plain.at(-1);
}

function nothing(state: 'absent' | 'unreadable', path: string): CacheIndex {
  return { state, path, plain: () => null, hwcaps: () => [] };
}

function indexOf(cache: LdCache): Map<string, readonly Entry[]> {
  const known = indexes.get(cache);
  if (known !== undefined) return known;
  const byName = new Map<string, Entry[]>();
  for (const entry of cache.entries) {
    const list = byName.get(entry.name);
    if (list === undefined) byName.set(entry.name, [entry]);
    else list.push(entry);
  }
  indexes.set(cache, byName);
  return byName;
}
