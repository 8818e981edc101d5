import { join } from 'node:path';

/** What the environment says of where caches belong. */
export interface CachePlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string;
}

/**
 * Where facts of layers are kept: `XOSCHECK_CACHE_DIR`, else the platform's place for caches (XDG Base Directory
 * Specification; `~/Library/Caches` on macOS; `%LOCALAPPDATA%` on Windows). null: there is no such place.
 */
export function cacheDirectory({ env, platform, home }: CachePlace): string | null {
  const own = absolute(env['XOSCHECK_CACHE_DIR']);
  if (own !== null) return own;
  const base = absolute(env['XDG_CACHE_HOME']) ?? platformBase({ env, platform, home });
  return base === null ? null : join(base, 'xoscheck');
}

function platformBase({ env, platform, home }: CachePlace): string | null {
  if (platform === 'win32') return absolute(env['LOCALAPPDATA']);
  if (home === '') return null;
  return platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache');
}

/** The specification says that relative paths are to be ignored. */
function absolute(path: string | undefined): string | null {
  return path !== undefined && /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path) ? path : null;
}
