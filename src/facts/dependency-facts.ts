import type { ImageAnalysis } from '../model/analysis.js';
import type { VersionDefinition } from '../model/binary.js';
import type { MissingVersion, Resolution } from '../model/resolution.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { StartPath } from '../model/start.js';
import type { FactTree, FactValue } from '../model/rule.js';
import { highestVersion } from './libc.js';
import type { Occurrence } from './occurrences.js';

/** File names of shared libraries, in lower case, and one path of each. */
export type LibraryIndex = ReadonlyMap<string, string>;

export function indexLibraries(rootfs: Rootfs): LibraryIndex {
  const index = new Map<string, string>();
  for (const { path, type } of rootfs.entries()) {
    if (type === 'directory' || !/\.(so|dll)(\.|$)/i.test(path)) continue;
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    if (!index.has(name)) index.set(name, path);
  }
  return index;
}

/** A missing name outweighs an unknown one, and that a found one: any process that fails is a failure. */
const WORST_FIRST: readonly Resolution['status'][] = ['missing', 'unknown', 'builtin', 'found'];

function worst(resolutions: readonly Resolution[]): readonly Resolution[] {
  const byName = new Map<string, Resolution>();
  for (const resolution of resolutions) {
    const known = byName.get(resolution.needed);
    const replaces = known === undefined || WORST_FIRST.indexOf(resolution.status) < WORST_FIRST.indexOf(known.status);
    if (replaces) byName.set(resolution.needed, resolution);
  }
  return [...byName.values()];
}

/** What became of the names that a file asks for, in all processes that map it. */
export function dependencyFacts(
  occurrences: readonly Occurrence[],
  libraries: LibraryIndex,
  { rootfs, start }: Pick<ImageAnalysis, 'rootfs' | 'start'>,
): FactValue {
  return worst(occurrences.flatMap(({ object }) => object.needed)).map((each) => ({
    ...dependency(each, libraries),
    readable: each.realPath === null ? null : readable(rootfs.entry(each.realPath), start.user),
  }));
}

/**
 * Whether the permission bits let the user read a file (path_resolution(7), "Permissions"); root's CAP_DAC_OVERRIDE
 * reads any. Left out where the user is not known.
 */
function readable(entry: RootfsEntry | null, { uid, gids }: StartPath['user']): boolean | undefined {
  if (entry === null || uid === null) return undefined;
  if (uid === 0) return true;
  const shift = entry.uid === uid ? 6 : gids.includes(entry.gid) ? 3 : 0;
  return ((entry.mode >> shift) & 4) !== 0;
}

function dependency(resolution: Resolution, libraries: LibraryIndex): FactTree {
  const { needed, status, trail, realPath } = resolution;
  const name = /\.(dll|exe|drv|cpl|ocx)$/i.test(needed) ? needed.toLowerCase() : needed;
  const other = trail.find(({ saw }) => saw === 'wrong-machine' || saw === 'wrong-class');
  return {
    name,
    status: status === 'unknown' ? undefined : status,
    entry: realPath,
    searched: [...new Set(trail.map(({ directory }) => directory))],
    'delay-loaded': resolution.delayLoaded,
    'other-machine-in': other?.directory ?? null,
    elsewhere: libraries.get(needed.toLowerCase()) ?? null,
    injected: INJECTED.test(needed),
    family: FAMILIES.find(([, pattern]) => pattern.test(needed))?.[0] ?? 'other',
  };
}

/** Libraries of the GPU driver that the NVIDIA container runtime mounts (libnvidia-container, src/nvc_info.c). */
const INJECTED =
  /^(libcuda\.so|libcudadebugger\.so|libnvidia-|libnvcuvid\.so|libnvoptix\.so|libvdpau_nvidia\.so|lib(EGL|GLX|GLESv1_CM|GLESv2)_nvidia\.so)/;

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['openssl-1', /^lib(ssl|crypto)\.so\.(0\.9\.\d+|1\.0\.\d+|1\.1|10)$/],
  ['vc-runtime', /^(vcruntime|msvcp|msvcr|concrt|vccorlib|vcomp|mfc)\d+[a-z0-9_]*\.dll$/i],
  [
    'glibc',
    /^(libc\.so\.6|lib(m|mvec)\.so\.(6|1)|lib(pthread|dl|rt|util|resolv)\.so\.[0-2]|ld-linux[a-z0-9-]*\.so\.\d)$/,
  ],
];

/** Symbol versions that are asked for and not defined. */
export function versionFacts(occurrences: readonly Occurrence[], rootfs: Rootfs): FactValue {
  const byName = new Map<string, MissingVersion>();
  for (const missing of occurrences.flatMap(({ object }) => object.missingVersions)) {
    byName.set(`${missing.provider}\0${missing.version}`, missing);
  }
  return [...byName.values()].map((missing) => ({
    version: missing.version,
    provider: missing.provider,
    'provider-path': missing.providerPath,
    'provider-has': highestOf(missing, rootfs),
    weak: missing.weak,
    family: versionFamily(missing.version),
  }));
}

function versionFamily(version: string): string {
  if (version.startsWith('GLIBC_')) return 'glibc';
  return /^(GLIBCXX|CXXABI)_/.test(version) ? 'libstdc++' : 'other';
}

/** `GLIBC_2.31` for a need of `GLIBC_2.34`: what the file that was found does have. */
function highestOf(missing: MissingVersion, rootfs: Rootfs): string | null | undefined {
  const prefix = /^[A-Za-z+]+_/.exec(missing.version)?.[0] ?? missing.version;
  const lookup = rootfs.lookup(missing.providerPath);
  const content = lookup.found ? lookup.entry.content : null;
  if (content?.kind !== 'binary' || content.binary.format !== 'elf') return undefined;
  const definitions: readonly VersionDefinition[] = content.binary.versionDefinitions;
  const highest = highestVersion(definitions, prefix);
  return highest === null ? null : `${prefix}${highest}`;
}
