import type { Platform } from '../model/image.js';
import { list, member, optional, text, type Node } from './json.js';

/**
 * Platform fields of an index entry or a configuration (OCI image-spec, image-index.md, "platform"; config.md). Docker
 * takes a missing `os` for Linux; a missing architecture is an empty string.
 */
export function readPlatform(node: Node): Platform {
  return {
    os: (optional(member(node, 'os'), text) ?? '') || 'linux',
    architecture: optional(member(node, 'architecture'), text) ?? '',
    variant: optional(member(node, 'variant'), text) || null,
    osVersion: optional(member(node, 'os.version'), text) || null,
    osFeatures: list(member(node, 'os.features'), text),
  };
}
