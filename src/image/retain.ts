import { HEAD_BYTES, type ByteRange, type FileCollector, type FileHeader, type Want } from '../model/collector.js';
import type { FormatError } from '../model/gap.js';
import { memoryView, NotRetained, type FileView } from '../model/view.js';
import { collectFile, collectFrom, countReads, fileGap, NOT_COLLECTED, type Collected } from './collect.js';
import type { SparseRegion, TarEntry } from './tar/entry.js';
import type { BodySink } from './tar/stream.js';
import { sparseView } from './tar/walk.js';

/** Memory that the files of one stream use one after another: what a file kept is gone when the next one comes. */
export class Scratch {
  private bytes = new Uint8Array(64 * 1024);

  /** At least `size` bytes; what was written before is still there. */
  room(size: number): Uint8Array {
    if (this.bytes.length < size) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(size)));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    return this.bytes;
  }
}

/** One file of a stream, and for whom it is kept. */
export interface Retaining {
  readonly file: FileHeader;
  readonly collector: FileCollector;
  readonly scratch: Scratch;
  /** Most bytes of one file that are kept. */
  readonly limit: number;
  readonly done: (found: Collected) => void;
}

/** Keeps of a passing file what its collector wants, and calls it as soon as that is there. */
export function retainingSink(entry: TarEntry, retaining: Retaining): BodySink | null {
  if (!retaining.collector.interested(retaining.file)) {
    retaining.done(NOT_COLLECTED);
    return null;
  }
  return entry.sparse === null ? new PlainSink(retaining) : sparseSink(entry, entry.sparse, retaining);
}

/** Bytes of the file that are kept, and where they begin in the scratch memory. */
interface Kept extends ByteRange {
  readonly start: number;
}

class PlainSink implements BodySink {
  private readonly retaining: Retaining;
  private readonly size: number;
  private readonly head: number;
  private stage: 'head' | 'rest' | 'done' = 'head';
  private kept: readonly Kept[] = [];
  /** What the collector asked for and the limit forbids. */
  private cut: FormatError | null = null;
  private seen = 0;

  constructor(retaining: Retaining) {
    this.retaining = retaining;
    this.size = retaining.file.size;
    this.head = Math.min(HEAD_BYTES, this.size);
  }

  write(bytes: Uint8Array): boolean {
    const { scratch } = this.retaining;
    let rest = bytes;
    if (this.stage === 'head') {
      const part = bytes.subarray(0, this.head - this.seen);
      scratch.room(this.head).set(part, this.seen);
      this.seen += part.length;
      if (this.seen < this.head) return true;
      this.decide();
      rest = bytes.subarray(part.length);
    }
    if (this.stage === 'rest') this.keep(rest);
    return this.stage !== 'done';
  }

  end(whole: boolean): void {
    if (whole && this.size === 0) this.decide();
    if (this.stage !== 'done') this.finish(NOT_COLLECTED);
  }

  private decide(): void {
    const { file, collector, scratch, limit } = this.retaining;
    const want = collector.want(file, scratch.room(this.head).subarray(0, this.head));
    if (want === 'nothing') {
      this.finish({ ...NOT_COLLECTED, bytesRead: this.head });
      return;
    }
    ({ kept: this.kept, cut: this.cut } = keptRanges(want, this.size, this.head, limit));
    this.stage = 'rest';
    this.collectOnceComplete();
  }

  private keep(bytes: Uint8Array): void {
    const to = this.seen + bytes.length;
    for (const range of this.kept) {
      const from = Math.max(range.from, this.seen);
      const end = Math.min(range.to, to);
      if (from >= end) continue;
      const target = this.retaining.scratch.room(range.start + end - range.from);
      target.set(bytes.subarray(from - this.seen, end - this.seen), range.start + from - range.from);
    }
    this.seen = to;
    this.collectOnceComplete();
  }

  private collectOnceComplete(): void {
    if (this.seen < (this.kept.at(-1)?.to ?? 0)) return;
    const { file, collector, scratch } = this.retaining;
    const view = countReads(keptView(this.kept, scratch, this.size), this.head);
    const found = collectFrom(file, view, collector);
    if (this.cut === null) this.finish(found);
    else this.finish({ ...found, gaps: [fileGap(file.path, this.cut)] });
  }

  private finish(found: Collected): void {
    this.stage = 'done';
    this.retaining.done(found);
  }
}

/** A sparse file is kept as it is stored, because its parts cannot be told apart from the head alone. */
function sparseSink(entry: TarEntry, regions: readonly SparseRegion[], retaining: Retaining): BodySink | null {
  const { file, collector, scratch, limit, done } = retaining;
  if (entry.storedSize > limit) {
    const error: FormatError = { kind: 'not-retained', at: 0, needed: entry.storedSize };
    done({ ...NOT_COLLECTED, gaps: [fileGap(file.path, error)] });
    return null;
  }
  let seen = 0;
  return {
    write: (bytes) => {
      scratch.room(seen + bytes.length).set(bytes, seen);
      seen += bytes.length;
      return true;
    },
    end: (whole) => {
      const stored = memoryView(scratch.room(seen).subarray(0, seen));
      done(whole ? collectFile(file, sparseView(stored, regions, entry.size), collector) : NOT_COLLECTED);
    },
  };
}

/** The head and what is wanted beside it, in order, joined where it touches, at most `limit` bytes. */
function keptRanges(
  want: Exclude<Want, 'nothing'>,
  size: number,
  head: number,
  limit: number,
): { kept: Kept[]; cut: FormatError | null } {
  const kept: Kept[] = [];
  let room = Math.max(limit, head);
  for (const range of joined([{ from: 0, to: head }, ...askedRanges(want, size)])) {
    const length = Math.min(range.to - range.from, room);
    const start = Math.max(limit, head) - room;
    if (length > 0) kept.push({ from: range.from, to: range.from + length, start });
    room -= length;
    if (range.from + length < range.to) {
      const at = range.from + length;
      return { kept, cut: { kind: 'not-retained', at, needed: range.to - at } };
    }
  }
  return { kept, cut: null };
}

function askedRanges(want: Exclude<Want, 'nothing'>, size: number): ByteRange[] {
  if (want === 'head') return [];
  if (want === 'whole') return [{ from: 0, to: size }];
  const clipped = want.ranges.map(({ from, to }) => ({ from: Math.max(0, from), to: Math.min(to, size) }));
  return clipped.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from);
}

function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const joinedRanges: ByteRange[] = [];
  for (const range of ranges) {
    const last = joinedRanges.at(-1);
    if (last === undefined || range.from > last.to) joinedRanges.push(range);
    else joinedRanges[joinedRanges.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return joinedRanges;
}

function keptView(kept: readonly Kept[], scratch: Scratch, size: number): FileView {
  return {
    size,
    read: (at, length) => {
      const to = Math.min(at + length, size);
      if (to <= at) return new Uint8Array(0);
      const range = kept.find(({ from, to: end }) => from <= at && to <= end);
      if (range === undefined) throw new NotRetained(at, length);
      const start = range.start + at - range.from;
      return scratch.room(0).subarray(start, start + to - at);
    },
  };
}
