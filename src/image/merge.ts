import type { Gap } from '../model/gap.js';
import type { LayerEntry, LayerFacts } from '../model/layer.js';
import type { Rootfs } from '../model/rootfs.js';

export interface MergeOptions {
  /** Windows layers: only `Files/` becomes the root, and names are compared without case. */
  readonly windows: boolean;
}

/** The merged file system with the gaps of all layers, each with its layer's index. */
export interface MergedRootfs extends Rootfs {
  readonly gaps: readonly Gap[];
}

/** Applies the layers, lowest first, as OverlayFS would show them. */
export function mergeLayers(layers: readonly LayerFacts[], options: MergeOptions): MergedRootfs {
  void layers;
  void options;
  throw new Error('not written yet');
}

/** A root file system of one layer that is already at hand: a directory, a single file. */
export function rootfsOf(entries: readonly LayerEntry[], options: MergeOptions = { windows: false }): MergedRootfs {
  void entries;
  void options;
  throw new Error('not written yet');
}
