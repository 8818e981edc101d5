import { homedir } from 'node:os';
import { cacheDirectory } from '../cache/directory.js';
import { CacheStore, type CacheUsage } from '../cache/store.js';

/** The cache of this user; null where the platform has no place for one. */
export function openCache(): CacheStore | null {
  const path = cacheDirectory({ env: process.env, platform: process.platform, home: homedir() });
  return path === null ? null : new CacheStore(path);
}

/** What is in the cache, before it is emptied where that is asked for. */
export function cacheUsage(clean: boolean): CacheUsage | null {
  const store = openCache();
  return (clean ? store?.clean() : store?.usage()) ?? null;
}
