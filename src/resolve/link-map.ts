import type { ElfBinary } from '../model/binary.js';
import type { LoadedObject, MissingVersion, Resolution } from '../model/resolution.js';
import type { RootfsEntry } from '../model/rootfs.js';

/** Objects in one process. Firefox maps about 120, LibreOffice about 300. */
export const MAX_OBJECTS = 1024;
/** Needed names of one object. */
export const MAX_NEEDED = 1024;
/** Searches for one program; what is beyond is not known. */
export const MAX_SEARCHES = 8192;

/** An object of the link map while it is built. */
export interface Mapped {
  readonly path: string;
  readonly entry: RootfsEntry;
  readonly binary: ElfBinary;
  readonly loadedBy: Mapped | null;
  /** Mapped before: part of the process into which the first object is loaded. */
  readonly inProcess: boolean;
  /** Names that a later need is compared with. */
  readonly names: Set<string>;
  /** What `$ORIGIN` stands for. */
  readonly origin: string;
  readonly needed: Resolution[];
  /** The object that serves each needed name. */
  readonly providers: Map<string, Mapped>;
}

/** What a search found: the file, or why there is none. */
export interface Found {
  readonly resolution: Resolution;
  readonly entry: RootfsEntry | null;
}

/** How one ELF loader differs from another. */
export interface Linker {
  /** An object that already serves this name. */
  readonly serving: (name: string, map: LinkMap) => Mapped | null;
  /** Looks for a name that no object serves yet. */
  readonly find: (name: string, by: Mapped) => Found;
  /** Names under which an object is known once it is mapped for `asked` at `path`. */
  readonly namesOf: (asked: string, path: string, binary: ElfBinary) => readonly string[];
}

export interface LinkMap {
  readonly objects: Mapped[];
  /** By the file that they are: links and hard links lead to one object. */
  readonly byFile: Map<string, Mapped>;
  searches: number;
  /** False where a limit or an unread file cut it short. */
  complete: boolean;
}

/** What tells one file from another, as device and inode do. */
export function fileIdentity(entry: RootfsEntry): string {
  return entry.hardlinkOf ?? entry.path;
}

export function mapped(
  path: string,
  entry: RootfsEntry,
  binary: ElfBinary,
  more: Pick<Mapped, 'loadedBy' | 'origin'> & { readonly names: readonly string[]; readonly inProcess?: boolean },
): Mapped {
  return {
    path,
    entry,
    binary,
    loadedBy: more.loadedBy,
    inProcess: more.inProcess ?? false,
    names: new Set(more.names),
    origin: more.origin,
    needed: [],
    providers: new Map(),
  };
}

/** Resolves the needs of every object, breadth first, and appends what they bring (gABI 4.1, "Shared Object Dependencies"). */
export function mapNeeded(map: LinkMap, linker: Linker, originOf: (path: string) => string): void {
  for (let index = 0; index < map.objects.length; index += 1) {
    const object = map.objects[index];
    if (object === undefined) break;
    if (object.inProcess) continue;
    if (object.binary.gaps.some((gap) => gap.part.includes('dynamic'))) map.complete = false;
    if (object.binary.needed.length > MAX_NEEDED) map.complete = false;
    for (const name of object.binary.needed.slice(0, MAX_NEEDED)) {
      object.needed.push(mapOne(map, linker, name, object, originOf));
    }
  }
}

/** Resolves one name for one object and maps what is new. */
export function mapOne(
  map: LinkMap,
  linker: Linker,
  name: string,
  by: Mapped,
  originOf: (path: string) => string,
): Resolution {
  const serving = linker.serving(name, map);
  if (serving !== null) {
    by.providers.set(name, serving);
    return alreadyLoaded(name, serving);
  }
  map.searches += 1;
  const { resolution, entry } = map.searches > MAX_SEARCHES ? notSearched(name) : linker.find(name, by);
  if (resolution.status === 'unknown') map.complete = false;
  if (entry === null || resolution.path === null) return resolution;
  const same = map.byFile.get(fileIdentity(entry));
  if (same !== undefined) {
    for (const known of linker.namesOf(name, resolution.path, same.binary)) same.names.add(known);
    by.providers.set(name, same);
    return resolution;
  }
  const { content } = entry;
  if (content?.kind !== 'binary' || content.binary.format !== 'elf') return resolution;
  if (map.objects.length >= MAX_OBJECTS) {
    map.complete = false;
    return resolution;
  }
  const object = mapped(resolution.path, entry, content.binary, {
    loadedBy: by,
    names: linker.namesOf(name, resolution.path, content.binary),
    origin: originOf(resolution.path),
  });
  append(map, object);
  by.providers.set(name, object);
  return resolution;
}

function notSearched(needed: string): Found {
  const nowhere = { path: null, realPath: null, links: [], trail: [], delayLoaded: false };
  return { entry: null, resolution: { needed, ...nowhere, status: 'unknown' } };
}

/** A link map with its first object. */
export function linkMap(first: Mapped, complete: boolean): LinkMap {
  const map: LinkMap = { objects: [], byFile: new Map(), searches: 0, complete };
  append(map, first);
  return map;
}

export function append(map: LinkMap, object: Mapped): void {
  map.objects.push(object);
  map.byFile.set(fileIdentity(object.entry), object);
}

/** One value for each name and object, so that thousands of closures share them. */
const alreadyLoadedMemo = new WeakMap<RootfsEntry, Map<string, Resolution>>();

function alreadyLoaded(name: string, object: Mapped): Resolution {
  let memo = alreadyLoadedMemo.get(object.entry);
  if (memo === undefined) alreadyLoadedMemo.set(object.entry, (memo = new Map<string, Resolution>()));
  const key = `${name}\0${object.path}`;
  let resolution = memo.get(key);
  if (resolution === undefined) {
    resolution = {
      needed: name,
      path: object.path,
      realPath: object.entry.path,
      links: [],
      trail: [{ lookedIn: 'already-loaded', directory: object.path, saw: 'match' }],
      status: 'found',
      delayLoaded: false,
    };
    memo.set(key, resolution);
  }
  return resolution;
}

/** The finished objects, in the order of the link map. */
export function finished(
  map: LinkMap,
  missingVersionsOf: (object: Mapped) => readonly MissingVersion[],
): readonly LoadedObject[] {
  return map.objects
    .filter(({ inProcess }) => !inProcess)
    .map((object) => ({
      path: object.path,
      realPath: object.entry.path,
      entry: object.entry,
      loadedBy: object.loadedBy?.path ?? null,
      needed: object.needed,
      missingVersions: missingVersionsOf(object),
    }));
}
