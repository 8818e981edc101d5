import type { ElfBinary } from '../model/binary.js';
import type { Closure, LookedIn } from '../model/resolution.js';
import { MUSL_DEFAULT_PATH, MUSL_MACHINES, MUSL_RESERVED } from './constants.js';
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
import { elfOf, type Loader, type LoaderContext, type LoaderFile, type ResolvedProgram } from './loader.js';
import { loaderFamily } from './family.js';
import { once, searchMemo, type SearchMemo } from './memo.js';
import { unknownLoader } from './unknown.js';
import { directoryOf, nameOf } from './paths.js';
import { attempt, attemptIn, MAX_DIRECTORIES, Trail, type Attempt } from './search.js';

/** One run of musl's loader. */
interface Session {
  readonly context: LoaderContext;
  readonly program: ElfBinary;
  readonly main: Mapped;
  readonly interpreter: LoaderFile;
  readonly memo: SearchMemo;
}

/**
 * musl's loader: ldso/dynlink.c, `load_library` (musl 1.2.3). Beside another order it differs from glibc in that the
 * first file that can be opened is taken whatever it is, RPATH and RUNPATH are one and are inherited, sonames do not
 * count, and symbol versions are not looked at.
 */
export const musl: Loader = {
  id: 'musl',
  serves: ({ elf, interpreter }) =>
    elf !== null && interpreter !== null && ['musl', 'gcompat'].includes(loaderFamily(interpreter)),
  resolve,
};

/** musl's loader itself; behind gcompat's stub the one that it executes. */
function loaderOf(interpreter: LoaderFile, elf: ElfBinary, context: LoaderContext): LoaderFile | null {
  if (loaderFamily(interpreter) === 'musl') return interpreter;
  for (const arch of MUSL_MACHINES[elf.machine] ?? []) {
    const path = `/lib/ld-musl-${arch}.so.1`;
    const lookup = context.rootfs.lookup(path);
    if (lookup.found) return { path, entry: lookup.entry };
  }
  return null;
}

/** What gcompat's stub hands to musl's loader (gcompat, loader/loader.c). */
const GCOMPAT_PRELOAD = 'libgcompat.so.0';

function resolve(program: ResolvedProgram, context: LoaderContext): Closure {
  const { elf } = program;
  if (elf === null || program.interpreter === null) return { loader: 'musl', objects: [], complete: false };
  const interpreter = loaderOf(program.interpreter, elf, context);
  if (interpreter === null) return unknownLoader.resolve(program, context);
  const main = mapped(program.entry.path, program.entry, elf, {
    loadedBy: null,
    names: [],
    origin: directoryOf(program.entry.path),
  });
  const { environment, secure, workingDir, rootfs } = context;
  const key = ['musl', interpreter.path, elf.machine, elf.bits, environment['LD_LIBRARY_PATH'], workingDir, secure];
  const memo = searchMemo(rootfs, workingDir, key.join('\0'));
  const session: Session = { context, program: elf, main, interpreter, memo };
  const map = linkMap(main, rootfs.complete);
  for (const object of processObjects(context)) if (!map.byFile.has(object.entry.path)) append(map, object);
  const linker = linkerOf(session);
  // A name that cannot be preloaded is passed over.
  const preloads = preloadNames(context, program.interpreter).map((name) =>
    mapOne(map, linker, name, main, directoryOf),
  );
  mapNeeded(map, linker, directoryOf);
  appendLoader(map, interpreter, main);
  const objects = finished(map, () => []);
  return { loader: 'musl', objects, complete: map.complete, ...(preloads.length > 0 ? { preloads } : {}) };
}

function preloadNames({ environment, secure }: LoaderContext, named: LoaderFile): readonly string[] {
  const stub = loaderFamily(named) === 'gcompat' ? [GCOMPAT_PRELOAD] : [];
  const fromEnvironment = secure ? '' : (environment['LD_PRELOAD'] ?? '');
  return [...stub, ...fromEnvironment.split(/[\s:]+/).filter((name) => name !== '')];
}

function processObjects(context: LoaderContext): readonly Mapped[] {
  return (context.process?.objects ?? []).flatMap((object) => {
    const binary = elfOf(object.entry);
    if (binary === null) return [];
    const names = [nameOf(object.path)];
    const origin = directoryOf(object.path);
    return [mapped(object.path, object.entry, binary, { loadedBy: null, inProcess: true, names, origin })];
  });
}

function appendLoader(map: LinkMap, interpreter: LoaderFile, main: Mapped): void {
  const binary = elfOf(interpreter.entry);
  if (binary === null || map.byFile.has(interpreter.entry.path)) return;
  append(
    map,
    mapped(interpreter.path, interpreter.entry, binary, {
      loadedBy: main,
      names: [],
      origin: directoryOf(interpreter.path),
    }),
  );
}

function linkerOf(session: Session): Linker {
  return {
    serving: (name, map) => (name.includes('/') ? null : (map.objects.find(({ names }) => names.has(name)) ?? null)),
    find: (name, by) => once(session.memo, searchKey(session, name, by), () => find(session, name, by)),
    // A name with a slash gives no short name (`p->shortname`).
    namesOf: (asked, path) => (asked.includes('/') ? [] : [nameOf(path)]),
  };
}

function searchKey(session: Session, name: string, by: Mapped): string {
  return [name, ...chain(by).map((object) => rpathOf(session, object) ?? '')].join('\0');
}

/** The object and those that led to it. */
function chain(by: Mapped): readonly Mapped[] {
  const objects: Mapped[] = [];
  for (let object: Mapped | null = by; object !== null; object = object.loadedBy) objects.push(object);
  return objects;
}

/** RUNPATH or, without one, RPATH; with an unknown token it is not used at all (`fixup_rpath`). */
function rpathOf({ main, context }: Session, object: Mapped): string | null {
  const original = object.binary.runpath ?? object.binary.rpath;
  if (original?.includes('$') !== true) return original;
  if (/\$(?!ORIGIN|\{ORIGIN\})/.test(original)) return null;
  // Secure execution expands nothing for the program, and only absolute places for others.
  if (context.secure && (object === main || !object.origin.startsWith('/'))) return null;
  return original.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, () => object.origin);
}

function find(session: Session, name: string, by: Mapped): Found {
  const trail = new Trail(name);
  const { interpreter, memo, program } = session;
  if (name === '') return trail.notFound();
  if (MUSL_RESERVED.some((prefix) => name.startsWith(prefix)) || name === interpreter.path) {
    return builtin(session, trail, name);
  }
  if (name.includes('/')) {
    return (
      settle(session, trail, 'absolute', directoryOf(name), attempt(memo.lookups, name, program)) ?? trail.notFound()
    );
  }
  for (const [lookedIn, list] of pathsFor(session, trail, by)) {
    for (const directory of list.split(/[:\n]+/, MAX_DIRECTORIES).filter((each) => each !== '')) {
      const tried = attemptIn(memo.lookups, directory, name, program);
      const found = settle(session, trail, lookedIn, directory, tried);
      if (found !== null) return found;
    }
  }
  return trail.notFound();
}

/** LD_LIBRARY_PATH, the RPATHs of the object and of those that led to it, the system's path. */
function pathsFor(session: Session, trail: Trail, by: Mapped): readonly (readonly [LookedIn, string])[] {
  const { environment, secure } = session.context;
  const lists: (readonly [LookedIn, string])[] = [
    ['ld-library-path', secure ? '' : (environment['LD_LIBRARY_PATH'] ?? '')],
  ];
  for (const object of chain(by)) {
    const rpath = rpathOf(session, object);
    if (rpath !== null) lists.push([object.binary.runpath === null ? 'rpath' : 'runpath', rpath]);
  }
  return [...lists, systemPath(session, trail)];
}

/** `<prefix>/etc/ld-musl-<arch>.path` takes the place of the default, even where it is empty or cannot be read. */
function systemPath({ interpreter, program, context }: Session, trail: Trail): readonly [LookedIn, string] {
  const prefix = interpreter.path.startsWith('/') ? interpreter.path.replace(/\/[^/]*\/[^/]*$/, '') : '';
  const path = `${prefix}/etc/ld-musl-${archOf(interpreter, program)}.path`;
  const lookup = context.rootfs.lookup(path);
  if (!lookup.found) {
    if (lookup.reason === 'unknown') trail.doubt();
    return ['default', MUSL_DEFAULT_PATH];
  }
  const { content } = lookup.entry;
  if (content?.kind === 'text') return ['musl-path-file', content.text];
  if (content?.kind !== 'head' || content.head !== 'empty') trail.doubt();
  trail.step('musl-path-file', path, 'unreadable');
  return ['musl-path-file', ''];
}

/** `LDSO_ARCH`, as the loader's name has it. */
function archOf(interpreter: LoaderFile, program: ElfBinary): string {
  const names = `${nameOf(interpreter.path)} ${nameOf(interpreter.entry.path)}`;
  const named = /ld-musl-([\w-]+)\.so/.exec(names)?.[1];
  return named ?? MUSL_MACHINES[program.machine]?.[0] ?? program.machine;
}

/** The first file that opens is final: another machine's makes the start fail, it is not passed over. */
function settle(session: Session, trail: Trail, lookedIn: LookedIn, directory: string, tried: Attempt): Found | null {
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
      return trail.notFound();
    case 'opened':
      break;
  }
  trail.step(lookedIn, directory, tried.saw);
  if (tried.saw !== 'match') return trail.notFound(tried.saw === 'unreadable' ? 'unknown' : 'missing');
  const binary = elfOf(tried.lookup.entry);
  // A second libc reached by a path is not mapped: the loader takes its place (since 1.1.20).
  if (binary !== null && isLibc(binary)) return builtin(session, trail, nameOf(tried.path));
  return trail.found(tried.path, tried.lookup);
}

function isLibc(binary: ElfBinary): boolean {
  return binary.soname === 'libc.so.6' || binary.soname?.startsWith('libc.musl-') === true;
}

function builtin({ interpreter }: Session, trail: Trail, name: string): Found {
  trail.step('already-loaded', interpreter.path, 'match');
  const { resolution } = trail.notFound('builtin');
  return {
    entry: null,
    resolution: { ...resolution, needed: name, path: interpreter.path, realPath: interpreter.entry.path },
  };
}
