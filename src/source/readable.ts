import type { Extent } from '../model/load.js';
import type { FileView } from '../model/view.js';
import type { Chunks } from './chunks.js';

/** Bytes that can be read at any place and from front to back. */
export interface Readable {
  readonly size: number;
  readonly view: () => FileView;
  readonly stream: () => Chunks;
  /** Where they lie; left out where they are in no file. */
  readonly extent?: Extent;
}
