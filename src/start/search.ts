import type { Lookup, Rootfs } from '../model/rootfs.js';
import type { Environment } from './environment.js';
import { deniedAt } from './permissions.js';
import type { StartUser } from './user.js';
import { searchWindows } from './windows.js';

/** How a command word was looked up. */
export interface Searched {
  readonly lookup: Lookup;
  /** Directories of PATH; empty where the word has a slash. */
  readonly searched: readonly string[];
  /** The path that was found, before links were followed. */
  readonly path: string;
}

export interface SearchIn {
  readonly rootfs: Rootfs;
  readonly environment: Environment;
  readonly workingDir: string;
  readonly user: Pick<StartUser, 'uid' | 'gids'>;
}

/**
 * Looks a word up as runc's LookPath and execvp(3) do: with a slash it is a path, without one every directory of PATH
 * is tried, and a file that may not be executed is passed over. Where all are, the first of them is reported.
 */
export function searchProgram(word: string, context: SearchIn): Searched {
  const { rootfs, environment, workingDir, user } = context;
  if (!rootfs.caseSensitive) return searchWindows(word, context);
  if (word.includes('/')) return { lookup: rootfs.lookup(word, { workingDir }), searched: [], path: word };
  const searched = (environment['PATH'] ?? '').split(':').map((directory) => (directory === '' ? '.' : directory));
  const tried: Searched[] = [];
  for (const directory of word === '' ? [] : searched) {
    const path = `${directory.replace(/\/+$/, '')}/${word}`;
    const lookup = rootfs.lookup(path, { workingDir });
    if (lookup.found && lookup.entry.type === 'file' && deniedAt(lookup, user) === null)
      return { lookup, searched, path };
    if (!lookup.found || lookup.entry.type === 'file') tried.push({ lookup, searched, path });
  }
  return mostTelling(tried) ?? { lookup: absent(word), searched, path: word };
}

function absent(word: string): Lookup {
  return { found: false, reason: 'absent', at: word, links: [], hiddenBy: null };
}

/** Of many places without success: one that is there, one that may be, one that a whiteout or a broken link explains. */
function mostTelling(tried: readonly Searched[]): Searched | null {
  const rank = ({ lookup }: Searched): number => {
    if (lookup.found) return 0;
    if (lookup.reason === 'unknown') return 1;
    if (lookup.hiddenBy !== null) return 2;
    return lookup.reason === 'absent' || lookup.reason === 'not-a-directory' ? 4 : 3;
  };
  let best: Searched | null = null;
  for (const each of tried) if (best === null || rank(each) < rank(best)) best = each;
  return best !== null && rank(best) < 4 ? best : null;
}
