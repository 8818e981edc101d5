import type { ElfBinary } from '../model/binary.js';
import type { Closure, LookedIn, Resolution } from '../model/resolution.js';
import { glibcPort, type GlibcPort } from './constants.js';
import { glibcCache, type CacheIndex } from './glibc-cache.js';
import { loaderFamily } from './family.js';
import { systemDirectories, type SystemDirectories } from './glibc-directories.js';
import { ldSoConfDirectories } from './ld-so-conf.js';
import {
  append,
  finished,
  linkMap,
  mapNeeded,
  mapOne,
  mapped,
  type Found,
  type LinkMap,
  type Linker,
  type Mapped,
} from './link-map.js';
import type { Loader, LoaderContext, LoaderFile, ResolvedProgram } from './loader.js';
import { elfOf } from './loader.js';
import { once, searchMemo, type SearchMemo } from './memo.js';
import { directoryOf, joined, nameOf, withoutTrailingSlashes } from './paths.js';
import { preloadNames } from './preload.js';
import { attempt, attemptIn, MAX_DIRECTORIES, Trail, type Attempt } from './search.js';
import { expandTokens, platformOf, X86_PLATFORMS, type Tokens } from './tokens.js';
import { missingVersions } from './versions.js';

/** Solaris Linker and Libraries Guide, "DT_FLAGS_1": the system directories are not searched. */
const DF_1_NODEFLIB = 0x800;

/** One run of ld.so: what does not change while it searches. */
interface Session {
  readonly context: LoaderContext;
  readonly program: ElfBinary;
  readonly main: Mapped;
  readonly port: GlibcPort;
  readonly system: SystemDirectories;
  readonly cache: CacheIndex;
  readonly memo: SearchMemo;
  readonly libraryPath: readonly string[];
}

/** A list of directories and why the loader searches it. */
interface SearchList {
  readonly lookedIn: LookedIn;
  readonly directories: readonly string[];
}

/** glibc's ld.so: search order of elf/dl-load.c, `_dl_map_object` (glibc 2.36; the order is that of ld.so(8)). */
export const glibc: Loader = {
  id: 'glibc',
  serves: ({ elf, interpreter }) => elf !== null && interpreter !== null && loaderFamily(interpreter) === 'glibc',
  resolve: (program, context) => resolve(program, context),
};

function resolve(program: ResolvedProgram, context: LoaderContext): Closure {
  const { elf, interpreter } = program;
  if (elf === null || interpreter === null) return { loader: 'glibc', objects: [], complete: false };
  const main = mapped(program.entry.path, program.entry, elf, {
    loadedBy: null,
    names: elf.soname === null ? [''] : ['', elf.soname],
    origin: directoryOf(program.entry.path),
  });
  const already = processObjects(context, elf);
  const session = startSession(context, elf, already[0] ?? main, interpreter);
  const map = linkMap(main, context.rootfs.complete);
  for (const object of already) if (!map.byFile.has(object.entry.path)) append(map, object);
  const linker = linkerOf(session, loaderObject(interpreter, main));
  const originOf = (path: string): string => directoryOf(absolute(path, context.workingDir));
  const preloads = preload(session, map, linker, originOf);
  mapNeeded(map, linker, originOf);
  appendLoader(map, interpreter, main);
  const objects = finished(map, (object) => missingVersions(object, map));
  return { loader: 'glibc', objects, complete: map.complete, ...(preloads.length > 0 ? { preloads } : {}) };
}

function startSession(context: LoaderContext, program: ElfBinary, main: Mapped, interpreter: LoaderFile): Session {
  const { rootfs, environment, workingDir, secure } = context;
  const port = glibcPort(program.machine, program.bits);
  const libraryPath = secure ? '' : (environment['LD_LIBRARY_PATH'] ?? '');
  const key = [
    'glibc',
    interpreter.entry.path,
    program.machine,
    program.bits,
    libraryPath,
    // Tokens in LD_LIBRARY_PATH stand for places of the program.
    libraryPath.includes('$') ? main.origin : '',
    workingDir,
    secure,
  ].join('\0');
  const memo = searchMemo(rootfs, workingDir, key);
  const system = systemDirectories(rootfs, interpreter.entry, port);
  const base = { context, program, main, port, system, memo, cache: glibcCache(rootfs, port, system) };
  const tokens = tokensOf(base, main);
  // An empty value is no path at all; an empty element is the working directory.
  return { ...base, libraryPath: libraryPath === '' ? [] : searchPath(libraryPath, /[:;]/, tokens) };
}

/** Objects of the process into which a library is loaded. */
function processObjects(context: LoaderContext, program: ElfBinary): readonly Mapped[] {
  return (context.process?.objects ?? []).flatMap((object) => {
    const binary = elfOf(object.entry);
    if (binary === null || binary.machine !== program.machine) return [];
    const names = [object.path, nameOf(object.path), ...(binary.soname === null ? [] : [binary.soname])];
    const origin = directoryOf(object.path);
    return [mapped(object.path, object.entry, binary, { loadedBy: null, inProcess: true, names, origin })];
  });
}

/** The loader is in the link map from the start, under its path, the last component and its soname (elf/rtld.c). */
function loaderObject(interpreter: LoaderFile, main: Mapped): Mapped {
  const binary = elfOf(interpreter.entry);
  const names = [interpreter.path, nameOf(interpreter.path), ...(binary?.soname == null ? [] : [binary.soname])];
  return mapped(interpreter.path, interpreter.entry, binary ?? main.binary, {
    loadedBy: main,
    names,
    origin: directoryOf(interpreter.path),
  });
}

function appendLoader(map: LinkMap, interpreter: LoaderFile, main: Mapped): void {
  if (map.byFile.has(interpreter.entry.path) || elfOf(interpreter.entry) === null) return;
  append(map, loaderObject(interpreter, main));
}

function absolute(path: string, workingDir: string): string {
  return path.startsWith('/') ? path : joined(workingDir, path);
}

function linkerOf(session: Session, loader: Mapped): Linker {
  return {
    serving: (name, map) => {
      const object = map.objects.find(({ names }) => names.has(name));
      if (object !== undefined) return object;
      if (!loader.names.has(name)) return null;
      if (!map.objects.includes(loader) && elfOf(loader.entry) !== null) append(map, loader);
      return loader;
    },
    find: (name, by) => once(session.memo, searchKey(session, name, by), () => find(session, name, by)),
    namesOf: (asked, path, binary) => [asked, path, ...(binary.soname === null ? [] : [binary.soname])],
  };
}

/** Everything of the asking object that a search depends on. */
function searchKey(session: Session, name: string, by: Mapped): string {
  const parts = [name, String(by.binary.dtFlags1 & DF_1_NODEFLIB)];
  if (name.includes('$')) parts.push(by.origin);
  for (const list of pathsOf(session, by)) parts.push(list.lookedIn, ...list.directories);
  return parts.join('\0');
}

/** RPATHs and RUNPATH that count for a need of this object, in order, with what stands between them left out. */
function pathsOf(session: Session, by: Mapped): readonly SearchList[] {
  const { runpath } = by.binary;
  if (runpath !== null) {
    return [{ lookedIn: 'runpath', directories: searchPath(runpath, /:/, tokensOf(session, by)) }];
  }
  const lists: SearchList[] = [];
  let sawMain = false;
  for (let object: Mapped | null = by; object !== null; object = object.loadedBy) {
    sawMain ||= object === session.main;
    lists.push(...rpathOf(session, object));
  }
  return (sawMain ? lists : [...lists, ...rpathOf(session, session.main)]).slice(0, MAX_DIRECTORIES);
}

/** DT_RPATH of one object; ignored where the object has DT_RUNPATH too. */
function rpathOf(session: Session, object: Mapped): readonly SearchList[] {
  const { rpath, runpath } = object.binary;
  if (rpath === null || rpath === '' || runpath !== null) return [];
  return [{ lookedIn: 'rpath', directories: searchPath(rpath, /:/, tokensOf(session, object)) }];
}

function tokensOf(session: Pick<Session, 'port' | 'system' | 'context'>, object: Mapped): Tokens {
  return {
    // Secure execution trusts $ORIGIN of the program only below the system directories (elf/dl-load.c).
    ORIGIN: session.context.secure && !isTrusted(session.system, object.origin) ? null : object.origin,
    LIB: session.system.lib,
    PLATFORM: platformOf(object.binary),
  };
}

function isTrusted(system: SystemDirectories, origin: string): boolean {
  return system.directories.some((directory) => `${origin}/`.startsWith(`${directory}/`));
}

/** Splits as `fillin_rpath` does: an empty element is the working directory, one that expands to nothing is dropped. */
function searchPath(text: string, separator: RegExp, tokens: Tokens): readonly string[] {
  if (text === '') return [];
  const directories = text.split(separator, MAX_DIRECTORIES).flatMap((element) => {
    if (element === '') return [''];
    const expanded = expandTokens(element, tokens);
    return expanded === null || expanded === '' ? [] : [withoutTrailingSlashes(expanded)];
  });
  return [...new Set(directories)];
}

function find(session: Session, name: string, by: Mapped): Found {
  const trail = new Trail(name);
  if (name.includes('/')) return findPath(session, trail, name, by);
  const own = pathsOf(session, by);
  const inRpath = own.filter(({ lookedIn }) => lookedIn === 'rpath');
  const inRunpath = own.filter(({ lookedIn }) => lookedIn === 'runpath');
  const noDefaults = (by.binary.dtFlags1 & DF_1_NODEFLIB) !== 0;
  const before = [...inRpath, { lookedIn: 'ld-library-path' as const, directories: session.libraryPath }, ...inRunpath];
  return (
    inLists(session, trail, before, name) ??
    inCache(session, trail, name, noDefaults) ??
    (noDefaults
      ? null
      : inLists(session, trail, [{ lookedIn: 'default', directories: session.system.directories }], name)) ??
    nowhere(session, trail, name)
  );
}

/** A name with a slash is a path; tokens are expanded, nothing is searched. */
function findPath(session: Session, trail: Trail, name: string, by: Mapped): Found {
  const path = expandTokens(name, tokensOf(session, by));
  if (path === null || path === '') return trail.notFound();
  const { lookups } = session.memo;
  return settle(trail, 'absolute', directoryOf(path), attempt(lookups, path, session.program)) ?? trail.notFound();
}

function inLists(session: Session, trail: Trail, lists: readonly SearchList[], name: string): Found | null {
  for (const { lookedIn, directories } of lists) {
    for (const directory of directories) {
      noteHwcaps(session, trail, directory, name);
      const found = settle(
        trail,
        lookedIn,
        directory,
        attemptIn(session.memo.lookups, directory, name, session.program),
      );
      if (found !== null) return found;
    }
  }
  return null;
}

/**
 * Subdirectories that are searched first on some processors: glibc-hwcaps (2.33), and on x86-64 what `$PLATFORM` is
 * there. A match is noted and nothing depends on it, unless the plain directories have none.
 */
function noteHwcaps({ memo, port, program }: Session, trail: Trail, directory: string, name: string): void {
  const root = joined(directory === '' ? '.' : directory, 'glibc-hwcaps');
  const places = memo.lookups.isDirectory(root) ? port.hwcaps.map((each) => joined(root, each)) : [];
  if (program.machine === 'x86_64' && directory.includes('/x86_64')) {
    places.push(...X86_PLATFORMS.map((each) => directory.replace(/\/x86_64(?=\/|$)/, `/${each}`)));
  }
  for (const place of places) {
    if (place === directory) continue;
    const tried = attemptIn(memo.lookups, place, name, program);
    if (tried.kind !== 'opened' || tried.saw !== 'match') continue;
    trail.step('hwcaps', place, 'match');
    trail.doubt();
  }
}

/** Takes, skips or gives up, as `open_verify` does: another class or machine is passed over, anything else is final. */
function settle(trail: Trail, lookedIn: LookedIn, directory: string, tried: Attempt): Found | null {
  switch (tried.kind) {
    case 'absent':
      trail.step(lookedIn, directory, 'nothing');
      return null;
    case 'unknown':
      trail.step(lookedIn, directory, 'unreadable');
      trail.doubt();
      return null;
    case 'skipped':
      trail.step(lookedIn, directory, tried.saw);
      return null;
    case 'opened':
      break;
  }
  trail.step(lookedIn, directory, tried.saw);
  if (tried.saw === 'match') return trail.found(tried.path, tried.lookup);
  if (tried.saw === 'wrong-class' || tried.saw === 'wrong-machine') return null;
  return trail.notFound(tried.saw === 'unreadable' ? 'unknown' : 'missing');
}

/** What ldconfig wrote down, true or not: a path that is gone is passed over, a library that came later is not seen. */
function inCache(session: Session, trail: Trail, name: string, noDefaults: boolean): Found | null {
  const { cache, memo, program, system } = session;
  if (cache.state === 'absent') return null;
  if (cache.state === 'unreadable') {
    trail.step('ld-cache', cache.path, 'unreadable');
    return null;
  }
  for (const { path } of cache.hwcaps(name)) {
    const tried = attempt(memo.lookups, path, program);
    if (tried.kind !== 'opened' || tried.saw !== 'match') continue;
    trail.step('hwcaps', directoryOf(path), 'match');
    trail.doubt();
  }
  const cached = cache.plain(name);
  if (cached === null || (noDefaults && system.directories.some((each) => cached.startsWith(`${each}/`)))) {
    trail.step('ld-cache', cache.path, 'nothing');
    return null;
  }
  return settle(trail, 'ld-cache', directoryOf(cached), attempt(memo.lookups, cached, program));
}

/** ld.so does not read ld.so.conf; where the library lies in one of its directories, ldconfig would help. */
function nowhere({ context, memo, program }: Session, trail: Trail, name: string): Found {
  for (const directory of ldSoConfDirectories(context.rootfs)) {
    const tried = attemptIn(memo.lookups, directory, name, program);
    const saw = tried.kind === 'opened' && tried.saw === 'match' ? 'match' : 'nothing';
    trail.step('ld-so-conf', directory, saw);
    if (saw === 'match') break;
  }
  return trail.notFound();
}

/** LD_PRELOAD, then /etc/ld.so.preload; what cannot be loaded is passed over with a message (elf/rtld.c). */
function preload(
  session: Session,
  map: LinkMap,
  linker: Linker,
  originOf: (path: string) => string,
): readonly Resolution[] {
  const { context, main } = session;
  return preloadNames(context).map((name) => {
    const resolution = mapOne(map, linker, name, main, originOf);
    const [first] = resolution.trail;
    const step = { lookedIn: 'preload' as const, directory: first?.directory ?? '', saw: first?.saw ?? 'nothing' };
    return { ...resolution, trail: [step, ...resolution.trail] };
  });
}
