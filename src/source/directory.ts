/** Directories that hold images: an OCI layout, skopeo's `dir:`, an unpacked docker archive. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { XosError } from '../model/error.js';
import type { LoadedSource, LoadOptions } from '../model/load.js';
import { choose } from './choose.js';
import { directoryStore } from './directory-store.js';
import { savedContents } from './docker.js';
import { statOf } from './file-view.js';
import { loadCandidates } from './layers.js';
import { DIR_LAYOUT, layoutContents, OCI_LAYOUT } from './oci.js';
import { selectorFor } from './reference.js';

export type DirectoryKind = 'oci' | 'dir' | 'docker-archive' | 'rootfs';

/** Top directories that only a root filesystem has; `bin` and `lib` alone are in many projects. */
const ROOT_DIRECTORIES = ['etc', 'usr', 'Windows', 'Files', 'Program Files'] as const;

/** What a directory holds, by what lies in it. */
export function recogniseDirectory(path: string): DirectoryKind {
  const has = (name: string): boolean => lies(join(path, name));
  if (has('oci-layout') || (has('index.json') && has('blobs'))) return 'oci';
  if (has('manifest.json')) {
    if (isArray(path)) return 'docker-archive';
    if (has('version') || !has('etc')) return 'dir';
  }
  if (ROOT_DIRECTORIES.some(has)) return 'rootfs';
  const bundle = has('rootfs') ? [`the root filesystem of a bundle: xoscheck rootfs:${join(path, 'rootfs')}`] : [];
  throw new XosError(
    'XOS_NOT_AN_IMAGE',
    `\`${path}\` is a directory without \`oci-layout\`, \`manifest.json\`, \`etc\` or \`usr\`, expected an OCI layout or a root filesystem`,
    { suggestions: [...bundle, `if it is a root filesystem all the same: xoscheck rootfs:${path}`] },
  );
}

/** Reads the images of a directory that holds blobs. */
export async function loadLayout(
  path: string,
  reference: string,
  options: LoadOptions,
  kind: 'oci' | 'dir' | 'docker-archive',
): Promise<LoadedSource> {
  const stats = statOf(path);
  if (!stats.isDirectory()) {
    throw new XosError('XOS_NOT_AN_IMAGE', `\`${path}\` is no directory, expected what \`${kind}:\` names`, {
      suggestions: [kind === 'oci' ? `for a tar of a layout: xoscheck oci-archive:${path}` : `xoscheck ${path}`],
    });
  }
  const store = directoryStore(path);
  const contents =
    kind === 'docker-archive'
      ? savedContents(store, options)
      : layoutContents(store, kind === 'oci' ? OCI_LAYOUT : DIR_LAYOUT, options);
  const choice = choose(contents, reference, selectorFor(reference, path), options);
  const format = kind === 'oci' ? 'oci-layout' : kind;
  const source = await loadCandidates(choice.chosen, store, { reference, format }, options);
  return { images: source.images, notes: [...choice.notes, ...source.notes] };
}

function lies(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** `manifest.json` of docker save is a list, that of `dir:` is an object. */
function isArray(path: string): boolean {
  const head = directoryStore(path).find('manifest.json')?.bytes(Number.MAX_SAFE_INTEGER)?.subarray(0, 64);
  return head !== undefined && Buffer.from(head).toString('latin1').trimStart().startsWith('[');
}
