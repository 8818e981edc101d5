import type { DiffId, Digest } from '../model/brand.js';
import { fault, text, type Node } from './json.js';

/** `algorithm:encoded` (OCI image-spec, descriptor.md, "Digests"); registered algorithms have hex of a fixed length. */
const DIGEST =
  /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}|(?!sha256:|sha512:)[a-z0-9]+(?:[+._-][a-z0-9]+)*:[\w=-]{1,512})$/u;

export function isDigest(written: string): written is Digest {
  return DIGEST.test(written);
}

export function readDigest(node: Node): Digest {
  const written = text(node);
  if (!isDigest(written)) throw fault(node, 'a digest');
  return written;
}

export function readDiffId(node: Node): DiffId {
  const written = text(node);
  if (!isDiffId(written)) throw fault(node, 'a digest');
  return written;
}

function isDiffId(written: string): written is DiffId {
  return DIGEST.test(written);
}
