import { createHash, type Hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { digest, type Digest } from '../model/brand.js';
import type { FileView } from '../model/view.js';
import type { Chunks } from './chunks.js';

const HASH_READ_BYTES = 1024 * 1024;

export type Algorithm = 'sha256' | 'sha512';

/** The algorithm of a digest (OCI image-spec, descriptor.md, "Registered algorithms"); null where it is not known. */
export function algorithmOf(text: string): Algorithm | null {
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return 'sha256';
  return /^sha512:[0-9a-f]{128}$/.test(text) ? 'sha512' : null;
}

/** A hash that is fed while bytes pass. */
export class Hasher {
  readonly #algorithm: Algorithm;
  readonly #hash: Hash;
  constructor(algorithm: Algorithm = 'sha256') {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  digest(): Digest {
    return digest(`${this.#algorithm}:${this.#hash.digest('hex')}`);
  }
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = 'sha256'): Digest {
  const hasher = new Hasher(algorithm);
  hasher.update(bytes);
  return hasher.digest();
}

/**
 * Digest of everything that a view shows, read in large pieces. Takes and gives plain values, so that it can run in a
 * worker beside the reading of the layer.
 */
export async function digestOfView(view: FileView, algorithm: Algorithm): Promise<Digest> {
  const hasher = new Hasher(algorithm);
  for (let at = 0; at < view.size;) {
    const bytes = view.read(at, HASH_READ_BYTES);
    if (bytes.length === 0) break;
    hasher.update(bytes);
    at += bytes.length;
    await setImmediate();
  }
  return hasher.digest();
}

/** Passes a stream on and shows every piece to the hashers. */
export async function* hashed(chunks: Chunks, hashers: readonly Hasher[]): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (const hasher of hashers) hasher.update(chunk);
    yield chunk;
  }
}
