import { otherView } from '../binary/other-views/index.js';
import type { ImageAnalysis } from '../model/analysis.js';
import type { FileCollector } from '../model/collector.js';
import { XosError } from '../model/error.js';
import type { InspectedFile, Inspection, OtherView } from '../model/inspection.js';
import type { FileContent } from '../model/layer.js';
import type { RootfsEntry } from '../model/rootfs.js';
import { loadImages } from '../source/load.js';
import type { CheckOptions } from './check.js';
import { analyseReference, preferredPlatform } from './check.js';
import { DEFAULT_LIMITS } from './limits.js';

/** Largest file that is taken into memory as a whole for other libraries to look at, in bytes. */
const MAX_WHOLE_BYTES = 256 * 1024 ** 2;

type ImageOptions = Omit<CheckOptions, 'hosts' | 'rules' | 'ignore'>;

export async function inspect(reference: string, path: string | null, options: ImageOptions): Promise<Inspection> {
  const { analyses, notes } = await analyseReference(reference, options, null);
  const [analysis] = analyses;
  if (path === null || analysis === undefined) return { analyses, notes, file: null };
  return { analyses, notes, file: await inspectFile(reference, path, analysis, options) };
}

async function inspectFile(
  reference: string,
  path: string,
  analysis: ImageAnalysis,
  options: ImageOptions,
): Promise<InspectedFile> {
  const lookup = analysis.rootfs.lookup(path);
  if (!lookup.found) {
    throw new XosError(
      'XOS_NO_SUCH_PATH',
      `\`${path}\` is not in the image: the walk ended at \`${lookup.at}\` (${lookup.reason}).`,
      {
        suggestions: nearby(analysis, lookup.at),
      },
    );
  }
  const { entry, realPath, links } = lookup;
  const binary = analysis.binaries.find((candidate) => candidate.entry.path === entry.path) ?? null;
  return { analysis, entry, realPath, links, binary, otherViews: await viewsOf(reference, entry, options) };
}

/** Standard input cannot be read twice, so a file from there has no other view. */
async function viewsOf(reference: string, entry: RootfsEntry, options: ImageOptions): Promise<readonly OtherView[]> {
  if (entry.content?.kind !== 'binary' || reference === '-') return [];
  const bytes = await readFile(reference, entry, options);
  const view = bytes === null ? null : await otherView(entry.content.binary.format, bytes);
  return view === null ? [] : [view];
}

function nearby({ rootfs }: ImageAnalysis, at: string): readonly string[] {
  const folder = at.slice(0, at.lastIndexOf('/')) || '/';
  const names = rootfs.names(folder).slice(0, 12);
  return names.length === 0 ? [] : [`In ${folder}: ${names.join(', ')}`];
}

/** The whole content of one file: a second reading of the image that keeps nothing else. */
async function readFile(reference: string, entry: RootfsEntry, options: ImageOptions): Promise<Uint8Array | null> {
  if (entry.size > MAX_WHOLE_BYTES) return null;
  const wanted = entry.hardlinkOf ?? entry.path;
  const kept = new Map<FileContent, Uint8Array>();
  const collector: FileCollector = {
    version: 'whole-file',
    interested: (file) => file.path === wanted || file.path === `/Files${wanted}`,
    want: () => 'whole',
    collect: (file, view) => {
      const content: FileContent = { kind: 'head', head: 'data' };
      kept.set(content, view.read(0, file.size).slice());
      return content;
    },
  };
  const limits = { ...(options.limits ?? DEFAULT_LIMITS), retainedBytes: MAX_WHOLE_BYTES };
  const { images } = await loadImages(reference, {
    ...options,
    preferred: preferredPlatform(null),
    collector,
    limits,
    verify: false,
  });
  const layers = images[0]?.layers ?? [];
  for (const layer of [layers[entry.layer], ...layers.toReversed()]) {
    for (const { content } of layer?.entries ?? []) {
      const bytes = content === null ? undefined : kept.get(content);
      if (bytes !== undefined) return bytes;
    }
  }
  return null;
}
