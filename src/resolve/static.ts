import type { Loader } from './loader.js';

/** A program without PT_INTERP: the kernel maps it and nothing else. */
export const staticProgram: Loader = {
  id: 'static',
  serves: ({ elf }) =>
    elf !== null && elf.interpreter === null && (elf.kind === 'executable' || elf.kind === 'static-pie'),
  resolve: ({ entry, elf }) => ({
    loader: 'static',
    objects: [{ path: entry.path, realPath: entry.path, entry, loadedBy: null, needed: [], missingVersions: [] }],
    complete: elf?.gaps.every(({ part }) => !part.includes('program header')) ?? false,
  }),
};
