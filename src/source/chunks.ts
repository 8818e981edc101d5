/** Bytes that arrive in pieces. A piece belongs to the reader and is not written to again. */
export type Chunks = AsyncIterable<Uint8Array>;

/** Pieces in which files are read and streams are inflated (spikes.md, section 4: best of 64 KiB … 1 MiB). */
export const CHUNK_BYTES = 256 * 1024;

export const EMPTY = new Uint8Array(0);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0] !== undefined) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Reads pieces with the possibility to look ahead and to give bytes back. */
export class ChunkReader {
  /** Bytes handed out and not given back. */
  offset = 0;
  readonly #source: AsyncIterator<Uint8Array>;
  #pushed: Uint8Array = EMPTY;
  #ended = false;
  #failure: Error | null = null;

  constructor(source: Chunks) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next piece, never empty; null at the end. */
  async next(): Promise<Uint8Array | null> {
    const chunk = this.#pushed.length > 0 ? this.#pushed : await this.#pull();
    this.#pushed = EMPTY;
    if (chunk === null) return null;
    this.offset += chunk.length;
    return chunk;
  }

  /** Gives back the tail of what `next` returned last. */
  unread(bytes: Uint8Array): void {
    this.offset -= bytes.length;
    this.#pushed = this.#pushed.length === 0 ? bytes : concat([bytes, this.#pushed]);
  }

  /** The next `length` bytes without taking them; fewer only at the end, or where the source fails behind them. */
  async peek(length: number): Promise<Uint8Array> {
    const parts = [this.#pushed];
    let have = this.#pushed.length;
    while (have < length && this.#failure === null) {
      const chunk = await this.#pullAhead();
      if (chunk === null) break;
      parts.push(chunk);
      have += chunk.length;
    }
    this.#pushed = concat(parts.filter((part) => part.length > 0));
    return this.#pushed.subarray(0, length);
  }

  /** Takes exactly `length` bytes, or fewer at the end. */
  async take(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    if (bytes.length < length) this.#fail();
    this.offset += bytes.length;
    this.#pushed = this.#pushed.subarray(bytes.length);
    return bytes;
  }

  /** Takes and forgets up to `length` bytes; returns how many there were. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0) {
      const chunk = await this.next();
      if (chunk === null) break;
      if (chunk.length > left) {
        this.unread(chunk.subarray(left));
        left = 0;
      } else left -= chunk.length;
    }
    return length - left;
  }

  /** Everything that is left, piece by piece. Breaking off leaves the rest in the reader. */
  rest(): Chunks {
    return { [Symbol.asyncIterator]: () => ({ next: async () => this.#step() }) };
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    this.#pushed = EMPTY;
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.return?.();
  }

  async #step(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = await this.next();
    return chunk === null ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  /** Looking ahead must not lose bytes to a failure that comes after them: it is kept until they are taken. */
  async #pullAhead(): Promise<Uint8Array | null> {
    try {
      return await this.#pull();
    } catch (cause) {
      this.#failure = cause instanceof Error ? cause : new Error(String(cause));
      return null;
    }
  }

  /** Throws what the source failed with, once; afterwards the stream has ended, as that of a generator has. */
  #fail(): void {
    const failure = this.#failure;
    if (failure === null) return;
    this.#failure = null;
    this.#ended = true;
    throw failure;
  }

  async #pull(): Promise<Uint8Array | null> {
    this.#fail();
    while (!this.#ended) {
      const step = await this.#source.next();
      if (step.done === true) this.#ended = true;
      else if (step.value.length > 0) return step.value;
    }
    return null;
  }
}

/** Bytes in memory as a stream. */
export function chunksOf(...parts: readonly Uint8Array[]): Chunks {
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = parts[Symbol.iterator]();
      return { next: () => Promise.resolve(iterator.next()) };
    },
  };
}

/** Reads a stream to its end and keeps nothing. */
export async function drain(chunks: Chunks): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}
