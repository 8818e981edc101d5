import type { Loader } from './loader.js';

/** Mach-O files are recognised so that they can be refused; what dyld would map is not followed. */
export const dyld: Loader = {
  id: 'dyld',
  serves: ({ entry }) => entry.content?.kind === 'binary' && entry.content.binary.format === 'mach-o',
  resolve: ({ entry }) => ({
    loader: 'dyld',
    objects: [{ path: entry.path, realPath: entry.path, entry, loadedBy: null, needed: [], missingVersions: [] }],
    complete: false,
  }),
};
