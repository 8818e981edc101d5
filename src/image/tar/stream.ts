import type { FormatError } from '../../model/gap.js';
import type { TarEntry } from './entry.js';
import { padded, tarSteps, type TarEnd, type TarStep } from './steps.js';

/** Takes the stored bytes of one member while they pass. */
export interface BodySink {
  /** Bytes in order, valid during the call; returns false once it needs no more. */
  readonly write: (bytes: Uint8Array) => boolean;
  /** Called once after the last byte; `whole` is false where the archive ended before the body did. */
  readonly end: (whole: boolean) => void;
}

/**
 * Thrown by a chunk stream that cannot go on (truncated gzip, bad block, ratio limit). What came before is kept and the
 * archive ends with this error; any other error flies on.
 */
export class StreamFault extends Error {
  readonly fault: FormatError;
  constructor(fault: FormatError) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** What an entry's body is worth: a sink, nothing (it is passed over without a copy), or the end of the reading. */
export type OnEntry = (entry: TarEntry) => BodySink | null | 'stop';

/** Reads an archive forward only. The chunks are always drained, also after damage, so that digests over them hold. */
export async function streamTar(chunks: AsyncIterable<Uint8Array>, onEntry: OnEntry): Promise<TarEnd> {
  const feed = new Feed(onEntry);
  try {
    for await (const chunk of chunks) feed.push(chunk);
  } catch (cause) {
    if (!(cause instanceof StreamFault)) throw cause;
    return feed.finish(cause.fault);
  }
  return feed.finish(null);
}

const NOTHING = new Uint8Array(0);

/** Drives the steps with chunks of any size. */
class Feed {
  private readonly steps = tarSteps();
  private readonly onEntry: OnEntry;
  private ended: TarEnd | null = null;
  /** Offset of the next byte in the archive. */
  private at = 0;
  /** Bytes of a `take` that are still missing, and those that earlier chunks brought. */
  private taking = 0;
  private taken: Uint8Array = NOTHING;
  private takenLength = 0;
  /** Bytes of the current body, and of its padding, that are still to come. */
  private body = 0;
  private padding = 0;
  private sink: BodySink | null = null;
  private hungry = false;
  private entry: TarEntry | null = null;

  constructor(onEntry: OnEntry) {
    this.onEntry = onEntry;
    this.accept(this.steps.next(NOTHING));
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length && this.ended === null) {
      const left = chunk.length - from;
      const used =
        this.body > 0 ? this.pass(chunk, from, left) : this.padding > 0 ? this.pad(left) : this.take(chunk, from);
      from += used;
      this.at += used;
    }
  }

  finish(fault: FormatError | null): TarEnd {
    if (this.ended === null && this.body > 0 && this.entry !== null) {
      this.closeSink(false);
      const { dataOffset: at, storedSize: needed } = this.entry;
      this.ended = { error: { kind: 'truncated', at, needed, available: needed - this.body }, end: this.at };
    }
    if (this.ended === null && fault === null) {
      this.padding = 0;
      this.accept(this.steps.next(this.taken.subarray(0, this.takenLength)));
      // Whatever the reader still asks for is not there.
      while (this.unfinished()) this.accept(this.steps.next(NOTHING));
    }
    if (fault !== null) return { error: fault, end: this.at };
    return this.ended ?? { error: null, end: this.at };
  }

  private unfinished(): boolean {
    return this.ended === null;
  }

  private pass(chunk: Uint8Array, from: number, left: number): number {
    const used = Math.min(this.body, left);
    if (this.hungry && this.sink !== null) this.hungry = this.sink.write(chunk.subarray(from, from + used));
    this.body -= used;
    if (this.body === 0) this.endBody();
    return used;
  }

  private pad(left: number): number {
    const used = Math.min(this.padding, left);
    this.padding -= used;
    if (this.padding === 0) this.accept(this.steps.next(NOTHING));
    return used;
  }

  /** Hands out a part of the chunk where it holds all that is wanted, else gathers it. */
  private take(chunk: Uint8Array, from: number): number {
    const used = Math.min(this.taking - this.takenLength, chunk.length - from);
    if (used === this.taking) {
      this.accept(this.steps.next(chunk.subarray(from, from + used)));
      return used;
    }
    if (this.taken.length < this.taking) this.taken = new Uint8Array(this.taking);
    this.taken.set(chunk.subarray(from, from + used), this.takenLength);
    this.takenLength += used;
    if (this.takenLength === this.taking) {
      this.takenLength = 0;
      this.accept(this.steps.next(this.taken.subarray(0, this.taking)));
    }
    return used;
  }

  private accept(next: IteratorResult<TarStep, TarEnd>): void {
    this.takenLength = 0;
    if (next.done === true) {
      this.ended = next.value;
    } else if (next.value.kind === 'take') {
      this.taking = next.value.length;
      if (this.taking === 0) this.accept(this.steps.next(NOTHING));
    } else {
      this.openBody(next.value.entry);
    }
  }

  private openBody(entry: TarEntry): void {
    const sink = this.onEntry(entry);
    if (sink === 'stop') {
      this.ended = { error: null, end: entry.dataOffset };
      return;
    }
    this.entry = entry;
    this.sink = sink;
    this.hungry = sink !== null;
    this.body = entry.storedSize;
    this.padding = padded(entry.storedSize) - entry.storedSize;
    if (this.body === 0) this.endBody();
  }

  private endBody(): void {
    this.closeSink(true);
    if (this.padding === 0) this.accept(this.steps.next(NOTHING));
  }

  private closeSink(whole: boolean): void {
    this.sink?.end(whole);
    this.sink = null;
  }
}
