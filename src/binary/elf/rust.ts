import type { RustBuildInfo } from '../../model/binary.js';
import type { ElfFile } from './header.js';
import type { Section } from './sections.js';
import { decodeText, withinLimit } from '../door.js';
import { MAX_COMMENT_BYTES } from './constants.js';
import { sectionNamed } from './sections.js';

/** How much of `.rodata` is searched for paths of rustc's sources. */
const MAX_SEARCH_BYTES = 2 ** 20;

/**
 * rustc writes its version to `.comment` through LLVM (`rustc version 1.75.0 (82e1608df 2023-12-21)`). Where that was
 * stripped, messages of the standard library's panics still name its sources: `/rustc/<commit>/library/…`.
 */
export function readRustBuildInfo(
  file: ElfFile,
  sections: readonly Section[],
  searchSources: boolean,
): RustBuildInfo | null {
  const version = commentVersion(file, sections);
  if (version !== null) return { version };
  return searchSources && namesRustSources(file, sections) ? { version: null } : null;
}

function commentVersion({ reader }: ElfFile, sections: readonly Section[]): string | null {
  const comment = sectionNamed(sections, '.comment');
  if (comment === null) return null;
  withinLimit(comment.sh_size, MAX_COMMENT_BYTES, comment.sh_offset, 'bytes of comments');
  const text = decodeText(reader.bytes(comment.sh_offset, comment.sh_size));
  return /rustc version (\S+)/u.exec(text)?.[1] ?? null;
}

function namesRustSources({ reader }: ElfFile, sections: readonly Section[]): boolean {
  const rodata = sectionNamed(sections, '.rodata');
  if (rodata === null) return false;
  const bytes = reader.bytesUpTo(rodata.sh_offset, Math.min(rodata.sh_size, MAX_SEARCH_BYTES));
  return /\/rustc\/[0-9a-f]{40}\//u.test(latin1(bytes));
}

const latin1Decoder = new TextDecoder('latin1');

function latin1(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes);
}
