/**
 * Random access to the bytes of one file, wherever they are: memory, a positioned read into an archive, or the
 * parts of a stream that were kept. Reading is synchronous (spikes: a promise costs 15 times a `readSync`).
 */
export interface FileView {
  /** Size of the file in bytes. */
  readonly size: number;
  /**
   * Bytes `[at, at + length)`; fewer only where the file ends. The array may be reused by the next call: copy what is
   * kept. Throws {@link NotRetained} where a stream's bytes are gone; parsers turn that into a `not-retained` gap.
   */
  read(at: number, length: number): Uint8Array;
}

/** Bytes of a stream that were not kept. */
export class NotRetained extends Error {
  readonly at: number;
  readonly length: number;
  constructor(at: number, length: number) {
    super(`bytes ${at}..${at + length} were not retained`);
    this.at = at;
    this.length = length;
  }
}

/** A file that is wholly in memory. */
export function memoryView(bytes: Uint8Array): FileView {
  return { size: bytes.length, read: (at, length) => bytes.subarray(at, Math.min(at + length, bytes.length)) };
}
