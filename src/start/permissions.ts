import type { Lookup, RootfsEntry } from '../model/rootfs.js';
import type { StartUser } from './user.js';

const EXECUTE = 1;

/**
 * First path on the way whose permission bits keep the user from executing the file (path_resolution(7), "Permissions";
 * Linux fs/namei.c, `generic_permission`). CAP_DAC_OVERRIDE, which root has in a default container, opens every
 * directory, and a file that has an execute bit for anyone. null: none, or the user is not known.
 */
export function deniedAt(lookup: Lookup, user: Pick<StartUser, 'uid' | 'gids'>): string | null {
  if (!lookup.found || user.uid === null) return null;
  const { uid, gids } = user;
  const directory = lookup.directories.find((each) => !allowed(each, uid, gids));
  if (directory !== undefined) return directory.path;
  return lookup.entry.type !== 'file' || allowed(lookup.entry, uid, gids) ? null : lookup.entry.path;
}

function allowed(entry: RootfsEntry, uid: number, gids: readonly number[]): boolean {
  if (uid === 0) return entry.type === 'directory' || (entry.mode & 0o111) !== 0;
  if (entry.uid === uid) return ((entry.mode >> 6) & EXECUTE) !== 0;
  if (gids.includes(entry.gid)) return ((entry.mode >> 3) & EXECUTE) !== 0;
  return (entry.mode & EXECUTE) !== 0;
}

/** Whether the kernel starts it in secure execution: it gains a user, a group or capabilities (getauxval(3), AT_SECURE). */
export function isSecure(entry: RootfsEntry, user: Pick<StartUser, 'uid' | 'gids'>): boolean {
  if (user.uid === null) return false;
  if ((entry.mode & 0o4000) !== 0 && entry.uid !== user.uid) return true;
  if ((entry.mode & 0o2010) === 0o2010 && !user.gids.includes(entry.gid)) return true;
  return user.uid !== 0 && entry.xattrs['security.capability'] !== undefined;
}
