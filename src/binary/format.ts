import type { Binary } from '../model/binary.js';
import type { ByteRange } from '../model/collector.js';
import type { FormatError } from '../model/gap.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';

/** One binary format: one folder here, one line in index.ts. */
export interface BinaryFormat {
  readonly id: Binary['format'];
  /** Says from the first bytes whether a file claims to be of this format. */
  readonly sniff: (head: Uint8Array) => boolean;
  readonly parse: (view: FileView) => Result<Binary, FormatError>;
  /** What must be kept of a file that passes by in a stream, so that `parse` still reads every fact. */
  readonly retain: (head: Uint8Array, size: number) => 'whole' | readonly ByteRange[];
}
