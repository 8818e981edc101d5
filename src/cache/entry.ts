import { createHash } from 'node:crypto';

/**
 * One file of the cache. It is believed only where all of it is as it was written:
 *
 *    0  8   magic
 *    8  32  SHA-256 of everything behind it
 *   40  32  key: SHA-256 of what the payload is the answer to
 *   72  …   payload
 */
const MAGIC = Buffer.from('xoscach1', 'latin1');
const CHECKSUM_AT = 8;
const KEY_AT = 40;
const PAYLOAD_AT = 72;

/** A question to the cache: its kind, and everything that the answer depends on. */
export type Question = readonly [kind: string, ...parts: readonly (string | number | bigint | null)[]];

export interface EntryKey {
  readonly bytes: Buffer;
  /** `facts-3f…`: the kind and the key in hex. */
  readonly name: string;
}

export function keyOf(question: Question): EntryKey {
  const text = JSON.stringify(question, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  const bytes = createHash('sha256').update(text).digest();
  return { bytes, name: `${question[0]}-${bytes.toString('hex')}` };
}

/** Names of entries; nothing else in the folder is touched. */
export const ENTRY_NAME = /^[a-z]+-[0-9a-f]{64}$/;

export function packEntry(key: EntryKey, payload: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, checksum(key.bytes, payload), key.bytes, payload]);
}

/** The payload; null where the file is damaged, cut off, of another version or the answer to something else. */
export function unpackEntry(key: EntryKey, file: Buffer): Buffer | null {
  if (file.length < PAYLOAD_AT || !file.subarray(0, CHECKSUM_AT).equals(MAGIC)) return null;
  if (!file.subarray(KEY_AT, PAYLOAD_AT).equals(key.bytes)) return null;
  const payload = file.subarray(PAYLOAD_AT);
  return file.subarray(CHECKSUM_AT, KEY_AT).equals(checksum(key.bytes, payload)) ? payload : null;
}

function checksum(key: Uint8Array, payload: Uint8Array): Buffer {
  return createHash('sha256').update(key).update(payload).digest();
}
