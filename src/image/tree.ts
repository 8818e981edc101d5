import type { LayerEntry } from '../model/layer.js';
import type { RootfsEntry } from '../model/rootfs.js';

/** One place in the merged tree. Directories have children by (folded) name, everything else has none. */
export interface TreeNode {
  entry: RootfsEntry;
  children: Map<string, TreeNode> | null;
}

/** What a whiteout removed, with the layer whose whiteout it was. */
export interface Hidden {
  readonly layer: number;
  readonly entry: RootfsEntry;
}

/** The merged layers; {@link Fold} decides which names are the same. */
export interface Tree {
  readonly root: TreeNode;
  readonly fold: Fold;
  /** Removed by whiteouts and not made again, by folded path. */
  readonly hidden: ReadonlyMap<string, Hidden>;
  /** Highest layer that was not read to its end; -1 where all were. */
  readonly unreadLayer: number;
}

/** Key of a name: itself where case counts, lower case where it does not. */
export type Fold = (name: string) => string;

export const caseKept: Fold = (name) => name;
/** NTFS compares by upper case; for the names of Windows images lower case comes to the same. */
export const caseIgnored: Fold = (name) => name.toLowerCase();

const NO_XATTRS: Readonly<Record<string, string>> = {};

/** A directory that no layer states and that a deeper entry implies (containerd, pkg/archive/tar.go, `mkparent`). */
export function impliedDirectory(path: string, layer: number): TreeNode {
  const entry: RootfsEntry = {
    path,
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    linkTarget: null,
    xattrs: NO_XATTRS,
    content: null,
    layer,
    hardlinkOf: null,
  };
  return { entry, children: new Map() };
}

/** A node for an entry as a layer states it. */
export function statedNode(entry: LayerEntry, type: RootfsEntry['type'], path: string, layer: number): TreeNode {
  const { mode, uid, gid, size, linkTarget, xattrs, content } = entry;
  // One string where both say the same: of a million entries a second one each is a tenth of all memory.
  const kept = path === entry.path ? entry.path : path;
  return {
    entry: { path: kept, type, mode, uid, gid, size, linkTarget, xattrs, content, layer, hardlinkOf: null },
    children: type === 'directory' ? new Map() : null,
  };
}

export function childPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/** The node at exactly this path, links not followed. */
export function nodeAt(tree: Pick<Tree, 'root' | 'fold'>, names: readonly string[]): TreeNode | null {
  let node = tree.root;
  for (const name of names) {
    const child = node.children?.get(tree.fold(name));
    if (child === undefined) return null;
    node = child;
  }
  return node;
}

/** Names of a path without empty ones, `.` and `..` taken as they are written. */
export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** Every node below and including this one, in no particular order. */
export function* subtree(top: TreeNode): Generator<TreeNode> {
  const pending = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node;
    for (const child of node.children?.values() ?? []) pending.push(child);
  }
}

/**
 * Every entry, in the order of its path as a string. `/a-b` comes before `/a/b`, so what is below a directory is
 * sorted as `a/` among its neighbours.
 */
export function* sortedEntries(root: TreeNode): Generator<RootfsEntry> {
  yield root.entry;
  const pending = [turnsOf(root)];
  for (let turns = pending.at(-1); turns !== undefined; turns = pending.at(-1)) {
    const turn = turns.pop();
    if (turn === undefined) pending.pop();
    else if (turn.below) pending.push(turnsOf(turn.node));
    else yield turn.node.entry;
  }
}

interface Turn {
  readonly key: string;
  readonly node: TreeNode;
  readonly below: boolean;
}

function turnsOf(directory: TreeNode): Turn[] {
  const turns: Turn[] = [];
  const from = directory.entry.path === '/' ? 1 : directory.entry.path.length + 1;
  for (const node of directory.children?.values() ?? []) {
    const key = node.entry.path.slice(from);
    turns.push({ key, node, below: false });
    if (node.children !== null && node.children.size > 0) turns.push({ key: `${key}/`, node, below: true });
  }
  return turns.sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
}
