import type { LinkStep, Lookup, RootfsEntry } from '../model/rootfs.js';
import { childPath, type Tree, type TreeNode } from './tree.js';
import { windowsPath } from './windows.js';

/** Links that may be followed in one lookup (Linux include/linux/namei.h, MAXSYMLINKS). */
export const MAX_SYMLINKS = 40;

export interface LookupOptions {
  readonly workingDir?: string;
  readonly followLast?: boolean;
}

/** A name still to be walked; `fromLink`: it came from the target of a link. */
interface Component {
  readonly name: string;
  readonly fromLink: boolean;
}

/** Where a walk is: the last of `trail` is the current node, the first is the root. */
interface Walk {
  readonly tree: Tree;
  readonly trail: TreeNode[];
  /** Next component last. */
  readonly pending: Component[];
  readonly links: LinkStep[];
  readonly searched: Set<RootfsEntry>;
  readonly followLast: boolean;
  readonly windows: boolean;
}

type NotFound = Extract<Lookup, { found: false }>;

/** Resolves a path as path_resolution(7) says, with the root of the tree as root (chroot(2)). */
export function lookup(tree: Tree, path: string, windows: boolean, options: LookupOptions = {}): Lookup {
  const walk: Walk = {
    tree,
    trail: [tree.root],
    pending: [],
    links: [],
    searched: new Set(),
    followLast: options.followLast ?? true,
    windows,
  };
  const asked = windows ? windowsPath(path) : path;
  if (asked === '') return notFound(walk, 'absent', '');
  push(walk, asked, false);
  if (!asked.startsWith('/')) {
    const workingDir = options.workingDir ?? '/';
    push(walk, `${windows ? windowsPath(workingDir) : workingDir}/.`, false);
  }
  for (let next = walk.pending.pop(); next !== undefined; next = walk.pending.pop()) {
    const end = step(walk, next);
    if (end !== null) return end;
  }
  const node = current(walk);
  const { links, searched } = walk;
  return { found: true, entry: node.entry, realPath: node.entry.path, links, directories: [...searched] };
}

/** Walks one component; a value ends the lookup. */
function step(walk: Walk, component: Component): NotFound | null {
  const directory = current(walk);
  const { name } = component;
  if (directory.children === null) return notFound(walk, 'not-a-directory', directory.entry.path);
  walk.searched.add(directory.entry);
  if (name === '.') return null;
  if (name === '..') {
    if (walk.trail.length > 1) walk.trail.pop();
    return null;
  }
  const child = directory.children.get(walk.tree.fold(name));
  if (child === undefined) {
    return notFound(walk, component.fromLink ? 'dangling-link' : 'absent', childPath(directory.entry.path, name));
  }
  const { type, linkTarget } = child.entry;
  if (type !== 'symlink' || (walk.pending.length === 0 && !walk.followLast)) {
    walk.trail.push(child);
    return null;
  }
  return follow(walk, child.entry.path, linkTarget ?? '');
}

function follow(walk: Walk, path: string, target: string): NotFound | null {
  walk.links.push({ path, target });
  if (walk.links.length > MAX_SYMLINKS) return notFound(walk, 'loop', path);
  const asked = walk.windows ? windowsPath(target) : target;
  // The kernel refuses an empty target with ENOENT (path_resolution(7), "Empty pathname").
  if (asked === '') return notFound(walk, 'dangling-link', path);
  if (asked.startsWith('/')) walk.trail.length = 1;
  push(walk, asked, true);
  return null;
}

/** A trailing slash asks for a directory, as `/.` does. */
function push(walk: Walk, path: string, fromLink: boolean): void {
  const names = path.split('/');
  for (let index = names.length - 1; index >= 0; index -= 1) {
    const name = names[index];
    if (name !== undefined && name !== '') walk.pending.push({ name, fromLink });
    else if (index === names.length - 1) walk.pending.push({ name: '.', fromLink });
  }
}

function current(walk: Walk): TreeNode {
  return walk.trail.at(-1) ?? walk.tree.root;
}

function notFound(walk: Walk, reason: 'absent' | 'dangling-link' | 'not-a-directory' | 'loop', at: string): NotFound {
  const { tree, links } = walk;
  const hiddenBy = tree.hidden.get(tree.fold(at))?.layer ?? null;
  const missing = reason === 'absent' || reason === 'dangling-link';
  // A whiteout above the layer that was not read hides whatever that layer has there.
  const unknown = missing && at !== '' && tree.unreadLayer > (hiddenBy ?? -1);
  return { found: false, reason: unknown ? 'unknown' : reason, at, links, hiddenBy: missing ? hiddenBy : null };
}
