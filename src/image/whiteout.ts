import type { TarEntry } from './tar/entry.js';

/** What an entry hides in the layers below it. */
export type Whiteout =
  /** The entry is a mark and no file: `path` is hidden, or everything in the directory `path`. */
  | { readonly kind: 'hides' | 'opaque'; readonly path: string }
  /** The entry is a directory that hides what is in it below. */
  | { readonly kind: 'opaque-directory' }
  /** A mark of AUFS that means nothing in an image. */
  | { readonly kind: 'none' };

const PREFIX = '.wh.';
const META_PREFIX = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';
const OPAQUE_XATTRS = ['trusted.overlay.opaque', 'user.overlay.opaque'];

/**
 * Whiteouts of OCI (image-spec, layer.md, "Whiteouts") and those that OverlayFS itself writes (kernel,
 * Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"). Null where the entry is none.
 */
export function whiteoutOf(entry: TarEntry): Whiteout | null {
  const slash = entry.path.lastIndexOf('/');
  if (!entry.path.startsWith(PREFIX, slash + 1)) return overlayWhiteout(entry);
  const name = entry.path.slice(slash + 1);
  const directory = slash === 0 ? '/' : entry.path.slice(0, slash);
  if (name === OPAQUE) return { kind: 'opaque', path: directory };
  if (name.startsWith(META_PREFIX)) return { kind: 'none' };
  const hidden = name.slice(PREFIX.length);
  // `.wh..` and `.wh...` would hide the directory itself or its parent: engines refuse them.
  if (hidden === '' || hidden === '.' || hidden === '..') return { kind: 'none' };
  return { kind: 'hides', path: slash === 0 ? `/${hidden}` : `${directory}/${hidden}` };
}

function overlayWhiteout(entry: TarEntry): Whiteout | null {
  if (entry.type === 'character-device' && entry.deviceMajor === 0 && entry.deviceMinor === 0) {
    return { kind: 'hides', path: entry.path };
  }
  if (entry.type === 'directory' && OPAQUE_XATTRS.some((name) => entry.xattrs[name] === 'y')) {
    return { kind: 'opaque-directory' };
  }
  return null;
}
