import { HEAD_BYTES, type FileCollector, type FileHeader } from '../model/collector.js';
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

/** Lets the collector see one file that can be read at any position: interested → want → collect. */
export function collectFile(file: FileHeader, view: FileView, collector: FileCollector): Collected {
  if (!collector.interested(file)) return NOT_COLLECTED;
  const counted = countReads(view);
  const wanted = collector.want(file, counted.read(0, Math.min(HEAD_BYTES, view.size)));
  return wanted === 'nothing'
    ? { ...NOT_COLLECTED, bytesRead: counted.bytes() }
    : collectFrom(file, counted, collector);
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
