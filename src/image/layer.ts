import type { FileCollector, LayerBytes } from '../model/collector.js';
import type { FormatError, Gap } from '../model/gap.js';
import type { LayerEntry, LayerFacts } from '../model/layer.js';
import type { Limits } from '../model/load.js';
import type { FileView } from '../model/view.js';
import { collectFile, NOT_COLLECTED, type Collected } from './collect.js';
import { LAYER_PART } from './layer-facts.js';
import { retainingSink, Scratch } from './retain.js';
import { BLOCK } from './tar/constants.js';
import type { TarEntry } from './tar/entry.js';
import { streamTar, type BodySink } from './tar/stream.js';
import { entryView, walkTar } from './tar/walk.js';
import { whiteoutOf } from './whiteout.js';

export { LAYER_PART, layerOf, unreadableLayer } from './layer-facts.js';
export { StreamFault } from './tar/stream.js';

/** Gaps of one layer that are told one by one; the next one only says that there are more. */
const MAX_GAPS = 1000;

/**
 * Reads one layer's tar. A stream is always read to its end, also after damage, so that a digest over its chunks is
 * whole. `diffId` of the result is null: the source that saw the chunks fills it in.
 */
export async function readLayer(bytes: LayerBytes, collector: FileCollector, limits: Limits): Promise<LayerFacts> {
  return bytes.kind === 'random'
    ? readRandom(bytes.view, collector, limits)
    : readStream(bytes.chunks, collector, limits);
}

function readRandom(view: FileView, collector: FileCollector, limits: Limits): LayerFacts {
  const reading = new Reading(limits);
  const { error, end } = walkTar(view, (entry) => {
    const file = reading.accept(entry);
    if (file === 'stop') return false;
    if (file === null) return true;
    const available = Math.min(entry.storedSize, Math.max(0, view.size - entry.dataOffset));
    const found =
      entry.sparse !== null && available < entry.storedSize
        ? NOT_COLLECTED
        : collectFile(file, entryView(view, entry), collector, entry.sparse === null ? available : entry.size);
    reading.add(file, found);
    reading.bytesRead += found.bytesRead;
    return true;
  });
  reading.bytesRead += BLOCK * reading.count;
  return reading.facts(error, end);
}

async function readStream(
  chunks: AsyncIterable<Uint8Array>,
  collector: FileCollector,
  limits: Limits,
): Promise<LayerFacts> {
  const reading = new Reading(limits);
  const scratch = new Scratch();
  const limit = limits.retainedBytes;
  const { error, end } = await streamTar(chunks, (entry): BodySink | null | 'stop' => {
    const file = reading.accept(entry);
    if (file === 'stop' || file === null) return file;
    const done = (found: Collected): void => reading.add(file, found);
    return retainingSink(entry, { file, collector, scratch, limit, done });
  });
  reading.bytesRead = end;
  return reading.facts(error, end);
}

/** What was found in a layer up to now. */
class Reading {
  private readonly limits: Limits;
  private readonly entries: LayerEntry[] = [];
  private readonly whiteouts: string[] = [];
  private readonly opaqueDirectories: string[] = [];
  private readonly gaps: Gap[] = [];
  private limitReached: FormatError | null = null;
  private bytesScanned = 0;
  count = 0;
  bytesRead = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** The entry where its content is to be looked at; null where it is done with; `stop` at a limit of the layer. */
  accept(entry: TarEntry): LayerEntry | null | 'stop' {
    this.count += 1;
    this.limitReached = this.overLimit(entry);
    if (this.limitReached !== null) return 'stop';
    if (this.isMark(entry)) return null;
    const layerEntry = this.layerEntry(entry);
    if (layerEntry?.type === 'file') return layerEntry;
    if (layerEntry !== null) this.entries.push(layerEntry);
    return null;
  }

  add(file: LayerEntry, found: Collected): void {
    this.entries.push(found.content === null ? file : { ...file, content: found.content });
    this.bytesScanned += found.bytesRead;
    for (const gap of found.gaps) this.gap(gap);
  }

  facts(error: FormatError | null, end: number): LayerFacts {
    const { entries, whiteouts, opaqueDirectories, gaps, bytesRead, bytesScanned } = this;
    const ended = this.limitReached ?? error;
    if (ended !== null) gaps.push({ path: '/', layer: null, part: LAYER_PART, error: ended });
    return {
      diffId: null,
      entries,
      whiteouts,
      opaqueDirectories,
      gaps,
      bytesRead: Math.min(bytesRead, end),
      bytesScanned,
    };
  }

  /** Notes what an entry hides; true where it is nothing beside. */
  private isMark(entry: TarEntry): boolean {
    const whiteout = whiteoutOf(entry);
    if (whiteout === null) return false;
    if (whiteout.kind === 'hides') this.whiteouts.push(whiteout.path);
    if (whiteout.kind === 'opaque') this.opaqueDirectories.push(whiteout.path);
    if (whiteout.kind === 'opaque-directory') this.opaqueDirectories.push(entry.path);
    return whiteout.kind !== 'opaque-directory';
  }

  private overLimit({ headerOffset: at, dataOffset, storedSize }: TarEntry): FormatError | null {
    const { entries, layerBytes } = this.limits;
    if (this.count > entries) return { kind: 'limit', at, field: 'entries', limit: entries };
    if (dataOffset + storedSize > layerBytes) return { kind: 'limit', at, field: 'bytes', limit: layerBytes };
    return null;
  }

  private layerEntry(entry: TarEntry): LayerEntry | null {
    const { path, type, mode, uid, gid, size, linkTarget, mtime, xattrs, headerOffset: at } = entry;
    const limit = this.limits.pathBytes;
    if (path.length > limit || (linkTarget?.length ?? 0) > limit) {
      this.entryGap(`${path.slice(0, 100)}…`, { kind: 'limit', at, field: 'bytes in a path', limit });
      return null;
    }
    if (type !== 'other') return { path, type, mode, uid, gid, size, linkTarget, mtime, xattrs, content: null };
    // A volume label (GNU) is no file.
    if (entry.flag !== 'V') this.entryGap(path, { kind: 'bad-value', at, field: 'type flag', value: entry.flag });
    return null;
  }

  private entryGap(path: string, error: FormatError): void {
    this.gap({ path, layer: null, part: 'entry', error });
  }

  private gap(gap: Gap): void {
    if (this.gaps.length < MAX_GAPS) this.gaps.push(gap);
    else if (this.gaps.length === MAX_GAPS) {
      this.gaps.push({ ...gap, path: '/', error: { kind: 'limit', at: 0, field: 'gaps', limit: MAX_GAPS } });
    }
  }
}
