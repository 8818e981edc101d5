import type { ByteRange } from '../../src/model/collector.js';
import type { FileView } from '../../src/model/view.js';
import { NotRetained } from '../../src/model/view.js';

/** A file of which a stream kept only some ranges: what lies outside is gone. */
export function retainedView(whole: FileView, ranges: readonly ByteRange[]): FileView {
  return {
    size: whole.size,
    read: (at, length) => {
      const to = Math.min(at + length, whole.size);
      if (!ranges.some((range) => range.from <= at && to <= range.to)) throw new NotRetained(at, length);
      return whole.read(at, length);
    },
  };
}
