import { MAX_SYMLINKS } from './lookup.js';
import { childPath, impliedDirectory, namesOf, type Fold, type Hidden, type TreeNode } from './tree.js';
import { windowsPath } from './windows.js';

/** The tree while layers are being applied to it. */
export interface GrowingTree {
  readonly root: TreeNode;
  readonly fold: Fold;
  readonly windows: boolean;
  readonly hidden: Map<string, Hidden>;
}

/**
 * Names that links may add to one walk. A path of a real image adds a handful; 40 links with 2000 names each, for every
 * one of a million entries, would be hours of work.
 */
export const MAX_LINKED_NAMES = 512;

/** What a name on the way leads to: a directory, the target of a link to follow, or nothing. */
type Way = TreeNode | { readonly target: string } | null;
type Door = (directory: TreeNode, name: string) => Way;

/**
 * The directory in which an entry of `layer` is unpacked, made where it is missing. Links are followed inside the root
 * where this layer made them; whatever else a lower layer has in the way is replaced by a directory (mode 0755).
 */
export function openDirectory(tree: GrowingTree, names: readonly string[], layer: number): TreeNode | null {
  return walk(tree, names, (directory, name) => {
    const key = tree.fold(name);
    const child = directory.children?.get(key);
    if (child !== undefined && (child.children !== null || child.entry.layer === layer)) return wayInto(child);
    const path = childPath(directory.entry.path, name);
    const made = impliedDirectory(path, layer);
    unhide(tree, path);
    directory.children?.set(key, made);
    return made;
  });
}

/** The directory at a path as far as the layers up to now have it, every link followed; null where there is none. */
export function findDirectory(tree: GrowingTree, names: readonly string[]): TreeNode | null {
  return walk(tree, names, (directory, name) => {
    const child = directory.children?.get(tree.fold(name));
    return child === undefined ? null : wayInto(child);
  });
}

/** What stands at a path again is no longer hidden. */
export function unhide(tree: GrowingTree, path: string): void {
  if (tree.hidden.size > 0) tree.hidden.delete(tree.fold(path));
}

function wayInto(node: TreeNode): Way {
  if (node.children !== null) return node;
  return node.entry.type === 'symlink' ? { target: node.entry.linkTarget ?? '' } : null;
}

function walk(tree: GrowingTree, names: readonly string[], door: Door): TreeNode | null {
  const trail = [tree.root];
  let pending = names.toReversed();
  let links = 0;
  let linkedNames = 0;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '..' && trail.length > 1) trail.pop();
    if (name === '.' || name === '..') continue;
    const way = door(lastOf(trail, tree.root), name);
    if (way === null) return null;
    if (!('target' in way)) {
      trail.push(way);
      continue;
    }
    const target = tree.windows ? windowsPath(way.target) : way.target;
    const targetNames = namesOf(target);
    links += 1;
    linkedNames += targetNames.length;
    if (links > MAX_SYMLINKS || linkedNames > MAX_LINKED_NAMES) return null;
    if (target.startsWith('/')) trail.length = 1;
    pending = pending.concat(targetNames.reverse());
  }
  return lastOf(trail, tree.root);
}

function lastOf(trail: readonly TreeNode[], root: TreeNode): TreeNode {
  return trail.at(-1) ?? root;
}
