import type { Result } from '../model/result.js';
import { fault, list, member, optional, readDocument, record, text, type DocumentError, type Node } from './json.js';

/** One image of `manifest.json` (docker save). Names are members of the archive. */
export interface SavedImage {
  readonly config: string;
  readonly repoTags: readonly string[];
  /** Lowest first. */
  readonly layers: readonly string[];
}

/** `manifest.json` of docker save. */
export function parseDockerManifest(bytes: Uint8Array): Result<readonly SavedImage[], DocumentError> {
  return readDocument(bytes, (root) => {
    if (!Array.isArray(root.value)) throw fault(root, 'a list');
    return list(root, readSavedImage);
  });
}

/** `repositories` of docker save: `name:tag` with the ID of its top layer. */
export function parseRepositories(
  bytes: Uint8Array,
): Result<readonly { readonly name: string; readonly layer: string }[], DocumentError> {
  return readDocument(bytes, (root) =>
    Object.entries(record(root, (tags) => record(tags, text))).flatMap(([repository, tags]) =>
      Object.entries(tags).map(([tag, layer]) => ({ name: `${repository}:${tag}`, layer })),
    ),
  );
}

/** `oci-layout`: the version of the layout (OCI image-spec, image-layout.md). */
export function parseOciLayout(bytes: Uint8Array): Result<string, DocumentError> {
  return readDocument(bytes, (root) => text(member(root, 'imageLayoutVersion')));
}

function readSavedImage(node: Node): SavedImage {
  return {
    config: text(member(node, 'Config')),
    repoTags: list(member(node, 'RepoTags'), text),
    layers: optional(member(node, 'Layers'), (layers) => list(layers, text)) ?? [],
  };
}
