import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { XosError } from '../model/error.js';
import { type Blob, readableBlob, type Store } from './blob.js';
import { attempt, openFile, readExtent, type OpenFile } from './file-view.js';

/**
 * Blobs that are files of a directory: an OCI layout, skopeo's `dir:`, an unpacked docker archive. A file is open only
 * while it is read, so that the number of layers is not bounded by the number of open files.
 */
export function directoryStore(path: string): Store {
  return {
    path,
    find: (name) => directoryBlob(name, join(path, inside(name))),
    names: () => attempt(path, () => readdirSync(path)).map((name) => `/${name}`),
    damage: null,
  };
}

function directoryBlob(name: string, path: string): Blob | null {
  const found = openBlob(path);
  if (found === null) return null;
  found.close();
  return {
    name,
    size: found.size,
    bytes: (limit) => {
      const file = openFile(path);
      try {
        return blobOf(name, file).bytes(limit);
      } finally {
        file.close();
      }
    },
    layer: async (options, algorithm, claimed) => {
      const file = openFile(path);
      try {
        return await blobOf(name, file).layer(options, algorithm, claimed);
      } finally {
        file.close();
      }
    },
  };
}

function blobOf(name: string, file: OpenFile): Blob {
  return readableBlob(name, readExtent(file.extent()));
}

/** `..` in a name never leaves the directory. */
function inside(name: string): string {
  return join('/', name);
}

function openBlob(path: string): OpenFile | null {
  if (!existsSync(path)) return null;
  try {
    return openFile(path);
  } catch (cause) {
    // A directory or a device where a blob should be is the same as no blob; what may not be read is for the user.
    if (cause instanceof XosError && cause.code !== 'XOS_NO_PERMISSION') return null;
    throw cause;
  }
}
