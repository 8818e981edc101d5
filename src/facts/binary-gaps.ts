import type { ImageAnalysis } from '../model/analysis.js';
import type { Gap } from '../model/gap.js';
import type { RootfsEntry } from '../model/rootfs.js';

/**
 * Gaps of the image and of its binaries: parts that could not be read, and files that look like a binary and are none.
 * Bytes that segments want beyond the end of the file are a fact (`load-segments[].in-file`), not a gap.
 */
export function allGaps(analysis: ImageAnalysis): readonly Gap[] {
  return [...analysis.gaps, ...[...analysis.rootfs.entries()].flatMap((entry) => gapsOf(entry))];
}

function gapsOf(entry: RootfsEntry): readonly Gap[] {
  const { path, layer, content } = entry;
  if (content?.kind === 'damaged') return [{ path, layer, part: `${content.format} header`, error: content.error }];
  if (content?.kind !== 'binary') return [];
  return content.binary.gaps
    .filter(({ part }) => part !== 'segments')
    .map(({ part, error }) => ({ path, layer, part, error }));
}
