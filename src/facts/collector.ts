import { formats } from '../binary/index.js';
import type { BinaryFormat } from '../binary/format.js';
import { classifyHead } from '../binary/head.js';
import { parseJar } from '../binary/jar.js';
import { parseLdCache } from '../binary/ld-cache.js';
import { stringSections } from '../binary/string-sections.js';
import type { ByteRange, FileCollector, FileHeader, Want } from '../model/collector.js';
import { HEAD_BYTES } from '../model/collector.js';
import type { FileContent, HeadClass } from '../model/layer.js';
import type { Reference } from '../model/reference.js';
import type { FileView } from '../model/view.js';
import { NotRetained } from '../model/view.js';
import type { Knowledge } from '../strings/knowledge.js';
import { rangeBytes, scanReferences } from '../strings/scan.js';
import { isInertName, isJarName, isKeptText, isLdCache, MAX_TEXT_BYTES, withoutComments } from './kept-files.js';

/** Changes whenever the same bytes would give other facts. */
export const COLLECTOR_VERSION = '2';

/** Bytes at both ends of a Java archive that hold its manifest and its directory. */
const JAR_HEAD_BYTES = 64 * 1024;
const JAR_TAIL_BYTES = 1024 * 1024;

/**
 * Makes the facts of a layer's files: binaries with what they refer to, scripts and a few texts that decide how the
 * image starts, the loader's cache, and of everything else that could be executed what its first bytes are.
 * `onScanned` is told how many bytes were searched for strings.
 */
export function fileCollector(knowledge: Knowledge, onScanned: (bytes: number) => void): FileCollector {
  // The reader asks what is wanted of a file, and then has it collected: its head is looked at once.
  let last: { readonly file: FileHeader; readonly is: FileKind } | null = null;
  return {
    version: COLLECTOR_VERSION,
    interested: (file) => file.size === 0 || isExecutable(file) || !isInertName(file.path),
    want: (file, head) => {
      const is = kindOf(file, head);
      last = { file, is };
      return want(file, head, is);
    },
    collect: (file, view) => {
      const is = last?.file === file ? last.is : kindOf(file, view.read(0, Math.min(file.size, HEAD_BYTES)));
      last = null;
      return collect(file, view, is, knowledge, onScanned);
    },
  };
}

/** What the head of a file says: one of the formats of binaries, else a class. */
type FileKind =
  { readonly format: BinaryFormat; readonly head: null } | { readonly format: null; readonly head: HeadClass };

function kindOf(file: FileHeader, head: Uint8Array): FileKind {
  const format = formats.find((candidate) => candidate.sniff(head));
  return format === undefined ? { format: null, head: classifyHead(head, file.size) } : { format, head: null };
}

function isExecutable(file: FileHeader): boolean {
  return (file.mode & 0o111) !== 0;
}

function want(file: FileHeader, head: Uint8Array, kind: FileKind): Want {
  if (isLdCache(file.path)) return 'whole';
  if (kind.format !== null) return wantBinary(kind.format, head, file.size);
  const is = kind.head;
  if (keepsText(file, is)) return file.size <= MAX_TEXT_BYTES ? 'whole' : { ranges: [{ from: 0, to: MAX_TEXT_BYTES }] };
  if (is === 'zip' && isJarName(file.path)) return { ranges: jarRanges(file.size) };
  return 'head';
}

function wantBinary(format: BinaryFormat, head: Uint8Array, size: number): Want {
  const retained = format.retain(head, size);
  return retained === 'whole' ? 'whole' : { ranges: retained };
}

function jarRanges(size: number): readonly ByteRange[] {
  if (size <= JAR_HEAD_BYTES + JAR_TAIL_BYTES) return [{ from: 0, to: size }];
  return [
    { from: 0, to: JAR_HEAD_BYTES },
    { from: size - JAR_TAIL_BYTES, to: size },
  ];
}

const TEXT_CLASSES: ReadonlySet<HeadClass> = new Set(['script', 'script-crlf', 'script-bom', 'text']);

function keepsText(file: FileHeader, is: HeadClass): boolean {
  if (!TEXT_CLASSES.has(is)) return false;
  return is !== 'text' || isExecutable(file) || isKeptText(file.path);
}

function collect(
  file: FileHeader,
  view: FileView,
  kind: FileKind,
  knowledge: Knowledge,
  onScanned: (bytes: number) => void,
): FileContent | null {
  if (isLdCache(file.path)) return ldCache(view);
  if (kind.format !== null) return binaryContent(kind.format, view, knowledge, onScanned);
  const is = kind.head;
  if (keepsText(file, is)) return textContent(file, view, is, knowledge);
  if (is === 'zip' && isJarName(file.path)) {
    const jar = parseJar(view);
    if (jar.ok) return { kind: 'jar', jar: jar.value };
  }
  return HEADS[is];
}

/** One value a class, so that a hundred thousand files do not need a hundred thousand objects. */
const HEADS: Readonly<Record<HeadClass, FileContent>> = {
  empty: { kind: 'head', head: 'empty' },
  script: { kind: 'head', head: 'script' },
  'script-crlf': { kind: 'head', head: 'script-crlf' },
  'script-bom': { kind: 'head', head: 'script-bom' },
  text: { kind: 'head', head: 'text' },
  html: { kind: 'head', head: 'html' },
  'git-lfs': { kind: 'head', head: 'git-lfs' },
  gzip: { kind: 'head', head: 'gzip' },
  zip: { kind: 'head', head: 'zip' },
  xz: { kind: 'head', head: 'xz' },
  zstd: { kind: 'head', head: 'zstd' },
  bzip2: { kind: 'head', head: 'bzip2' },
  'java-class': { kind: 'head', head: 'java-class' },
  archive: { kind: 'head', head: 'archive' },
  wasm: { kind: 'head', head: 'wasm' },
  data: { kind: 'head', head: 'data' },
};

function ldCache(view: FileView): FileContent {
  const parsed = parseLdCache(view);
  return parsed.ok ? { kind: 'ld-cache', cache: parsed.value } : { kind: 'head', head: 'data' };
}

function binaryContent(
  format: BinaryFormat,
  view: FileView,
  knowledge: Knowledge,
  onScanned: (bytes: number) => void,
): FileContent {
  const parsed = format.parse(view);
  if (!parsed.ok) return { kind: 'damaged', format: format.id, error: parsed.error };
  const binary = parsed.value;
  const ranges = stringSections(binary.format, view);
  return { kind: 'binary', binary, references: scanned(view, ranges, knowledge, onScanned) };
}

/** Strings of a file of which a stream kept only some parts are those of the parts. */
function scanned(
  view: FileView,
  ranges: readonly ByteRange[],
  knowledge: Knowledge,
  onScanned: (bytes: number) => void,
): readonly Reference[] {
  return ranges.flatMap((range) => {
    try {
      const references = scanReferences(view, [range], knowledge);
      onScanned(rangeBytes([range]));
      return references;
    } catch (cause) {
      if (cause instanceof NotRetained) return [];
      throw cause;
    }
  });
}

function textContent(file: FileHeader, view: FileView, head: HeadClass, knowledge: Knowledge): FileContent {
  const bytes = view.read(0, Math.min(file.size, MAX_TEXT_BYTES)).slice();
  const text = Buffer.from(bytes).toString('utf8');
  const isScript = head !== 'text' || isExecutable(file);
  const code = isScript ? withoutComments(bytes) : null;
  const references =
    code === null
      ? []
      : scanReferences(
          { size: code.length, read: (at, length) => code.subarray(at, at + length) },
          [{ from: 0, to: code.length }],
          knowledge,
        );
  return { kind: 'text', head, text, truncated: file.size > MAX_TEXT_BYTES, references };
}
