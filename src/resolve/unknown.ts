import type { Loader } from './loader.js';

/** No loader is there, or none that is known: the needs are listed and nothing is said of them. */
export const unknownLoader: Loader = {
  id: 'unknown',
  serves: () => true,
  resolve: ({ entry, interpreterKnown, interpreter }) => ({
    loader: 'unknown',
    objects: [{ path: entry.path, realPath: entry.path, entry, loadedBy: null, needed: [], missingVersions: [] }],
    // Without a loader nothing is mapped, and that is certain; what a foreign loader does is not.
    complete: interpreterKnown && interpreter === null,
  }),
};
