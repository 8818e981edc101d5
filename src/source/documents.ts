import { describeDocumentError, type DocumentError } from '../image/json.js';
import { XosError } from '../model/error.js';
import type { Result } from '../model/result.js';
import type { Store } from './blob.js';

const SAVE_AGAIN = 'copy or save the image again and compare its size with the original';

/** A document that must be there: `manifest.json`, `index.json`. Anything wrong with it ends the reading. */
export function requiredBytes(store: Store, name: string, limit: number): Uint8Array {
  const bytes = documentBytes(store, name, limit);
  if (bytes.ok) return bytes.value;
  throw damaged(store, bytes.error);
}

/** The bytes of a document, or one sentence that says why there are none. */
export function documentBytes(store: Store, name: string, limit: number): Result<Uint8Array, string> {
  const blob = store.find(name);
  if (blob === null) return { ok: false, error: `\`${name}\` is not in it` };
  const bytes = blob.bytes(limit);
  if (bytes === null) {
    return { ok: false, error: `\`${name}\` is no document: it has ${blob.size} bytes, the limit is ${limit}` };
  }
  if (bytes.length < blob.size) {
    return { ok: false, error: `\`${name}\` ends too early: ${bytes.length} of ${blob.size} bytes are there` };
  }
  return { ok: true, value: bytes };
}

/** A document of which the content is wrong, as a sentence: `index.json: $.manifests[0].digest is 3, expected …`. */
export function documentProblem(name: string, error: DocumentError): string {
  return `\`${name}\`: ${describeDocumentError(error)}`;
}

export function damaged(store: Store, problem: string): XosError {
  const early = store.damage === null ? '' : `; ${store.damage}`;
  return new XosError('XOS_IMAGE_DAMAGED', `\`${store.path}\`: ${problem}${early}`, { suggestions: [SAVE_AGAIN] });
}
