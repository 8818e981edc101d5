import { layerOf } from '../../src/image/layer-facts.js';
import { mergeLayers, type MergedRootfs } from '../../src/image/merge.js';
import type { FileContent, LayerEntry, LayerFacts } from '../../src/model/layer.js';

/**
 * What stands at a path. A string is the target of a symlink, null a directory; an object is a regular file
 * (mode 0755) unless it says otherwise.
 */
export type RootfsSpec = Readonly<Record<string, string | null | Partial<LayerEntry>>>;

/** A layer entry with everything that is not said filled in. */
export function layerEntry(path: string, spec: RootfsSpec[string] = {}): LayerEntry {
  const entry = { path, uid: 0, gid: 0, size: 0, linkTarget: null, mtime: 0, xattrs: {}, content: null };
  if (spec === null) return { ...entry, type: 'directory', mode: 0o755 };
  if (typeof spec === 'string') return { ...entry, type: 'symlink', mode: 0o777, linkTarget: spec };
  return { ...entry, type: 'file', mode: 0o755, ...spec };
}

/** Facts of one layer; `extra` brings whiteouts, opaque directories and gaps. */
export function layerFacts(spec: RootfsSpec, extra: Partial<LayerFacts> = {}): LayerFacts {
  return { ...layerOf(Object.entries(spec).map(([path, value]) => layerEntry(path, value))), ...extra };
}

/**
 * A root file system: `rootfs({ '/bin': 'usr/bin', '/usr/bin/sh': { content } })`. Parents come by themselves. Windows
 * paths are written as the container sees them (`/Windows/System32/ntdll.dll`).
 */
export function rootfs(spec: RootfsSpec, options: { readonly windows?: boolean } = {}): MergedRootfs {
  const windows = options.windows ?? false;
  const prefixed = Object.fromEntries(Object.entries(spec).map(([path, value]) => [`/Files${path}`, value]));
  return mergeLayers([layerFacts(windows ? prefixed : spec)], { windows });
}

/** Content that is a script or another text. */
export function textContent(
  text: string,
  head: 'script' | 'text' | 'script-crlf' | 'script-bom' = 'script',
): FileContent {
  return { kind: 'text', head, text, truncated: false, references: [] };
}
