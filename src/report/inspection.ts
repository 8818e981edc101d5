import type { ImageAnalysis } from '../model/analysis.js';
import type { ElfBinary } from '../model/binary.js';
import { neededNames } from '../model/binary.js';
import type { InspectedFile, Inspection, OtherView } from '../model/inspection.js';
import type { Style } from '../model/report.js';
import type { Closure, LoadedObject, Resolution } from '../model/resolution.js';
import { importedNames } from '../model/symbols.js';
import { visible } from './escape.js';
import { platformText } from './platform-text.js';
import type { Paint } from './pretty/paint.js';
import { pad, paintFor, wrap } from './pretty/paint.js';

/** Rows of a list that are shown before the rest is counted, unless verbose. */
const SHOWN_ROWS = 40;

/** Everything that was seen, as one document; addresses are hexadecimal strings. */
export function inspectionJson({ analyses, notes, file }: Inspection): string {
  const document =
    file === null
      ? { schemaVersion: '1', notes, images: analyses.map(analysisDocument) }
      : { schemaVersion: '1', notes, image: file.analysis.image, file: fileDocument(file) };
  return `${JSON.stringify(document, plain, 2)}\n`;
}

/** Addresses as hexadecimal strings, packed symbols as the names that they import. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return isElf(value) ? { ...value, symbols: undefined, imports: importedNames(value) } : value;
}

function isElf(value: unknown): value is ElfBinary {
  return typeof value === 'object' && value !== null && 'symbols' in value && value.symbols !== undefined;
}

function analysisDocument({ image, start, binaries, references, gaps, statistics }: ImageAnalysis): object {
  return {
    image,
    start,
    binaries: binaries.map(({ entry, reach, closure }) => ({
      path: entry.path,
      layer: entry.layer,
      reach,
      loader: closure?.loader ?? null,
      binary: entry.content?.kind === 'binary' ? entry.content.binary : null,
    })),
    references: references.map(({ entry, reach, reference }) => ({ path: entry.path, reach, ...reference })),
    gaps,
    statistics,
  };
}

function fileDocument({ entry, realPath, links, binary, otherViews }: InspectedFile): object {
  return { entry, realPath, links, reach: binary?.reach ?? null, closure: binary?.closure ?? null, otherViews };
}

/** The same for people. */
export function inspectionText({ analyses, notes, file }: Inspection, style: Style): string {
  const paint = paintFor(style);
  const head = notes.flatMap((note) => wrap(`Note: ${note}`, '', paint));
  const blocks = file === null ? analyses.map((analysis) => imageLines(analysis, paint)) : [fileLines(file, paint)];
  return `${[...(head.length === 0 ? [] : [head]), ...blocks].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function imageLines({ image, start, binaries, rootfs, statistics }: ImageAnalysis, paint: Paint): readonly string[] {
  const command = start.argv.map((word) => visible(word)).join(' ') || 'none';
  return [
    `${paint.bold(visible(image.reference))} ${paint.dim(`${image.format}, ${platformText(image.platform)}`)}`,
    `  ${paint.dim('command')}  ${command}`,
    `  ${paint.dim('entries')}  ${rootfs.size}, ${statistics.binaries} binaries`,
    '',
    paint.bold('Layers'),
    ...image.layers.map(({ size, compression, createdBy }, index) => {
      const made = createdBy === null ? '' : visible(createdBy).slice(0, Math.max(20, paint.width - 34));
      return `  ${pad(String(index + 1), 4)}${pad(sizeText(size), 10)} ${pad(compression, 6)} ${paint.dim(made)}`;
    }),
    '',
    paint.bold('Binaries'),
    ...limited(
      binaries.map(({ entry, reach }) => {
        const content = entry.content;
        const what = content?.kind === 'binary' ? `${content.binary.format} ${content.binary.machine}` : 'damaged';
        return `  ${pad(reach, 8)} ${pad(what, 16)} ${visible(entry.path)}`;
      }),
      paint,
    ),
  ];
}

function limited(lines: readonly string[], paint: Paint): readonly string[] {
  if (paint.style.verbose || lines.length <= SHOWN_ROWS) return lines;
  return [...lines.slice(0, SHOWN_ROWS), paint.dim(`  and ${lines.length - SHOWN_ROWS} more (--verbose shows them)`)];
}

function sizeText(bytes: number): string {
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

function fileLines(file: InspectedFile, paint: Paint): readonly string[] {
  const { entry, realPath, links, analysis } = file;
  const createdBy = analysis.image.layers[entry.layer]?.createdBy ?? null;
  const rows: readonly (readonly [string, string])[] = [
    ['type', entry.type],
    ['mode', `${entry.mode.toString(8).padStart(4, '0')}, owner ${entry.uid}:${entry.gid}`],
    ['size', `${entry.size} bytes`],
    ['layer', `${entry.layer + 1}${createdBy === null ? '' : `: ${createdBy}`}`],
    ...links.map(({ path, target }): readonly [string, string] => ['link', `${path} ${paint.arrow} ${target}`]),
    ...contentRows(file),
  ];
  return [
    paint.bold(visible(realPath)),
    ...rows.map(([key, value]) => `  ${paint.dim(pad(key, 18))}${visible(value)}`),
    ...closureLines(file.binary?.closure ?? null, paint),
    ...file.otherViews.flatMap((view) => otherViewLines(view, paint)),
  ];
}

function contentRows({ entry, binary: analysed }: InspectedFile): readonly (readonly [string, string])[] {
  const { content } = entry;
  if (content === null) return [];
  if (content.kind === 'text' || content.kind === 'head') return [['first bytes', content.head]];
  if (content.kind !== 'binary') return [['content', content.kind]];
  const { binary, references } = content;
  const rows = Object.entries(binary).flatMap(([key, value]: [string, unknown]): readonly [string, string][] =>
    value === null || ['symbols', 'imports', 'exports', 'loadSegments', 'versionDefinitions', 'slices'].includes(key)
      ? []
      : [[key, valueText(value)]],
  );
  return [
    ['reach', analysed?.reach ?? 'present'],
    ...rows,
    ['needed', neededNames(binary).join(', ') || 'nothing'],
    ...references.map(({ value, class: cls, offset }): [string, string] => [
      'refers to',
      `${value} (${cls}${offset === null ? '' : `, offset ${offset}`})`,
    ]),
  ];
}

function valueText(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return typeof value === 'string' ? value : JSON.stringify(value, plain);
}

function closureLines(closure: Closure | null, paint: Paint): readonly string[] {
  if (closure === null) return [];
  const lines = closure.objects.flatMap((object) => objectLines(object, paint));
  return ['', `${paint.bold('What its loader maps')} ${paint.dim(closure.loader)}`, ...lines];
}

function objectLines(object: LoadedObject, paint: Paint): readonly string[] {
  const versions = object.missingVersions.map(
    ({ version, providerPath }) =>
      `      ${paint.mark('bad')} ${visible(version)} is not defined by ${visible(providerPath)}`,
  );
  return [`  ${visible(object.path)}`, ...object.needed.map((need) => needLine(need, paint)), ...versions];
}

function needLine({ needed, path, status, trail }: Resolution, paint: Paint): string {
  const last = trail.at(-1);
  const where =
    path ??
    (status === 'builtin'
      ? 'brought by the loader'
      : `not found in ${trail.map(({ directory }) => directory).join(', ')}`);
  const mark = status === 'missing' ? 'bad' : status === 'unknown' ? 'unknown' : 'good';
  const why = last === undefined || path === null ? '' : paint.dim(` (${last.lookedIn})`);
  return `    ${paint.mark(mark)} ${visible(needed)} ${paint.arrow} ${visible(where)}${why}`;
}

function otherViewLines(view: OtherView, paint: Paint): readonly string[] {
  const title = ['', `${paint.bold(`As ${view.library} sees it`)} ${paint.dim('(nothing is decided by it)')}`];
  if (!view.accepted) return [...title, `  does not accept the file: ${visible(view.reason)}`];
  const headers = Object.entries(view.headers).map(
    ([key, value]) => `  ${paint.dim(pad(key, 18))}${visible(String(value))}`,
  );
  const parts = [...view.sections, ...(view.resources ?? [])].map(
    (part) => `    ${visible(Object.values(part).join('  '))}`,
  );
  return [...title, ...headers, ...limited(parts, paint)];
}
