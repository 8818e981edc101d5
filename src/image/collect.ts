import type { FileCollector, FileHeader } from '../model/collector.js';
import type { Gap } from '../model/gap.js';
import type { FileContent } from '../model/layer.js';
import type { FileView } from '../model/view.js';

export interface Collected {
  readonly content: FileContent | null;
  readonly gaps: readonly Gap[];
  /** Bytes of the file that were read. */
  readonly bytesRead: number;
}

/** Lets the collector see one file that can be read at any position: interested → want → collect. */
export function collectFile(file: FileHeader, view: FileView, collector: FileCollector): Collected {
  void file;
  void view;
  void collector;
  throw new Error('not written yet');
}
