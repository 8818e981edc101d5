import { neededNames } from '../model/binary.js';
import type { Resolution } from '../model/resolution.js';
import type { RootfsEntry } from '../model/rootfs.js';
import type { Loader } from './loader.js';

/** No loader is there, or none that is known: the needs are listed and nothing is said of them. */
export const unknownLoader: Loader = {
  id: 'unknown',
  serves: () => true,
  resolve: ({ entry, interpreterKnown, interpreter }) => {
    // Without a loader nothing is mapped, and that is certain; what a foreign loader does is not.
    const complete = interpreterKnown && interpreter === null;
    const needed = complete ? [] : needsOf(entry);
    return {
      loader: 'unknown',
      objects: [{ path: entry.path, realPath: entry.path, entry, loadedBy: null, needed, missingVersions: [] }],
      complete,
    };
  },
};

function needsOf({ content }: RootfsEntry): readonly Resolution[] {
  if (content?.kind !== 'binary') return [];
  const unknown = { path: null, realPath: null, links: [], trail: [], status: 'unknown', delayLoaded: false } as const;
  return neededNames(content.binary).map((needed) => ({ ...unknown, needed }));
}
