import { XosError } from '../model/error.js';
import type { LoadOptions, PlatformSelector } from '../model/load.js';
import { type Broken, type Candidate, type Contents, platformOf } from './candidate.js';
import { describePlatform, distance } from './platform.js';
import type { ImageSelector } from './reference.js';

/** Names in a message; an archive may hold thousands. */
const MAX_LISTED = 12;

export interface Choice {
  readonly chosen: readonly Candidate[];
  readonly notes: readonly string[];
}

/** Which images of a source are meant: by the reference's suffix first, then by platform. */
export function choose(
  contents: Contents,
  reference: string,
  selector: ImageSelector | null,
  options: LoadOptions,
): Choice {
  const selected = select(contents, reference, selector);
  const notes = [...contents.notes, ...brokenNotes(selected.broken)];
  if (selected.candidates.length === 0) throw nothingReadable(reference, selected.broken, options);
  if (options.platform !== null) return { chosen: asked(selected, reference, options.platform), notes };
  const chosen: Candidate[] = [];
  const groups = groupByName(selected.candidates);
  for (const group of groups) {
    const choice = options.allPlatforms ? { chosen: group, notes: [] } : preferred(group, options.preferred);
    chosen.push(...choice.chosen);
    notes.push(...choice.notes);
  }
  if (groups.length > 1) {
    const names = groups.map((group) => group[0]?.names[0] ?? group[0]?.digest ?? 'unnamed');
    notes.push(`${groups.length} images in the archive, all are shown: ${list(names)}`);
  }
  return { chosen, notes };
}

function select(contents: Contents, reference: string, selector: ImageSelector | null): Contents {
  if (selector === null) return contents;
  const matches = (item: Candidate | Broken, index: number): boolean => {
    switch (selector.kind) {
      case 'index':
        return index === selector.index;
      case 'digest':
        return item.digest === selector.digest;
      case 'name':
        return item.names.some((name) => sameName(name, selector.name));
    }
  };
  const candidates = contents.candidates.filter(matches);
  const broken = selector.kind === 'index' ? [] : contents.broken.filter(matches);
  if (candidates.length + broken.length > 0) return { ...contents, candidates, broken };
  const all = contents.candidates.map((item) => item.names[0] ?? item.digest ?? 'one without a name');
  throw new XosError('XOS_IMAGE_NOT_FOUND', `\`${reference}\` is not in the archive, which holds ${list(all)}`, {
    suggestions: ['name one of these, or leave the suffix away to see all'],
  });
}

/** `busybox` is `docker.io/library/busybox:latest`; an OCI layout may hold the tag alone. */
function sameName(has: string, asks: string): boolean {
  return has === asks || fullName(has) === fullName(asks);
}

function fullName(name: string): string {
  const bare = name.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  return /:[^/]*$/.test(bare) || bare.includes('@') ? bare : `${bare}:latest`;
}

function groupByName(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = candidate.names.join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [candidate]);
    else group.push(candidate);
  }
  return [...groups.values()];
}

/** A platform that was asked for is never replaced by another. */
function asked(contents: Contents, reference: string, wanted: PlatformSelector): readonly Candidate[] {
  const chosen = groupByName(contents.candidates).flatMap((group) => nearest(group, wanted));
  if (chosen.length > 0) return chosen;
  const there = list([...new Set(contents.candidates.map((item) => describePlatform(platformOf(item))))]);
  const listed = contents.broken.find((item) => item.platform !== null && distance(item.platform, wanted) !== null);
  const why = listed === undefined ? '' : `; the index lists it, and ${listed.problem}`;
  const first = contents.candidates[0];
  throw new XosError(
    'XOS_NO_SUCH_PLATFORM',
    `\`${reference}\` has no image for ${describePlatform(wanted)}, it has ${there}${why}`,
    {
      suggestions: [
        ...(first === undefined ? [] : [`choose one that is there: --platform ${describePlatform(platformOf(first))}`]),
        `or save the image again for it: skopeo copy --override-os ${wanted.os} --override-arch ${wanted.architecture} docker://IMAGE docker-archive:image.tar`,
      ],
    },
  );
}

function preferred(group: readonly Candidate[], host: PlatformSelector): Choice {
  const platforms = [...new Set(group.map((item) => describePlatform(platformOf(item))))];
  if (platforms.length < 2) return { chosen: group, notes: [] };
  const build = host.osVersion?.split('.').slice(0, 3).join('.') ?? null;
  const exact = nearest(group, { ...host, osVersion: build });
  const chosen = exact.length > 0 ? exact : nearest(group, { ...host, osVersion: null });
  const there = `${platforms.length} platforms in the archive (${list(platforms)})`;
  if (chosen.length === 0) {
    return { chosen: group, notes: [`${there}, none for ${describePlatform(host)}: all are shown`] };
  }
  const taken = list([...new Set(chosen.map((item) => describePlatform(platformOf(item))))]);
  return { chosen, notes: [`${there}, ${taken} chosen; --platform or --all-platforms show others`] };
}

function nearest(group: readonly Candidate[], wanted: PlatformSelector): readonly Candidate[] {
  const rated = group.flatMap((candidate) => {
    const far = distance(platformOf(candidate), wanted);
    return far === null ? [] : [{ candidate, far }];
  });
  const least = rated.reduce((least, item) => Math.min(least, item.far), Number.POSITIVE_INFINITY);
  return rated.filter((item) => item.far === least).map((item) => item.candidate);
}

function brokenNotes(broken: readonly Broken[]): readonly string[] {
  const notes: string[] = [];
  const absent = broken.filter((item) => item.kind === 'absent');
  if (absent.length > 0) {
    const platforms = absent.map((item) =>
      item.platform === null ? (item.digest ?? '') : describePlatform(item.platform),
    );
    notes.push(`listed, but not in the archive: ${list([...new Set(platforms)])}`);
  }
  for (const item of broken.filter((other) => other.kind !== 'absent').slice(0, MAX_LISTED)) {
    notes.push(`${item.names[0] ?? item.digest ?? 'an image'} is left out: ${item.problem}`);
  }
  return notes;
}

function nothingReadable(reference: string, broken: readonly Broken[], options: LoadOptions): XosError {
  const worst = broken.find((item) => item.kind === 'damaged') ?? broken[0];
  if (worst === undefined) {
    return new XosError('XOS_NOT_AN_IMAGE', `\`${reference}\` lists no image`, {
      suggestions: ['save the image again: docker save IMAGE -o image.tar'],
    });
  }
  if (broken.every((item) => item.kind === 'artifact')) {
    return new XosError('XOS_NOT_AN_IMAGE', `\`${reference}\` holds no image: ${worst.problem}`, {
      suggestions: ['name an image that can be run'],
    });
  }
  const platform = options.platform;
  if (
    platform !== null &&
    broken.every((item) => item.platform !== null && distance(item.platform, platform) === null)
  ) {
    const there = list(broken.flatMap((item) => (item.platform === null ? [] : [describePlatform(item.platform)])));
    return new XosError(
      'XOS_NO_SUCH_PLATFORM',
      `\`${reference}\` has no image for ${describePlatform(platform)}, it lists ${there}`,
    );
  }
  return new XosError('XOS_IMAGE_DAMAGED', `\`${reference}\`: ${worst.problem}`, {
    suggestions: ['copy or save the image again and compare its size with the original'],
  });
}

function list(words: readonly string[]): string {
  const shown = words.slice(0, MAX_LISTED).join(', ');
  return words.length > MAX_LISTED ? `${shown} and ${words.length - MAX_LISTED} more` : shown;
}
