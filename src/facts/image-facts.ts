import type { ImageAnalysis } from '../model/analysis.js';
import type { Machine } from '../model/binary.js';
import { describeFormatError } from '../model/gap.js';
import type { Gap } from '../model/gap.js';
import type { Image } from '../model/image.js';
import type { FactTree, FactValue } from '../model/rule.js';
import type { Reach } from '../model/start.js';
import { findGlibc, glibcVersion, libcsOf } from './libc.js';
import { foundIn } from './lookups.js';
import { machinesOf, platformWord } from './machines.js';
import { bodyCarriageReturns } from './program-facts.js';
import { collectWindowsImage } from './windows-image.js';

/** Machine of the first binary on the start path; null where there is none, undefined where it may be one unread. */
export function mainMachine(analysis: ImageAnalysis): Machine | null | undefined {
  let unread = false;
  for (const { lookup, closure } of analysis.start.programs) {
    if (!lookup.found) {
      unread ||= foundIn(analysis.rootfs, lookup) === undefined;
      continue;
    }
    const { content } = lookup.entry;
    if (content?.kind === 'binary') return content.binary.machine;
    unread ||= content === null || content.kind === 'damaged' || closure?.complete === false;
  }
  return unread ? undefined : null;
}

/** Facts of the whole image. `reachOf` says how a file is reached. */
export function collectImage(
  analysis: ImageAnalysis,
  gaps: readonly Gap[],
  reachOf: (path: string) => Reach,
): FactTree {
  const { image, rootfs, start } = analysis;
  return {
    reference: image.reference,
    format: image.format,
    ...platformFacts(image),
    machine: mainMachine(analysis),
    'manifest-media-type': image.manifestMediaType,
    'layer-count': image.layers.length,
    'layer-compressions': [...new Set(image.layers.map((layer) => layer.compression))],
    complete: rootfs.complete,
    'unread-replaces': unreadReplaces(analysis),
    gaps: gapFacts(gaps, reachOf),
    entrypoint: { argv: start.argv, form: start.form },
    user: { written: start.user.written, found: userFound(analysis), 'group-found': groupFound(analysis) },
    'working-dir': workingDirFacts(analysis),
    preload: preloadFacts(analysis),
    files: fileFacts(analysis),
    runtimes: [...new Set(start.files.map((file) => file.runtime))],
    distribution: distributionFacts(analysis),
    libcs: libcFacts(analysis),
    glibc: glibcFacts(analysis),
    windows: image.platform.os === 'windows' ? collectWindowsImage(analysis) : null,
  };
}

const orNull = (text: string | null): string | null => (text === '' ? null : text);

function platformFacts(image: Image): FactTree {
  const { platform, indexPlatform } = image;
  const agrees =
    indexPlatform === null
      ? null
      : indexPlatform.os === platform.os && indexPlatform.architecture === platform.architecture;
  return {
    os: orNull(platform.os),
    architecture: orNull(platform.architecture),
    variant: orNull(platform.variant),
    platform: platformWord(platform),
    'index-platform': indexPlatform === null ? null : platformWord(indexPlatform),
    'index-platform-agrees': agrees,
    'declared-machines': machinesOf(platform.architecture),
  };
}

/** Gaps that are listed; the first ones stand for the rest. */
const MAX_LISTED_GAPS = 200;

function gapFacts(gaps: readonly Gap[], reachOf: (path: string) => Reach): FactValue {
  const placed = gaps.map((gap) => ({
    path: gap.path,
    part: gap.part,
    reason: describeFormatError(gap.error),
    reach: gap.path.startsWith('/') && gap.path !== '/' ? reachOf(gap.path) : 'start',
  }));
  // Those of the start path first: they are the ones that must not fall out of the list.
  const first = placed.filter(({ reach }) => reach === 'start');
  return [...first, ...placed.filter(({ reach }) => reach !== 'start')].slice(0, MAX_LISTED_GAPS);
}

/** A later entry of a layer, or a layer above, takes the place of what is there: whoever did not read it cannot tell. */
function unreadReplaces({ gaps, start }: ImageAnalysis): false | undefined {
  const unread = Math.max(-1, ...gaps.map(({ part, layer }) => (part === 'layer' ? (layer ?? -1) : -1)));
  const reached = start.programs.flatMap(({ lookup }) => (lookup.found ? [lookup.entry.layer] : []));
  return reached.some((layer) => layer <= unread) ? undefined : false;
}

function userFound(analysis: ImageAnalysis): boolean | undefined {
  if (analysis.start.user.uid !== null) return true;
  return analysis.rootfs.complete ? false : undefined;
}

/** A user that is found has a group, unless the config names one that is not there. */
function groupFound(analysis: ImageAnalysis): boolean | null | undefined {
  const { uid, gids } = analysis.start.user;
  if (uid === null) return null;
  return gids.length > 0 ? true : analysis.rootfs.complete ? false : undefined;
}

function workingDirFacts(analysis: ImageAnalysis): FactTree | null {
  const lookup = analysis.start.workingDir;
  if (lookup === null || analysis.image.config.workingDir === '') return null;
  return {
    path: analysis.image.config.workingDir,
    found: foundIn(analysis.rootfs, lookup),
    'is-directory': lookup.found ? lookup.entry.type === 'directory' : null,
  };
}

/** LD_PRELOAD is split at blanks and colons (ld.so(8)); a word without a slash is searched like any library. */
function preloadFacts(analysis: ImageAnalysis): FactValue {
  const written = analysis.start.environment['LD_PRELOAD'] ?? '';
  const words = written.split(/[\s:]+/).filter((word) => word !== '');
  return words.map((word) => ({
    path: word,
    found: word.includes('/') ? foundIn(analysis.rootfs, analysis.rootfs.lookup(word)) : null,
  }));
}

function fileFacts(analysis: ImageAnalysis): FactValue {
  return analysis.start.files.map(({ runtime, requested, lookup, certainty }) => ({
    runtime,
    requested,
    certainty,
    found: foundIn(analysis.rootfs, lookup),
    path: lookup.found ? lookup.realPath : foundIn(analysis.rootfs, lookup) === false ? null : undefined,
    'body-carriage-returns': lookup.found ? bodyCarriageReturns(lookup.entry.content) : null,
  }));
}

/** os-release(5): `NAME=value`, the value quoted or not. */
function distributionFacts(analysis: ImageAnalysis): FactTree | null | undefined {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const lookup = analysis.rootfs.lookup(path);
    if (!lookup.found) continue;
    const { content } = lookup.entry;
    if (content?.kind !== 'text') return undefined;
    const value = (name: string): string | null => {
      const match = new RegExp(`^${name}=["']?([^"'\\r\\n]*)`, 'm').exec(content.text);
      return match?.[1] ?? null;
    };
    return { id: value('ID'), version: value('VERSION_ID'), title: value('PRETTY_NAME') };
  }
  return analysis.rootfs.complete ? null : undefined;
}

function libcFacts(analysis: ImageAnalysis): FactValue | undefined {
  return analysis.rootfs.complete ? [...libcsOf(analysis.rootfs)] : undefined;
}

function glibcFacts(analysis: ImageAnalysis): FactTree | null | undefined {
  const entry = findGlibc(analysis.rootfs, analysis.start);
  if (entry === null) return analysis.rootfs.complete ? null : undefined;
  const { content } = entry;
  if (content?.kind !== 'binary' || content.binary.format !== 'elf') return { path: entry.path };
  return { path: entry.path, version: glibcVersion(entry.path, content.binary.versionDefinitions) ?? undefined };
}
