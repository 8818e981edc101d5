import { EMPTY_CONFIG } from '../../src/image/config.js';
import type { ImageAnalysis, PlacedReference } from '../../src/model/analysis.js';
import type { ElfBinary, MachoBinary, PeBinary } from '../../src/model/binary.js';
import { vaddr } from '../../src/model/brand.js';
import type { Gap } from '../../src/model/gap.js';
import type { Image } from '../../src/model/image.js';
import type { FileContent } from '../../src/model/layer.js';
import type { Closure, LoadedObject, Resolution } from '../../src/model/resolution.js';
import type { Rootfs, RootfsEntry } from '../../src/model/rootfs.js';
import type { AnalysedBinary, Reach, StartPath, StartProgram } from '../../src/model/start.js';
import { rootfs as buildRootfs } from './rootfs-builder.js';
import type { RootfsSpec } from './rootfs-builder.js';
import { NO_SYMBOLS } from '../../src/model/symbols.js';

/** An x86_64 program without anything that it needs. */
export function elfBinary(overrides: Partial<ElfBinary> = {}): ElfBinary {
  return {
    format: 'elf',
    machine: 'x86_64',
    bits: 64,
    endianness: 'little',
    gaps: [],
    go: null,
    rust: null,
    osAbi: 'sysv',
    abiVersion: 0,
    e_machine: 62,
    e_flags: 0,
    kind: 'pie',
    entry: vaddr(0x1000n),
    interpreter: null,
    needed: [],
    soname: null,
    rpath: null,
    runpath: null,
    bindNow: false,
    dtFlags: 0,
    dtFlags1: 0,
    versionNeeds: [],
    versionDefinitions: [],
    abiTag: null,
    x86IsaNeeded: null,
    x86IsaUsed: null,
    arm: null,
    loadSegments: [],
    executableStack: false,
    buildId: null,
    hasSections: true,
    packer: null,
    symbols: NO_SYMBOLS,
    ...overrides,
  };
}

/** A native 64-bit console program. */
export function peBinary(overrides: Partial<PeBinary> = {}): PeBinary {
  return {
    format: 'pe',
    machine: 'x86_64',
    bits: 64,
    endianness: 'little',
    gaps: [],
    go: null,
    rust: null,
    kind: 'executable',
    hybrid: null,
    Machine: 0x8664,
    subsystem: 'windows-console',
    subsystemVersion: '6.0',
    osVersion: '6.0',
    imports: [],
    exports: [],
    exportName: null,
    clr: null,
    manifest: null,
    isUefi: false,
    ...overrides,
  };
}

/** A thin arm64 program of macOS. */
export function machoBinary(): MachoBinary {
  const common = { machine: 'aarch64', bits: 64 } as const;
  const slice = {
    cpuType: 0x0100000c,
    cpuSubtype: 0,
    kind: 'executable',
    platform: null,
    dylibs: [],
    offset: 0,
  } as const;
  return {
    ...common,
    format: 'mach-o',
    endianness: 'little',
    gaps: [],
    go: null,
    rust: null,
    fat: false,
    slices: [{ ...common, ...slice }],
  };
}

/** Content of a file that is a binary. */
export function binaryContent(binary: ElfBinary | PeBinary | MachoBinary): FileContent {
  return { kind: 'binary', binary, references: [] };
}

export interface AnalysisSpec {
  readonly files?: RootfsSpec;
  readonly image?: Partial<Omit<Image, 'platform' | 'config'>> & {
    readonly platform?: Partial<Image['platform']>;
    readonly config?: Partial<Image['config']>;
  };
  readonly start?: Partial<Omit<StartPath, 'programs'>>;
  /** Programs by the word that is looked up; what is not said is filled in from the file. */
  readonly programs?: readonly (Partial<StartProgram> & { readonly requested: string })[];
  /** Binaries by path, with their reach; those of `files` that are not named are `present`. */
  readonly reach?: Readonly<Record<string, Reach>>;
  readonly closures?: Readonly<Record<string, Closure>>;
  readonly references?: (rootfs: Rootfs) => readonly PlacedReference[];
  readonly gaps?: readonly Gap[];
  /** Whether every layer was read. */
  readonly complete?: boolean;
}

/** An analysis of a Linux image from a few lines. */
export function analysis(spec: AnalysisSpec = {}): ImageAnalysis {
  const image = imageOf(spec);
  const merged = buildRootfs(spec.files ?? {}, { windows: image.platform.os === 'windows' });
  const rootfs = spec.complete === false ? incomplete(merged) : merged;
  return {
    image,
    rootfs,
    start: startOf(spec, rootfs),
    binaries: binariesOf(spec, rootfs),
    references: spec.references?.(rootfs) ?? [],
    gaps: spec.gaps ?? [],
    statistics: { layers: 1, entries: 0, binaries: 0, bytesRead: 0, bytesScanned: 0, elapsedMs: 0, cacheHits: 0 },
  };
}

function imageOf({ image }: AnalysisSpec): Image {
  const platform = { os: 'linux', architecture: 'amd64', variant: null, osVersion: null, osFeatures: [] };
  return {
    reference: 'app.tar',
    format: 'docker-archive',
    digest: null,
    names: [],
    indexPlatform: null,
    manifestMediaType: null,
    layers: [],
    ...image,
    platform: { ...platform, ...image?.platform },
    config: { ...EMPTY_CONFIG, ...image?.config },
  };
}

/** The same files, of which nobody knows whether they are all. */
function incomplete(whole: Rootfs): Rootfs {
  return {
    caseSensitive: whole.caseSensitive,
    size: whole.size,
    complete: false,
    lookup: (path, options) => {
      const lookup = whole.lookup(path, options);
      return lookup.found ? lookup : { ...lookup, reason: 'unknown' };
    },
    entry: (path) => whole.entry(path),
    names: (directory) => whole.names(directory),
    entries: () => whole.entries(),
  };
}

function startOf(spec: AnalysisSpec, rootfs: Rootfs): StartPath {
  return {
    argv: [],
    form: 'exec',
    workingDir: null,
    user: { written: '', uid: 0, gids: [0] },
    environment: {},
    files: [],
    notFollowed: [],
    ...spec.start,
    programs: (spec.programs ?? []).map((program) => programOf(program, rootfs)),
  };
}

function programOf(program: Partial<StartProgram> & { readonly requested: string }, rootfs: Rootfs): StartProgram {
  const lookup = rootfs.lookup(program.requested);
  const content = lookup.found ? lookup.entry.content : null;
  return {
    executedAs: 'entrypoint',
    from: null,
    certainty: 'certain',
    argv: [program.requested],
    searched: [],
    lookup,
    deniedAt: null,
    format: content?.kind === 'binary' ? content.binary.format : content?.kind === 'text' ? 'script' : 'unknown',
    shebang: null,
    scriptDepth: 0,
    closure: null,
    interpreter: null,
    namedAt: null,
    ...program,
  };
}

function binariesOf(spec: AnalysisSpec, rootfs: Rootfs): readonly AnalysedBinary[] {
  return [...rootfs.entries()]
    .filter((entry) => entry.content?.kind === 'binary')
    .map((entry) => ({
      entry,
      reach: spec.reach?.[entry.path] ?? 'present',
      closure: spec.closures?.[entry.path] ?? null,
    }));
}

/** What a loader made of one needed name. */
export function resolution(needed: string, overrides: Partial<Resolution> = {}): Resolution {
  return {
    needed,
    path: null,
    realPath: null,
    links: [],
    trail: [],
    status: 'missing',
    delayLoaded: false,
    ...overrides,
  };
}

/** A closure of one loader; the entries of its objects are those of the files. */
export function closure(
  loader: Closure['loader'],
  objects: readonly (Partial<LoadedObject> & { readonly path: string })[],
): Closure {
  return {
    loader,
    complete: true,
    objects: objects.map((object) => ({
      realPath: object.path,
      entry: fileEntry(object.path),
      loadedBy: null,
      needed: [],
      missingVersions: [],
      ...object,
    })),
  };
}

function fileEntry(path: string): RootfsEntry {
  return {
    path,
    type: 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    linkTarget: null,
    xattrs: {},
    content: null,
    layer: 0,
    hardlinkOf: null,
  };
}
