/** What the worker writes and the watchdog reads: a counter, and the input that is being read now. */
const HEADER_BYTES = 16;
const MAX_INPUT_BYTES = 1024 * 1024;

export function sharedInput(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + MAX_INPUT_BYTES);
}

export class InputSlot {
  readonly #numbers: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#numbers = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#bytes = new Uint8Array(buffer, HEADER_BYTES);
  }

  /** Called before an input is run. */
  put(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, MAX_INPUT_BYTES);
    this.#bytes.set(kept);
    this.#numbers[1] = kept.length;
    Atomics.add(this.#numbers, 0, 1);
  }

  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  get input(): Uint8Array {
    return this.#bytes.slice(0, this.#numbers[1]);
  }
}
