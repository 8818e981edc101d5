import type { ImageAnalysis } from '../model/analysis.js';
import type { ElfBinary } from '../model/binary.js';
import type { FileCollector, FileHeader } from '../model/collector.js';
import type { KernelFloor, KernelNeeds } from '../model/kernel-needs.js';
import type { FileContent } from '../model/layer.js';
import type { LoadedImage } from '../model/load.js';
import type { LoadedObject } from '../model/resolution.js';
import type { RootfsEntry } from '../model/rootfs.js';
import type { StartProgram } from '../model/start.js';
import { loadImages } from '../source/load.js';
import { kernelNeeds, type CodeProgram } from '../syscalls/kernel-needs.js';
import { parseSystemCalls, SYSTEM_CALLS_FILE, type SystemCallKnowledge } from '../syscalls/knowledge.js';
import type { CodeObject } from '../syscalls/reach.js';
import { summariseCode, type CodeSummary } from '../syscalls/summary.js';
import type { CheckOptions } from './check.js';
import { preferredPlatform } from './check.js';
import { DEFAULT_LIMITS } from './limits.js';
import { knowledgeText } from './package-files.js';

/** Largest file whose code is looked at, in bytes. */
const MAX_CODE_BYTES = 256 * 1024 ** 2;

type ImageOptions = Omit<CheckOptions, 'hosts' | 'rules' | 'ignore'>;

/**
 * System calls of the start path: a second reading of the image, for only the files that starting it maps. Standard
 * input cannot be read twice, so an image from there has none; nor have Windows images.
 */
export async function readKernelNeeds(
  reference: string,
  analysis: ImageAnalysis,
  options: ImageOptions,
): Promise<KernelNeeds | null> {
  if (reference === '-' || analysis.image.platform.os !== 'linux') return null;
  const started = analysis.start.programs.filter(
    ({ format, lookup, executedAs }) => format === 'elf' && lookup.found && executedAs !== 'interpreter',
  );
  const entries = new Map(started.flatMap((program) => mapped(program).map((entry) => [entry.path, entry] as const)));
  if (entries.size === 0) return null;
  const codes = await readCodes(reference, analysis, [...entries.values()], options);
  const programs = started.map((program) => programOf(program, codes));
  const knowledge = systemCallKnowledge();
  return kernelNeeds(
    programs.filter(({ objects }) => objects.length > 0),
    floorsOf(started, analysis, knowledge),
    knowledge,
  );
}

export function systemCallKnowledge(): SystemCallKnowledge {
  const parsed = parseSystemCalls(knowledgeText(SYSTEM_CALLS_FILE));
  if (!parsed.ok) throw new Error(`${SYSTEM_CALLS_FILE} ${parsed.error}`);
  return parsed.value;
}

/** Every file that the loader maps for a program, the loader itself last. */
function mapped({ lookup, closure, interpreter }: StartProgram): readonly RootfsEntry[] {
  const objects = closure?.objects.map(({ entry }) => entry) ?? (lookup.found ? [lookup.entry] : []);
  const loader = interpreter?.lookup.found === true ? [interpreter.lookup.entry] : [];
  return [...objects, ...loader.filter(({ path }) => !objects.some((entry) => entry.path === path))];
}

type Codes = ReadonlyMap<string, CodeSummary | string>;

/** Code by path; a text where it could not be read. Files of which several layers have one are told apart by the layer. */
async function readCodes(
  reference: string,
  analysis: ImageAnalysis,
  entries: readonly RootfsEntry[],
  options: ImageOptions,
): Promise<Codes> {
  const wanted = new Set(entries.map(({ path, hardlinkOf }) => hardlinkOf ?? path));
  const kept = new Map<FileContent, CodeSummary | string>();
  const collector: FileCollector = {
    version: 'code',
    interested: ({ path, size }: FileHeader) => wanted.has(path) && size <= MAX_CODE_BYTES,
    want: () => 'whole',
    collect: (_, view) => {
      const content: FileContent = { kind: 'head', head: 'data' };
      const code = summariseCode(view);
      kept.set(
        content,
        code.ok ? code.value : `its code could not be read (${code.error.kind} at offset ${code.error.at})`,
      );
      return content;
    },
  };
  const { onProgress, stdin, platform, allPlatforms } = options;
  const { images } = await loadImages(reference, {
    platform,
    allPlatforms,
    onProgress,
    stdin,
    preferred: preferredPlatform(null),
    collector,
    limits: { ...(options.limits ?? DEFAULT_LIMITS), retainedBytes: MAX_CODE_BYTES },
    verify: false,
  });
  const same = images.find(({ image }) => image.digest === analysis.image.digest) ?? images[0];
  return new Map(entries.flatMap((entry) => codeOf(entry, same, kept)));
}

function codeOf(
  entry: RootfsEntry,
  loaded: LoadedImage | undefined,
  kept: ReadonlyMap<FileContent, CodeSummary | string>,
): readonly (readonly [string, CodeSummary | string])[] {
  const path = entry.hardlinkOf ?? entry.path;
  const layers = loaded?.layers ?? [];
  for (const layer of [layers[entry.layer], ...layers.toReversed()]) {
    const content = layer?.entries.find((candidate) => candidate.path === path)?.content ?? null;
    const code = content === null ? undefined : kept.get(content);
    if (code !== undefined) return [[entry.path, code]];
  }
  return [];
}

function programOf(program: StartProgram, codes: Codes): CodeProgram {
  const entries = mapped(program);
  const path = entries[0]?.path ?? '';
  const loader = program.interpreter?.lookup;
  const objects = entries.flatMap((entry, index): readonly CodeObject[] => {
    const summary = codes.get(entry.path);
    if (summary === undefined || typeof summary === 'string') return [];
    const isLoader = loader?.found === true && loader.entry.path === entry.path;
    const role = index === 0 ? 'program' : isLoader ? 'loader' : isLibrary(entry.path) ? 'library' : 'other';
    return [{ path: entry.path, summary, role }];
  });
  const missing = entries.flatMap((entry): CodeProgram['missing'] => {
    const summary = codes.get(entry.path);
    if (summary !== undefined && typeof summary !== 'string') return [];
    return [{ path: entry.path, text: summary ?? 'its code was not read' }];
  });
  return { path, objects, missing: [...missing, ...absent(program)] };
}

/** glibc and the libraries that were parts of it; musl is its own loader. */
const isLibrary = (path: string): boolean => /\/(?:libc|libpthread|librt|libdl|libresolv|libutil|libm)[-.]/u.test(path);

function absent({ closure }: StartProgram): CodeProgram['missing'] {
  const needs = closure?.objects.flatMap((object: LoadedObject) => object.needed) ?? [];
  const names = needs.filter(({ status }) => status === 'missing' || status === 'unknown');
  return names.map(({ needed }) => ({ path: needed, text: 'the library was not found, so its calls are not known' }));
}

/** Kernels that a note of glibc or a runtime asks for. */
function floorsOf(
  started: readonly StartProgram[],
  { rootfs }: ImageAnalysis,
  knowledge: SystemCallKnowledge,
): readonly KernelFloor[] {
  const paths = new Set(started.flatMap((program) => mapped(program).map(({ path }) => path)));
  return [...paths].flatMap((path): readonly KernelFloor[] => {
    const content = rootfs.entry(path)?.content;
    if (content?.kind !== 'binary' || content.binary.format !== 'elf') return [];
    return [...goFloor(path, content.binary, knowledge), ...libcFloor(path, content.binary)];
  });
}

function goFloor(path: string, { go }: ElfBinary, { runtimes }: SystemCallKnowledge): readonly KernelFloor[] {
  const release = /^go(\d+\.\d+)/u.exec(go?.version ?? '')?.[1];
  if (release === undefined) return [];
  const version = runtimes.get(`Go ${release}`);
  return version === undefined ? [] : [{ kind: 'runtime', name: `Go ${release}`, version, path, offset: null }];
}

/** What the note of glibc asks for is what it was built for; loaders before glibc 2.36 also check it. */
function libcFloor(path: string, { abiTag, soname }: ElfBinary): readonly KernelFloor[] {
  if (soname !== 'libc.so.6' || abiTag?.os !== 'linux') return [];
  return [{ kind: 'abi-note', name: 'glibc', version: abiTag.kernel, path, offset: null }];
}
