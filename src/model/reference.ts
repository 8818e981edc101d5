import type { FileOffset } from './brand.js';

/**
 * Something that a program or script refers to: a path, a registry key, or an API among its imports. A string alone
 * is a hint (rules.md, trap 7).
 */
export interface Reference {
  readonly kind: 'linux-path' | 'windows-path' | 'registry-key' | 'device' | 'service' | 'linux-api' | 'windows-api';
  /** What was found: `/dev/kvm`, `HKLM\SOFTWARE`, `ptrace`. */
  readonly value: string;
  /** Class of the knowledge base: `needs-device`, `masked`, `process-create`, `io-uring`, `registry` …. */
  readonly class: string;
  /** Place in the file, in bytes; null for an import (it has a table, not a place). */
  readonly offset: FileOffset | null;
  readonly encoding: 'ascii' | 'utf-16le' | 'import';
  /** The DLL or library it is imported from; null for strings. */
  readonly library: string | null;
}
