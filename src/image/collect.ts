import { HEAD_BYTES, type FileCollector, type FileHeader, type Want } from '../model/collector.js';
import type { FormatError, Gap } from '../model/gap.js';
import type { FileContent } from '../model/layer.js';
import { NotRetained, type FileView } from '../model/view.js';

/** What a collector found in one file. */
export interface Collected {
  readonly content: FileContent | null;
  readonly gaps: readonly Gap[];
  /** Bytes of the file that were read. */
  readonly bytesRead: number;
}

export const NOT_COLLECTED: Collected = { content: null, gaps: [], bytesRead: 0 };

/**
 * Lets the collector see one file that can be read at any position: interested → want → collect. `available` is how many
 * of its bytes are there; a file that is cut off is collected where all that is wanted of it is there, as in a stream.
 */
export function collectFile(
  file: FileHeader,
  view: FileView,
  collector: FileCollector,
  available = view.size,
): Collected {
  const head = Math.min(HEAD_BYTES, view.size);
  if (!collector.interested(file) || available < head) return NOT_COLLECTED;
  const counted = countReads(view);
  const wanted = collector.want(file, counted.read(0, head));
  if (wanted === 'nothing') return { ...NOT_COLLECTED, bytesRead: counted.bytes() };
  return available < endOf(wanted, head, view.size) ? NOT_COLLECTED : collectFrom(file, counted, collector);
}

/** Offset behind the last byte that is wanted. */
function endOf(wanted: Exclude<Want, 'nothing'>, head: number, size: number): number {
  if (typeof wanted === 'string') return wanted === 'head' ? head : size;
  const ends = wanted.ranges.map(({ from, to }) => (from < Math.min(to, size) ? Math.min(to, size) : head));
  return Math.max(head, ...ends);
}

/** A view that knows how much of the file was read, the head included. */
export interface CountedView extends FileView {
  readonly bytes: () => number;
}

export function countReads(view: FileView, before = 0): CountedView {
  let bytes = before;
  return {
    size: view.size,
    read: (at, length) => {
      const part = view.read(at, length);
      bytes += part.length;
      return part;
    },
    bytes: () => bytes,
  };
}

/** Calls `collect`; bytes that it reads and that were not kept make a gap, every other error is ours and flies on. */
export function collectFrom(file: FileHeader, view: CountedView, collector: FileCollector): Collected {
  try {
    return { content: collector.collect(file, view), gaps: [], bytesRead: view.bytes() };
  } catch (cause) {
    if (!(cause instanceof NotRetained)) throw cause;
    const error: FormatError = { kind: 'not-retained', at: cause.at, needed: cause.length };
    return { content: null, gaps: [fileGap(file.path, error)], bytesRead: view.bytes() };
  }
}

/** A part of a file in the layer that could not be read. */
export function fileGap(path: string, error: FormatError): Gap {
  return { path, layer: null, part: 'content', error };
}
