import type { FileContent, LayerEntry } from './layer.js';
import type { FileView } from './view.js';

/** Bytes `[from, to)` of a file. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * How much of a file a collector asks for once it has seen the head. `ranges` lets a large file pass through a stream
 * with only some of its bytes kept; with positioned reads nothing is kept at all.
 */
export type Want = 'nothing' | 'head' | 'whole' | { readonly ranges: readonly ByteRange[] };

export type FileHeader = Pick<LayerEntry, 'path' | 'mode' | 'size'>;

/**
 * Makes facts of the files of a layer, one at a time, without knowing the rest of the image: so what it finds can be
 * kept by diff ID. The layer reader calls `want` for each regular file that has content, then `collect`.
 */
export interface FileCollector {
  /** Changes whenever it would find something else in the same bytes; part of a cache key. */
  readonly version: string;
  /** Says from the header alone whether even the head is needed; false saves the read. */
  readonly interested: (file: FileHeader) => boolean;
  /** `head`: the first bytes, at most HEAD_BYTES. */
  readonly want: (file: FileHeader, head: Uint8Array) => Want;
  /** Called unless `want` said `nothing`. `view` holds at least what was asked for. */
  readonly collect: (file: FileHeader, view: FileView) => FileContent | null;
}

/** Bytes of a file that `want` sees: a page, so that ELF program headers and the longest `#!` line are in it. */
export const HEAD_BYTES = 4096;

/** The bytes of one layer's tar, already decompressed. */
export type LayerBytes =
  | { readonly kind: 'random'; readonly view: FileView }
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Uint8Array> };
