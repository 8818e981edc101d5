/** A root filesystem: a directory as it lies there, or a tar without a manifest. */
import {
  constants,
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statfsSync,
  statSync,
  type Stats,
} from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { collectFile } from '../image/collect.js';
import { imageOf } from '../image/image.js';
import { nameOf } from '../image/tar/text.js';
import { LAYER_PART, layerOf } from '../image/layer.js';
import type { FormatError, Gap } from '../model/gap.js';
import type { Platform } from '../model/image.js';
import type { EntryType, FileContent, LayerEntry } from '../model/layer.js';
import type { LayerReading, LoadedSource, LoadOptions } from '../model/load.js';
import { attempt, codeOf, descriptorView } from './file-view.js';

/** Platform of what does not say one; it is inferred from the binaries later. */
export const UNKNOWN_PLATFORM: Platform = { os: '', architecture: '', variant: null, osVersion: null, osFeatures: [] };

/** Directories under each other; a path of the system has 4096 bytes. */
const MAX_DEPTH = 2048;
/** Entries between two turns of the event loop, so that a spinner turns. */
const ENTRIES_A_TURN = 256;

/** f_type of file systems that are made of the running kernel (Linux include/uapi/linux/magic.h). */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x1cd1, // devpts
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0x62656570, // configfs
  0xde5e81e4, // efivarfs
  0x19800202, // mqueue
  0x42494e4d, // binfmt_misc
]);

const SLASH = Buffer.from('/');

interface Walk {
  readonly options: LoadOptions;
  readonly entries: LayerEntry[];
  readonly gaps: Gap[];
  readonly notes: string[];
  /** First path of each file with more than one link, by device and inode. */
  readonly linked: Map<string, string>;
  bytesRead: number;
}

/** Path in the image, and where it lies: the bytes of the name, which need not be UTF-8. */
interface Place {
  readonly path: string;
  readonly lies: Buffer;
}

interface Pending extends Place {
  readonly depth: number;
  readonly device: number;
}

/** Reads a directory as one layer. Links are entries, never ways: nothing outside the directory is looked at. */
export async function loadDirectory(path: string, reference: string, options: LoadOptions): Promise<LoadedSource> {
  const walk: Walk = { options, entries: [], gaps: [], notes: [], linked: new Map(), bytesRead: 0 };
  const root = attempt(path, () => statSync(path));
  walk.entries.push(entryOf('/', 'directory', root));
  const pending: Pending[] = [{ path: '/', lies: Buffer.from(path), depth: 0, device: root.dev }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    options.onProgress(`directory ${next.path}`);
    await readDirectory(walk, next, pending);
    if (walk.entries.length >= options.limits.entries) {
      const error: FormatError = { kind: 'limit', at: 0, field: 'entries', limit: options.limits.entries };
      walk.gaps.push({ path: '/', layer: null, part: LAYER_PART, error });
      break;
    }
  }
  const facts = { ...layerOf(walk.entries, walk.gaps), bytesRead: walk.bytesRead };
  const reading: LayerReading = { facts, stored: null, compression: 'none', size: walk.bytesRead, notes: walk.notes };
  return rootfsSource(reading, reference, options);
}

/** One layer without a manifest as an image. */
export function rootfsSource(reading: LayerReading, reference: string, options: LoadOptions): LoadedSource {
  const image = imageOf({
    reference,
    format: 'rootfs',
    digest: null,
    names: [],
    manifestMediaType: null,
    indexPlatform: null,
    config: UNKNOWN_PLATFORM,
    layers: [{ digest: reading.stored, mediaType: '', size: reading.size, compression: reading.compression }],
  });
  return {
    images: [{ image, layers: [reading.facts], gaps: [] }],
    notes: [...reading.notes, ...platformNote(options)],
  };
}

/** `--platform` chooses among images; here there is one, and its platform is not declared. */
export function platformNote(options: LoadOptions): readonly string[] {
  return options.platform === null
    ? []
    : ['the platform is inferred from the binaries; --platform chooses nothing here'];
}

async function readDirectory(walk: Walk, directory: Pending, pending: Pending[]): Promise<void> {
  let names: Buffer[];
  try {
    names = readdirSync(directory.lies, { encoding: 'buffer' }).sort((one, other) => one.compare(other));
  } catch (cause) {
    addGap(walk, directory.path, LAYER_PART, cause); // what is absent from it is unknown
    return;
  }
  const children: Pending[] = [];
  for (const name of names) {
    if (walk.entries.length >= walk.options.limits.entries) break;
    const place = placeIn(directory, name);
    const found = addEntry(walk, place);
    if (found?.isDirectory() === true) {
      if (directory.depth >= MAX_DEPTH) addLimit(walk, place.path);
      else if (found.dev === directory.device || !ofKernel(walk, place)) {
        children.push({ ...place, depth: directory.depth + 1, device: found.dev });
      }
    }
    if (walk.entries.length % ENTRIES_A_TURN === 0) await setImmediate();
  }
  pending.push(...children.reverse());
}

function placeIn(directory: Place, name: Buffer): Place {
  const written = nameOf(name.toString('latin1'));
  return {
    path: directory.path === '/' ? `/${written}` : `${directory.path}/${written}`,
    lies: Buffer.concat([directory.lies, SLASH, name]),
  };
}

/** Adds what lies at the path; null where it cannot be looked at or is nothing that an image has. */
function addEntry(walk: Walk, place: Place): Stats | null {
  const { path, lies } = place;
  try {
    const stats = lstatSync(lies);
    const type = typeOf(stats);
    if (type === null) return null;
    const first = type === 'file' && stats.nlink > 1 ? walk.linked.get(`${stats.dev}:${stats.ino}`) : undefined;
    if (first !== undefined) {
      walk.entries.push({ ...entryOf(path, 'hardlink', stats), size: 0, linkTarget: first });
      return stats;
    }
    if (type === 'file' && stats.nlink > 1) walk.linked.set(`${stats.dev}:${stats.ino}`, path);
    const linkTarget = type === 'symlink' ? nameOf(readlinkSync(lies, 'latin1')) : null;
    const content = type === 'file' ? contentOf(walk, place, stats) : null;
    walk.entries.push({ ...entryOf(path, type, stats), linkTarget, content });
    return stats;
  } catch (cause) {
    addGap(walk, path, 'entry', cause);
    return null;
  }
}

function contentOf(walk: Walk, { path, lies }: Place, stats: Stats): FileContent | null {
  const header = { path, mode: stats.mode & 0o7777, size: stats.size };
  const { collector } = walk.options;
  if (!collector.interested(header)) return null;
  try {
    // Between lstat and open the file may have become something else: a link, a FIFO. Windows has neither flag.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const fd = openSync(lies, flags);
    try {
      if (!fstatSync(fd).isFile()) return null;
      const collected = collectFile(header, descriptorView(path, fd, stats.size), collector);
      walk.gaps.push(...collected.gaps);
      walk.bytesRead += collected.bytesRead;
      return collected.content;
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    addGap(walk, path, 'file', cause);
    return null;
  }
}

function entryOf(path: string, type: EntryType, stats: Stats): LayerEntry {
  return {
    path,
    type,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: type === 'file' ? stats.size : 0,
    linkTarget: null,
    mtime: Math.floor(stats.mtimeMs / 1000),
    xattrs: {}, // Node has no getxattr(2): file capabilities of a directory are not seen
    content: null,
  };
}

function typeOf(stats: Stats): EntryType | null {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return 'character-device';
  if (stats.isBlockDevice()) return 'block-device';
  return stats.isFIFO() ? 'fifo' : null; // a socket is nothing that an image has
}

function ofKernel(walk: Walk, { path, lies }: Place): boolean {
  try {
    if (!KERNEL_FILE_SYSTEMS.has(statfsSync(lies).type)) return false;
  } catch {
    return false; // the directory is read, or becomes a gap there
  }
  walk.notes.push(`${path} is a file system of the running kernel and left out`);
  return true;
}

function addGap(walk: Walk, path: string, part: string, cause: unknown): void {
  const code = codeOf(cause);
  if (code === '') throw cause;
  const error: FormatError = { kind: 'bad-value', at: 0, field: 'read error', value: code };
  walk.gaps.push({ path, layer: null, part, error });
}

function addLimit(walk: Walk, path: string): void {
  const error: FormatError = { kind: 'limit', at: 0, field: 'directories above each other', limit: MAX_DEPTH };
  walk.gaps.push({ path, layer: null, part: LAYER_PART, error });
}
