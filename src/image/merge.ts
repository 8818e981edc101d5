import type { Gap } from '../model/gap.js';
import type { LayerEntry, LayerFacts } from '../model/layer.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import { LAYER_PART, layerOf } from './layer-facts.js';
import { lookup } from './lookup.js';
import {
  caseIgnored,
  caseKept,
  childPath,
  impliedDirectory,
  namesOf,
  nodeAt,
  sortedEntries,
  statedNode,
  subtree,
  type Tree,
  type TreeNode,
} from './tree.js';
import { findDirectory, openDirectory, unhide, type GrowingTree } from './unpack.js';
import { windowsLayerPath, windowsPath } from './windows.js';

export interface MergeOptions {
  /** Windows layers: only `Files/` becomes the root, and names are compared without case. */
  readonly windows: boolean;
}

/** Entries of one layer that could not be put in place and are told one by one. */
const MAX_GAPS = 1000;

/** The merged file system with the gaps of all layers, each with its layer's index. */
export interface MergedRootfs extends Rootfs {
  readonly gaps: readonly Gap[];
}

/**
 * Applies the layers, lowest first, as OverlayFS shows them after the engines' own unpacking (containerd,
 * pkg/archive/tar.go, `applyNaive` with `WithParents`): each layer is unpacked alone, so a link on the way to an entry
 * is followed only where the same layer made it. A link of a lower layer is replaced by a directory, which is what
 * happens to `/lib -> usr/lib` under a layer with `lib/x`.
 */
export function mergeLayers(layers: readonly LayerFacts[], options: MergeOptions): MergedRootfs {
  const { windows } = options;
  const tree: GrowingTree = {
    root: impliedDirectory('/', 0),
    fold: windows ? caseIgnored : caseKept,
    windows,
    hidden: new Map(),
  };
  const gaps: Gap[] = [];
  layers.forEach((facts, layer) => {
    for (const gap of facts.gaps) gaps.push({ ...gap, layer });
    applyLayer({ tree, layer, gaps, mostGaps: gaps.length + MAX_GAPS }, facts);
  });
  const unreadLayer = layers.findLastIndex((facts) => facts.gaps.some((gap) => gap.part === LAYER_PART));
  return rootfsWith({ ...tree, unreadLayer }, windows, gaps);
}

/** A root file system of one layer that is already at hand: a directory, a single file. */
export function rootfsOf(entries: readonly LayerEntry[], options: MergeOptions = { windows: false }): MergedRootfs {
  return mergeLayers([layerOf(entries)], options);
}

function rootfsWith(tree: Tree, windows: boolean, gaps: readonly Gap[]): MergedRootfs {
  let size: number | null = null;
  const exact = (path: string): TreeNode | null => nodeAt(tree, namesOf(windows ? windowsPath(path) : path));
  return {
    caseSensitive: !windows,
    get size() {
      size ??= countNodes(tree.root);
      return size;
    },
    complete: tree.unreadLayer < 0,
    gaps,
    lookup: (path, options) => lookup(tree, path, windows, options),
    entry: (path) => exact(path)?.entry ?? null,
    names: (directory) => namesIn(exact(directory)),
    entries: () => sortedEntries(tree.root),
  };
}

/** One layer being applied. */
interface Applying {
  readonly tree: GrowingTree;
  readonly layer: number;
  readonly gaps: Gap[];
  /** Length of `gaps` past which entries are left out without one. */
  readonly mostGaps: number;
}

/** Whiteouts first: they act on lower layers only, wherever they stand in the tar (OCI image-spec, layer.md). */
function applyLayer(at: Applying, facts: LayerFacts): void {
  for (const path of facts.whiteouts) whiteout(at, path);
  for (const path of facts.opaqueDirectories) makeOpaque(at, path);
  const waiting = facts.entries.filter((entry) => !place(at, entry, false));
  // A hard link may stand before its target, and before another link that is its target: one pass each way.
  const backwards = waiting.toReversed().filter((entry) => !place(at, entry, true));
  for (const link of backwards.toReversed()) {
    if (!place(at, link, true)) noteGap(at, link.path, 'hard link target', link.linkTarget ?? '');
  }
}

/** Directories on the way to a whiteout are made like those on the way to a file: engines unpack both alike. */
function whiteout(at: Applying, written: string): void {
  if (pathIn(at.tree, written) === null) return;
  const { parents, name } = splitPath(at.tree, written);
  const siblings = openDirectory(at.tree, parents, at.layer)?.children;
  const node = siblings?.get(at.tree.fold(name));
  if (node === undefined) return;
  hide(at, node);
  siblings?.delete(at.tree.fold(name));
}

function makeOpaque(at: Applying, written: string): void {
  const path = pathIn(at.tree, written);
  const children = path === null ? null : openDirectory(at.tree, namesOf(path), at.layer)?.children;
  for (const child of children?.values() ?? []) hide(at, child);
  children?.clear();
}

function hide(at: Applying, top: TreeNode): void {
  for (const { entry } of subtree(top)) at.tree.hidden.set(at.tree.fold(entry.path), { layer: at.layer, entry });
}

/** False: a hard link whose target is not there. `late`: the layer's other entries are all in place. */
function place(at: Applying, entry: LayerEntry, late: boolean): boolean {
  const { tree, layer } = at;
  if (pathIn(tree, entry.path) === null) return true;
  const { parents, name } = splitPath(tree, entry.path);
  if (name === '') {
    if (entry.type === 'directory') tree.root.entry = statedNode(entry, 'directory', '/', layer).entry;
    return true;
  }
  const target = entry.type === 'hardlink' ? linkedFile(at, entry, late) : null;
  if (entry.type === 'hardlink' && target === null) return false;
  const siblings = openDirectory(tree, parents, layer);
  if (siblings?.children == null) noteGap(at, entry.path, 'parent', 'no directory');
  else put(at, siblings, name, entry, target);
  return true;
}

/** A directory over a directory changes its metadata; anything else replaces what stood there with all below it. */
function put(at: Applying, parent: TreeNode, name: string, entry: LayerEntry, target: RootfsEntry | null): void {
  const { tree, layer } = at;
  const key = tree.fold(name);
  const old = parent.children?.get(key);
  if (old?.children != null && entry.type === 'directory') {
    old.entry = statedNode(entry, 'directory', old.entry.path, layer).entry;
    return;
  }
  const path = childPath(parent.entry.path, name);
  unhide(tree, path);
  if (target !== null) {
    parent.children?.set(key, { entry: { ...target, path, layer, hardlinkOf: target.path }, children: null });
  } else if (entry.type !== 'hardlink') {
    parent.children?.set(key, statedNode(entry, entry.type, path, layer));
  }
}

/** The file that a hard link names: in this layer or, once nothing of this layer can come any more, below it. */
function linkedFile(at: Applying, link: LayerEntry, late: boolean): RootfsEntry | null {
  const { tree, layer } = at;
  const { parents, name } = splitPath(tree, link.linkTarget ?? '/');
  const parent = findDirectory(tree, parents);
  if (parent === null || name === '') return null;
  const key = tree.fold(name);
  const found = parent.children?.get(key)?.entry ?? hiddenNow(at, childPath(parent.entry.path, name));
  if (found === null || found.type === 'directory') return null;
  return late || found.layer === layer ? found : null;
}

/** A layer may link to a file and hide its old name: a rename. */
function hiddenNow(at: Applying, path: string): RootfsEntry | null {
  const hidden = at.tree.hidden.get(at.tree.fold(path));
  return hidden?.layer === at.layer ? hidden.entry : null;
}

/** Path in the container; null for what a Windows layer keeps beside its files. */
function pathIn(tree: GrowingTree, path: string): string | null {
  return tree.windows ? windowsLayerPath(path) : path;
}

function splitPath(tree: GrowingTree, path: string): { parents: string[]; name: string } {
  const parents = namesOf(pathIn(tree, path) ?? '/');
  const name = parents.pop() ?? '';
  return { parents, name };
}

/** An entry that no engine could unpack either. */
function noteGap(at: Applying, path: string, field: string, value: string): void {
  if (at.gaps.length >= at.mostGaps) return;
  at.gaps.push({ path, layer: at.layer, part: 'entry', error: { kind: 'bad-value', at: 0, field, value } });
}

function countNodes(root: TreeNode): number {
  let count = 0;
  const nodes = subtree(root);
  while (nodes.next().done !== true) count += 1;
  return count;
}

function namesIn(node: TreeNode | null): string[] {
  const names: string[] = [];
  for (const { entry } of node?.children?.values() ?? []) names.push(entry.path.slice(entry.path.lastIndexOf('/') + 1));
  return names.sort();
}
