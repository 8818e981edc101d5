import { parseShebang } from '../binary/shebang.js';
import type { Binary } from '../model/binary.js';
import type { HeadClass } from '../model/layer.js';
import type { RootfsEntry } from '../model/rootfs.js';
import type { ProgramFormat, Shebang } from '../model/start.js';

const HEAD_FORMATS: Readonly<Record<HeadClass, ProgramFormat>> = {
  empty: 'empty',
  script: 'script',
  'script-crlf': 'script',
  // Bytes in front of `#!`: the kernel sees no script.
  'script-bom': 'text',
  text: 'text',
  html: 'text',
  'git-lfs': 'text',
  gzip: 'other',
  zip: 'other',
  xz: 'other',
  zstd: 'other',
  bzip2: 'other',
  'java-class': 'other',
  archive: 'other',
  wasm: 'other',
  data: 'other',
};

/** What the kernel finds in a file that it is asked to execute. */
export function formatOf(entry: RootfsEntry): ProgramFormat {
  if (entry.type !== 'file') return 'other';
  const { content } = entry;
  if (content === null) return entry.size === 0 ? 'empty' : 'unknown';
  switch (content.kind) {
    case 'binary':
      return isRefused(content.binary) ? 'damaged' : content.binary.format;
    case 'damaged':
      return 'damaged';
    case 'text':
    case 'head':
      return HEAD_FORMATS[content.head];
    case 'jar':
    case 'ld-cache':
      return 'other';
  }
}

/**
 * The kernel wants the whole program header table, with at least one and at most 64 KiB of headers (Linux
 * fs/binfmt_elf.c, load_elf_phdrs; no PN_XNUM there); else ENOEXEC. Without a segment there is nothing to execute.
 */
function isRefused(binary: Binary): boolean {
  if (binary.format !== 'elf') return false;
  const gap = binary.gaps.find(({ part }) => part === 'program headers');
  if (gap === undefined) return binary.loadSegments.length === 0;
  return gap.error.kind === 'truncated' || gap.error.kind === 'limit';
}

/** Bytes that are looked at for a `#!` line; longer ones are refused before. */
const SHEBANG_CHARACTERS = 4096;

/** The `#!` line of a script whose text was kept; null for everything else. */
export function shebangOf(entry: RootfsEntry): Shebang | null {
  const { content } = entry;
  if (content?.kind !== 'text' || HEAD_FORMATS[content.head] !== 'script') return null;
  return parseShebang(new TextEncoder().encode(content.text.slice(0, SHEBANG_CHARACTERS)));
}
