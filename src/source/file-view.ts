import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { XosError } from '../model/error.js';
import type { Extent } from '../model/load.js';
import type { FileView } from '../model/view.js';
import { CHUNK_BYTES, type Chunks } from './chunks.js';
import type { Readable } from './readable.js';
import { WHAT_SERVES } from './reference.js';

/** Read-ahead for small reads: tar headers with what follows them. */
const WINDOW_BYTES = 16 * 1024;

/** An open regular file. */
export interface OpenFile {
  readonly path: string;
  readonly size: number;
  /** A view of bytes `[from, from + size)` with a window of its own, so that two readers do not disturb each other. */
  readonly view: (from?: number, size?: number) => FileView;
  /** The same bytes from front to back. */
  readonly stream: (from?: number, size?: number) => Chunks;
  /** Where these bytes lie, for another reader. Holds until `close`. */
  readonly extent: (from?: number, size?: number) => Extent;
  readonly close: () => void;
}

/**
 * Opens a regular file; anything else is refused before it is opened, because opening a FIFO or a device may hang or
 * do something.
 */
export function openFile(path: string): OpenFile {
  const found = statOf(path);
  if (!found.isFile()) throw notAFile(path, found);
  const fd = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw notAFile(path, stats);
    return openedFile(path, fd, stats.size);
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }
}

function openedFile(path: string, fd: number, size: number): OpenFile {
  let open = true;
  const within = (from: number, length: number): number => Math.max(0, Math.min(length, size - from));
  return {
    path,
    size,
    view: (from = 0, length = size) => positionedView(path, fd, from, within(from, length)),
    stream: (from = 0, length = size) => positionedStream(path, fd, from, within(from, length)),
    extent: (from = 0, length = size) => ({ path, fd, from, size: within(from, length) }),
    close: () => {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** The bytes of an extent, read through the descriptor that somebody else opened and closes. */
export function readExtent({ path, fd, from, size }: Extent): Readable {
  return {
    size,
    view: () => positionedView(path, fd, from, size),
    stream: () => positionedStream(path, fd, from, size),
    extent: { path, fd, from, size },
  };
}

/** A view over the first `size` bytes of an open descriptor. */
export function descriptorView(path: string, fd: number, size: number): FileView {
  return positionedView(path, fd, 0, size);
}

/** A view over a descriptor with a small read-ahead window (spikes.md, section 3). */
function positionedView(path: string, fd: number, from: number, size: number): FileView {
  let window: Uint8Array = new Uint8Array(0);
  let windowAt = 0;
  let scratch: Uint8Array = new Uint8Array(0);
  function read(at: number, length: number): Uint8Array {
    if (at < 0 || at >= size) return new Uint8Array(0);
    const wanted = Math.min(length, size - at);
    if (at >= windowAt && at + wanted <= windowAt + window.length) {
      return window.subarray(at - windowAt, at - windowAt + wanted);
    }
    if (wanted >= WINDOW_BYTES) {
      if (scratch.length < wanted) scratch = Buffer.allocUnsafeSlow(wanted);
      return scratch.subarray(0, readFully(path, fd, scratch, from + at, wanted));
    }
    const buffer = window.length === WINDOW_BYTES ? window : Buffer.allocUnsafeSlow(WINDOW_BYTES);
    const got = readFully(path, fd, buffer, from + at, Math.min(WINDOW_BYTES, size - at));
    window = buffer.subarray(0, got);
    windowAt = at;
    return window.subarray(0, Math.min(wanted, got));
  }
  return { size, read };
}

function readFully(path: string, fd: number, buffer: Uint8Array, at: number, length: number): number {
  let got = 0;
  while (got < length) {
    const count = attempt(path, () => readSync(fd, buffer, got, length - got, at + got));
    if (count === 0) break;
    got += count;
  }
  return got;
}

async function* positionedStream(path: string, fd: number, from: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, size - at));
    const got = readFully(path, fd, chunk, from + at, chunk.length);
    if (got === 0) return; // the file became shorter: whoever reads the stream sees that it is truncated
    at += got;
    yield chunk.subarray(0, got);
    await setImmediate();
  }
}

/** stat(2) with errors that a user can act on. */
export function statOf(path: string): Stats {
  return attempt(path, () => statSync(path));
}

/** Runs a system call on `path` and turns its error into one that a user can act on. */
export function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw systemError(path, cause) ?? cause;
  }
}

export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

type Explain = (path: string, code: string) => ConstructorParameters<typeof XosError>;

const notFound: Explain = (path) => [
  'XOS_IMAGE_NOT_FOUND',
  `\`${path}\`: there is no such file or directory`,
  { suggestions: [WHAT_SERVES] },
];
const notAllowed: Explain = (path) => [
  'XOS_NO_PERMISSION',
  `\`${path}\`: this user may not read it`,
  { suggestions: ['give read permission (chmod +r), or run as a user who may read it'] },
];
const unreadable: Explain = (path, code) => [
  'XOS_IMAGE_DAMAGED',
  `\`${path}\` cannot be read: the system says ${code}`,
  { suggestions: ['copy the image to another disk and check the copy'] },
];
const tooManyOpen: Explain = (path) => [
  'XOS_LIMIT',
  `\`${path}\`: too many files are open`,
  { suggestions: ['raise the limit: ulimit -n 4096'] },
];

const SYSTEM_ERRORS: Readonly<Record<string, Explain>> = {
  ENOENT: notFound,
  ENOTDIR: notFound,
  EACCES: notAllowed,
  EPERM: notAllowed,
  ELOOP: (path) => ['XOS_IMAGE_NOT_FOUND', `\`${path}\`: its symbolic links lead in a circle`],
  ENAMETOOLONG: () => ['XOS_IMAGE_NOT_FOUND', 'the path is longer than the system allows'],
  EIO: unreadable,
  ENXIO: unreadable,
  ENODEV: unreadable,
  EINVAL: unreadable,
  EISDIR: unreadable,
  ESTALE: unreadable,
  ENOSPC: unreadable,
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
};

function systemError(path: string, cause: unknown): XosError | null {
  const code = codeOf(cause);
  const explain = SYSTEM_ERRORS[code];
  if (explain === undefined) return null;
  const [name, message, options] = explain(path, code);
  return new XosError(name, message, { ...options, cause });
}

function notAFile(path: string, stats: Stats): XosError {
  return new XosError('XOS_NOT_AN_IMAGE', `\`${path}\` is ${kindOf(stats)}, expected a file or a directory`, {
    suggestions: stats.isFIFO() ? [`read it from stdin: xoscheck - < ${path}`] : [WHAT_SERVES],
  });
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  if (stats.isCharacterDevice()) return 'a character device';
  if (stats.isBlockDevice()) return 'a block device';
  return stats.isDirectory() ? 'a directory' : 'not a regular file';
}
