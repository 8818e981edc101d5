import { elfOf, type LoaderFile } from './loader.js';
import { nameOf } from './paths.js';

/** Whose loader a file is; `gcompat`: a stub that executes musl's loader in place of glibc's. */
export type LoaderFamily = 'glibc' | 'musl' | 'gcompat' | 'other';

/**
 * Tells a loader by what it defines, then by its own name, then by the name that PT_INTERP uses: Alpine's gcompat
 * puts musl's loader, or a stub, where glibc's is looked for. glibc's own always defines versions, musl's never.
 */
export function loaderFamily({ path, entry }: LoaderFile): LoaderFamily {
  const binary = elfOf(entry);
  if (binary !== null) {
    if (binary.versionDefinitions.some(({ name }) => name.startsWith('GLIBC_'))) return 'glibc';
    if (binary.soname?.startsWith('libc.') === true) return 'musl';
  }
  const named = byName(nameOf(entry.path)) ?? byName(nameOf(path)) ?? 'other';
  if (named !== 'glibc' || binary === null) return named;
  // A glibc whose version table could not be read is still one.
  const certain = !binary.gaps.some(({ part }) => /version|dynamic/.test(part));
  return certain && binary.versionDefinitions.length === 0 ? 'gcompat' : 'glibc';
}

function byName(name: string): 'glibc' | 'musl' | null {
  if (/^(?:ld-musl-.*|libc\.musl-.*|libc)\.so(?:\.\d+)?$/.test(name)) return 'musl';
  return /^ld(?:-linux[\w-]*|64|-2\.\d+)?\.so(?:\.\d+)?$/.test(name) ? 'glibc' : null;
}
