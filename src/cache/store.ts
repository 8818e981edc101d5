import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ENTRY_NAME, keyOf, packEntry, unpackEntry, type Question } from './entry.js';

/** Size of the cache, in bytes, that is kept when a run ends. */
export const DEFAULT_CACHE_BYTES = 1024 ** 3;
/** An entry larger than this is neither written nor read. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024;
/** What a small file takes up. */
const BLOCK_BYTES = 4096;
/** A file is marked as used at most so often, in milliseconds. */
const TOUCH_MS = 60_000;
/** What was left by a run that was killed while it wrote. */
const TEMPORARY_NAME = /^[a-z]+-[0-9a-f]{64}\.[0-9a-f]{16}\.tmp$/;
const TEMPORARY_MS = 3_600_000;

export interface CacheUsage {
  readonly path: string;
  readonly entries: number;
  readonly bytes: number;
}

interface Listed {
  readonly name: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/**
 * Answers by question, one file each. Files are written beside and renamed, so that several processes and a kill at any
 * moment leave whole ones; a file that is not whole, or not ours, is deleted and never believed. Nothing here fails: a
 * cache that cannot be used is an empty one.
 */
export class CacheStore {
  readonly path: string;
  readonly #maxBytes: number;
  #written = false;

  constructor(path: string, maxBytes = DEFAULT_CACHE_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** True where there is a file; whether it is whole is seen when it is read. */
  has(question: Question): boolean {
    return attempt(() => lstatSync(this.#file(keyOf(question).name)).isFile()) ?? false;
  }

  read(question: Question): Buffer | null {
    const key = keyOf(question);
    const path = this.#file(key.name);
    const file = attempt(() => readOwnFile(path));
    if (file === null) return null;
    const payload = unpackEntry(key, file.bytes);
    if (payload === null) this.#remove(key.name);
    else if (Date.now() - file.usedMs > TOUCH_MS) attempt(() => utimesSync(path, new Date(), new Date()));
    return payload;
  }

  /** Deletes an answer that turned out to be none. */
  reject(question: Question): void {
    this.#remove(keyOf(question).name);
  }

  write(question: Question, payload: Uint8Array): void {
    if (payload.length > Math.min(MAX_ENTRY_BYTES, this.#maxBytes)) return;
    const key = keyOf(question);
    const temporary = this.#file(`${key.name}.${randomBytes(8).toString('hex')}.tmp`);
    const isWritten = attempt(() => {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      if (!isOwn(lstatSync(this.path).uid)) return false;
      writeFileSync(temporary, packEntry(key, payload), { mode: 0o600, flag: 'wx' });
      renameSync(temporary, this.#file(key.name));
      this.#written = true;
      return true;
    });
    if (isWritten === null) attempt(() => rmSync(temporary, { force: true }));
  }

  usage(): CacheUsage {
    const entries = this.#list();
    return { path: this.path, entries: entries.length, bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  /** Deletes every entry; returns what there was. */
  clean(): CacheUsage {
    const usage = this.usage();
    for (const { name } of this.#list()) this.#remove(name);
    this.#removeTemporary(Number.NEGATIVE_INFINITY);
    return usage;
  }

  /** Makes the cache fit where this run has written: what was not used for longest goes first. */
  trim(): void {
    if (!this.#written) return;
    this.#removeTemporary(TEMPORARY_MS);
    const entries = this.#list();
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of entries.sort((one, other) => one.usedMs - other.usedMs)) {
      if (bytes <= this.#maxBytes) return;
      this.#remove(entry.name);
      bytes -= entry.bytes;
    }
  }

  #list(): Listed[] {
    const names = attempt(() => readdirSync(this.path)) ?? [];
    return names.flatMap((name) => {
      const stats = ENTRY_NAME.test(name) ? attempt(() => lstatSync(this.#file(name))) : null;
      if (stats?.isFile() !== true) return [];
      return [{ name, bytes: Math.ceil(stats.size / BLOCK_BYTES) * BLOCK_BYTES, usedMs: stats.mtimeMs }];
    });
  }

  #removeTemporary(olderThanMs: number): void {
    for (const name of attempt(() => readdirSync(this.path)) ?? []) {
      if (!TEMPORARY_NAME.test(name)) continue;
      const stats = attempt(() => lstatSync(this.#file(name)));
      if (stats !== null && Date.now() - stats.mtimeMs >= olderThanMs) this.#remove(name);
    }
  }

  #remove(name: string): void {
    attempt(() => rmSync(this.#file(name), { force: true }));
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

/** A regular file of this user, not through a link. */
function readOwnFile(path: string): { readonly bytes: Buffer; readonly usedMs: number } | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || !isOwn(stats.uid) || stats.size > MAX_ENTRY_BYTES + BLOCK_BYTES) return null;
    return { bytes: readFileSync(fd), usedMs: stats.mtimeMs };
  } finally {
    closeSync(fd);
  }
}

/** What another user wrote is not believed. Windows has no such numbers. */
function isOwn(uid: number): boolean {
  return process.getuid === undefined || process.getuid() === uid;
}

function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}
