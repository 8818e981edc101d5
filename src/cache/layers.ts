import { diffId, digest, type DiffId, type Digest } from '../model/brand.js';
import type { LayerFacts } from '../model/layer.js';
import type { Extent, LayerReader, LayerReading, LayerRequest } from '../model/load.js';
import type { Question } from './entry.js';
import { packFacts, unpackFacts } from './facts.js';
import { type Identity, identityOf, sameIdentity } from './identity.js';
import type { CacheStore } from './store.js';

/** What was computed of a blob when it was read to its end. */
interface BlobRecord extends Pick<LayerReading, 'compression' | 'size' | 'notes'> {
  readonly stored: Digest;
  readonly diffId: DiffId;
}

export interface LayerCacheOptions {
  readonly store: CacheStore;
  /** Changes whenever the same bytes would give other facts. */
  readonly version: string;
  readonly hash: (extent: Extent) => Promise<Digest>;
  readonly now: () => number;
}

/**
 * Facts by diff ID, and two ways to a diff ID without reading a layer to its end again:
 *
 *   facts   diff ID, how it was read, limits, version → facts
 *   file    identity of a part of a file              → digest and diff ID as computed
 *   blob    digest of a stored blob, as computed      → its diff ID
 *
 * What an image claims is only a hint where it is worth to hash a blob first. Only what was verified is kept.
 */
export class LayerCache {
  readonly #options: LayerCacheOptions;
  hits = 0;

  constructor(options: LayerCacheOptions) {
    this.#options = options;
  }

  /** Answers from the cache where it can, else lets `inner` read and keeps the result. */
  through(inner: LayerReader): LayerReader {
    return async (extent, request, own) => {
      const before = identityOf(extent, this.#options.now());
      const found = this.#byFile(before, request) ?? (await this.#byClaim(extent, before, request));
      if (found !== null) {
        this.hits += 1;
        return found;
      }
      const reading = await inner(extent, request, own);
      // A file that changes while it is read may be hashed as another than was looked at.
      if (before.settled && sameIdentity(before, identityOf(extent, 0))) this.#keep(before, request, reading);
      return reading;
    };
  }

  #byFile(identity: Identity, request: LayerRequest): LayerReading | null {
    const record = this.#record(fileQuestion(identity, request));
    return record === null ? null : this.#reading(record, request);
  }

  /** The claim leads to facts only after the bytes were hashed and are what it says. */
  async #byClaim(extent: Extent, identity: Identity, request: LayerRequest): Promise<LayerReading | null> {
    const { algorithm, compression, claimed } = request;
    const claim = compression === 'none' ? (claimed.diffId ?? claimed.digest) : claimed.digest;
    if (claim === null || algorithm !== 'sha256') return null;
    const expected = digest(claim);
    const record = this.#blob(expected, request, extent.size);
    if (record === null || !this.#options.store.has(this.#factsQuestion(record, request))) return null;
    if ((await this.#options.hash(extent)) !== expected) return null;
    const reading = this.#reading(record, request);
    if (reading !== null && identity.settled && sameIdentity(identity, identityOf(extent, 0))) {
      this.#writeRecord(fileQuestion(identity, request), record);
    }
    return reading;
  }

  /** A blob that is not compressed is the tar itself. */
  #blob(stored: Digest, { compression }: LayerRequest, size: number): BlobRecord | null {
    if (compression !== 'none') return this.#record(['blob', stored]);
    return { stored, diffId: diffId(stored), compression, size, notes: [] };
  }

  #reading(record: BlobRecord, request: LayerRequest): LayerReading | null {
    const question = this.#factsQuestion(record, request);
    const bytes = this.#options.store.read(question);
    const facts = bytes === null ? null : unpackFacts(bytes);
    if (facts === null) {
      if (bytes !== null) this.#options.store.reject(question);
      return null;
    }
    const { compression, size, notes } = record;
    const shown: LayerFacts = { ...facts, diffId: request.verify ? record.diffId : null };
    return { facts: shown, stored: request.verify ? record.stored : null, compression, size, notes };
  }

  #keep(identity: Identity, request: LayerRequest, reading: LayerReading): void {
    const { facts, stored, compression, size, notes } = reading;
    if (facts.diffId === null || stored === null || compression === 'other') return;
    const record: BlobRecord = { stored, diffId: facts.diffId, compression, size, notes };
    this.#options.store.write(this.#factsQuestion(record, request), packFacts(facts));
    if (compression !== 'none' && request.algorithm === 'sha256') this.#writeRecord(['blob', stored], record);
    this.#writeRecord(fileQuestion(identity, request), record);
  }

  /** What a stream did not retain is a gap in its facts, so that how a layer was read is a part of the question. */
  #factsQuestion(record: BlobRecord, { limits }: LayerRequest): Question {
    const how = record.compression === 'none' ? 'positions' : 'stream';
    return ['facts', this.#options.version, record.diffId, how, JSON.stringify(limits)];
  }

  #record(question: Question): BlobRecord | null {
    const bytes = this.#options.store.read(question);
    if (bytes === null) return null;
    const record = parseRecord(bytes);
    if (record === null) this.#options.store.reject(question);
    return record;
  }

  #writeRecord(question: Question, record: BlobRecord): void {
    this.#options.store.write(question, Buffer.from(JSON.stringify(record)));
  }
}

function fileQuestion({ parts }: Identity, { algorithm }: LayerRequest): Question {
  return ['file', algorithm, ...parts];
}

function parseRecord(bytes: Buffer): BlobRecord | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const COMPRESSIONS = new Set<unknown>(['none', 'gzip', 'zstd']);

function isRecord(value: unknown): value is BlobRecord {
  if (typeof value !== 'object' || value === null) return false;
  const {
    stored,
    diffId: id,
    compression,
    size,
    notes,
  } = { stored: 0, diffId: 0, compression: 0, size: 0, notes: 0, ...value };
  const isDigest = (text: unknown): boolean =>
    typeof text === 'string' && /^sha(?:256|512):[0-9a-f]{64,128}$/.test(text);
  return (
    isDigest(stored) &&
    isDigest(id) &&
    COMPRESSIONS.has(compression) &&
    typeof size === 'number' &&
    Array.isArray(notes)
  );
}
