import { StreamFault } from '../image/layer.js';

/** A stream that cannot be read on; `at` counts the bytes of the *stored* (compressed) stream. */
export function truncated(at: number, needed: number, available: number): StreamFault {
  return new StreamFault({ kind: 'truncated', at, needed, available });
}

export function badValue(at: number, field: string, value: string): StreamFault {
  return new StreamFault({ kind: 'bad-value', at, field, value });
}

export function overLimit(at: number, field: string, limit: number): StreamFault {
  return new StreamFault({ kind: 'limit', at, field, limit });
}
