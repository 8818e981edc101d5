import { NotRetained, type FileView } from '../../model/view.js';
import type { SparseRegion, TarEntry } from './entry.js';
import { padded, tarSteps, type TarEnd } from './steps.js';

const NOTHING = new Uint8Array(0);
/** Most bytes of a sparse file that one read gives: holes cost nothing in the archive, but they do in memory. */
export const MAX_SPARSE_READ = 256 * 1024 * 1024;

/**
 * Walks an uncompressed archive by header with positioned reads; bodies are passed over. `onEntry` returns false to
 * stop. An entry whose body ends too early is still given, before the error.
 */
export function walkTar(view: FileView, onEntry: (entry: TarEntry) => boolean): TarEnd {
  const steps = tarSteps();
  let at = 0;
  let answer: Uint8Array = NOTHING;
  for (;;) {
    const next = steps.next(answer);
    if (next.done === true) return next.value;
    const step = next.value;
    if (step.kind === 'take') {
      answer = view.read(at, step.length);
      at += step.length;
      continue;
    }
    const { dataOffset, storedSize } = step.entry;
    at = dataOffset + padded(storedSize);
    if (!onEntry(step.entry)) return { error: null, end: Math.min(at, view.size) };
    if (dataOffset + storedSize > view.size) {
      const available = Math.max(0, view.size - dataOffset);
      return { error: { kind: 'truncated', at: dataOffset, needed: storedSize, available }, end: view.size };
    }
    answer = NOTHING;
  }
}

/** The bytes of a member, holes of a sparse file filled with zeros. */
export function entryView(archive: FileView, entry: TarEntry): FileView {
  const { dataOffset, storedSize } = entry;
  const stored: FileView = {
    size: storedSize,
    read: (at, length) => archive.read(dataOffset + at, Math.max(0, Math.min(length, storedSize - at))),
  };
  return entry.sparse === null ? stored : sparseView(stored, entry.sparse, entry.size);
}

/** A sparse file over its stored bytes, which stand one after another in the order of the regions. */
export function sparseView(stored: FileView, regions: readonly SparseRegion[], size: number): FileView {
  const starts: number[] = [];
  let start = 0;
  for (const region of regions) {
    starts.push(start);
    start += region.length;
  }
  return {
    size,
    read: (at, length) => {
      const to = Math.max(at, Math.min(at + length, size));
      if (to - at > MAX_SPARSE_READ) throw new NotRetained(at, length);
      const bytes = new Uint8Array(to - at);
      for (let index = firstEndingBehind(regions, at); index < regions.length; index += 1) {
        const region = regions[index];
        if (region === undefined || region.offset >= to) break;
        const from = Math.max(at, region.offset);
        const part = Math.min(to, region.offset + region.length) - from;
        bytes.set(stored.read((starts[index] ?? 0) + from - region.offset, part), from - at);
      }
      return bytes;
    },
  };
}

function firstEndingBehind(regions: readonly SparseRegion[], at: number): number {
  let low = 0;
  let high = regions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const region = regions[middle];
    if (region !== undefined && region.offset + region.length <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
