import type { PeBinary } from '../model/binary.js';
import type { Closure, LoadedObject, LookedIn, Resolution, ResolutionStep } from '../model/resolution.js';
import type { Lookup, Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { Loader, LoaderContext, ResolvedProgram } from './loader.js';
import { peOf } from './loader.js';
import { directoryOf, joined, nameOf } from './paths.js';
import { API_SET, FORWARDERS, KNOWN_DLLS, MAX_MODULES, SYSTEM_CRT } from './windows-constants.js';

/** A module of the process while its list is built. */
interface Module {
  readonly path: string;
  readonly entry: RootfsEntry;
  readonly binary: PeBinary;
  readonly loadedBy: string | null;
}

interface Session {
  readonly rootfs: Rootfs;
  readonly program: PeBinary;
  readonly applicationDirectory: string;
  /** null: the image's archive does not hold the base layers with Windows itself. */
  readonly systemDirectory: string | null;
  readonly searched: readonly (readonly [LookedIn, string])[];
  readonly modules: Module[];
  readonly byName: Map<string, Module>;
  complete: boolean;
}

type Opened = Extract<Lookup, { found: true }>;

/**
 * The loader of Windows (Dynamic-link library search order, "Standard search order for unpackaged apps", safe search
 * mode): API sets, side-by-side assemblies, modules that are loaded, known DLLs, the program's directory, System32,
 * System, Windows, the working directory, PATH. Every import of the import directory must be found at start;
 * delay-loaded ones when they are first called.
 */
export const windows: Loader = {
  id: 'windows',
  serves: ({ pe }) => pe !== null,
  resolve,
};

function resolve({ entry, pe }: ResolvedProgram, context: LoaderContext): Closure {
  if (pe === null) return { loader: 'windows', objects: [], complete: false };
  const session = startSession(entry, pe, context);
  const objects: LoadedObject[] = [];
  addModule(session, { path: entry.path, entry, binary: pe, loadedBy: null });
  for (let index = 0; index < session.modules.length; index += 1) {
    const module = session.modules[index];
    if (module === undefined) break;
    objects.push(loadedObject(session, module));
  }
  return { loader: 'windows', objects, complete: session.complete };
}

function startSession(entry: RootfsEntry, program: PeBinary, context: LoaderContext): Session {
  const { rootfs, workingDir } = context;
  const applicationDirectory = directoryOf(context.process?.objects[0]?.path ?? entry.path);
  const systemDirectory = systemDirectoryOf(rootfs, program);
  const searched: (readonly [LookedIn, string])[] = [['application-directory', applicationDirectory]];
  if (systemDirectory !== null) {
    searched.push(['system-directory', systemDirectory]);
    const forwarders = joined(systemDirectory, FORWARDERS);
    if (rootfs.lookup(forwarders).found) searched.push(['system-directory', forwarders]);
    searched.push(['system-directory', '/Windows/System'], ['windows-directory', '/Windows']);
  }
  searched.push(['current-directory', workingDir]);
  for (const directory of pathDirectories(context.environment)) searched.push(['path', directory]);
  const session: Session = {
    rootfs,
    program,
    applicationDirectory,
    systemDirectory,
    searched,
    modules: [],
    byName: new Map(),
    complete: rootfs.complete,
  };
  for (const object of context.process?.objects ?? []) {
    const binary = peOf(object.entry);
    if (binary !== null) session.byName.set(moduleName(object.path), { ...object, binary });
  }
  return session;
}

/** A 32-bit program on 64-bit Windows is shown SysWOW64 as System32 (File System Redirector). */
function systemDirectoryOf(rootfs: Rootfs, program: PeBinary): string | null {
  const wow64 = '/Windows/SysWOW64';
  if (program.bits === 32 && holds(rootfs, `${wow64}/ntdll.dll`)) return wow64;
  const system = '/Windows/System32';
  return ['ntdll.dll', 'kernelbase.dll', 'kernel32.dll'].some((name) => holds(rootfs, `${system}/${name}`))
    ? system
    : null;
}

function holds(rootfs: Rootfs, path: string): boolean {
  return rootfs.lookup(path).found;
}

/** Names of environment variables have no case in Windows. */
export function windowsVariable(environment: Readonly<Record<string, string>>, name: string): string | null {
  const key = Object.keys(environment).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? null : (environment[key] ?? null);
}

function pathDirectories(environment: Readonly<Record<string, string>>): readonly string[] {
  const path = windowsVariable(environment, 'PATH') ?? '';
  const directories = path.split(';').map((each) => each.trim().replace(/^"|"$/g, ''));
  return directories.filter((each) => each !== '').map((each) => slashed(each));
}

/** `C:\app\bin\` as the rootfs spells it: `/app/bin`. */
export function slashed(path: string): string {
  const forward = path.replaceAll('\\', '/').replace(/^[A-Za-z]:/, '');
  return forward.length > 1 ? forward.replace(/\/+$/, '') : forward;
}

function moduleName(path: string): string {
  return nameOf(path).toLowerCase();
}

function addModule(session: Session, module: Module): void {
  session.modules.push(module);
  session.byName.set(moduleName(module.path), module);
}

function loadedObject(session: Session, module: Module): LoadedObject {
  const needed = module.binary.imports.map(({ dll, delayLoaded }) => resolveImport(session, module, dll, delayLoaded));
  if (module.binary.gaps.some(({ part }) => part.includes('import'))) session.complete = false;
  return {
    path: module.path,
    realPath: module.entry.path,
    entry: module.entry,
    loadedBy: module.loadedBy,
    needed,
    missingVersions: [],
  };
}

function resolveImport(session: Session, by: Module, dll: string, delayLoaded: boolean): Resolution {
  const name = withExtension(dll.toLowerCase());
  const resolution = { ...searchModule(session, name), needed: dll, delayLoaded };
  if (resolution.status === 'unknown' && !delayLoaded) session.complete = false;
  if (delayLoaded || resolution.path === null || session.byName.has(name)) return resolution;
  const entry = session.rootfs.lookup(resolution.path);
  const binary = entry.found ? peOf(entry.entry) : null;
  if (!entry.found || binary === null) return resolution;
  if (session.modules.length >= MAX_MODULES) session.complete = false;
  else addModule(session, { path: resolution.path, entry: entry.entry, binary, loadedBy: by.path });
  return resolution;
}

/** A name without extension gets `.dll`; one that ends in a dot keeps none (LoadLibraryW, "Remarks"). */
function withExtension(name: string): string {
  if (name.endsWith('.')) return name.slice(0, -1);
  return name.includes('.') ? name : `${name}.dll`;
}

type Answer = Omit<Resolution, 'needed' | 'delayLoaded'>;

const nothing = { path: null, realPath: null, links: [] } as const;

function searchModule(session: Session, name: string): Answer {
  if (API_SET.test(name)) {
    return { ...nothing, status: 'builtin', trail: [{ lookedIn: 'api-set', directory: '', saw: 'match' }] };
  }
  const loaded = session.byName.get(name);
  if (loaded !== undefined) {
    const trail = [{ lookedIn: 'already-loaded', directory: loaded.path, saw: 'match' }] as const;
    return { path: loaded.path, realPath: loaded.entry.path, links: [], status: 'found', trail };
  }
  const trail: ResolutionStep[] = [];
  return (
    sideBySide(session, name, trail) ??
    knownDll(session, name, trail) ??
    inDirectories(session, name, trail) ?? {
      ...nothing,
      trail,
      // What the base layers hold is not in the archive.
      status: session.systemDirectory === null || !session.rootfs.complete ? 'unknown' : 'missing',
    }
  );
}

/** KnownDLLs are not searched for: the system's copy, or on Nano Server its forwarder. */
function knownDll(session: Session, name: string, trail: ResolutionStep[]): Answer | null {
  if (!KNOWN_DLLS.has(name) && name !== SYSTEM_CRT) return null;
  if (session.systemDirectory === null) {
    trail.push({ lookedIn: 'guest-system', directory: '/Windows/System32', saw: 'unreadable' });
    return { ...nothing, trail, status: 'builtin' };
  }
  for (const directory of [session.systemDirectory, joined(session.systemDirectory, FORWARDERS)]) {
    const lookup = session.rootfs.lookup(joined(directory, name));
    if (!lookup.found) continue;
    return taken(session, 'known-dll', directory, joined(directory, name), lookup, trail);
  }
  trail.push({ lookedIn: 'known-dll', directory: session.systemDirectory, saw: 'nothing' });
  return null;
}

/** Assemblies of the program's manifest: beside the program, or in WinSxS (Assembly Searching Sequence). */
function sideBySide(session: Session, name: string, trail: ResolutionStep[]): Answer | null {
  for (const { name: assembly } of session.program.manifest?.dependencies ?? []) {
    const directories = [joined(session.applicationDirectory, assembly), ...sharedAssemblies(session.rootfs, assembly)];
    for (const directory of directories) {
      const path = joined(directory, name);
      const lookup = session.rootfs.lookup(path);
      if (lookup.found) return taken(session, 'side-by-side', directory, path, lookup, trail);
    }
  }
  return null;
}

function sharedAssemblies(rootfs: Rootfs, assembly: string): readonly string[] {
  const wanted = `_${assembly.toLowerCase()}_`;
  const store = '/Windows/WinSxS';
  const names = rootfs.names(store).filter((name) => name.toLowerCase().includes(wanted));
  return names.map((name) => joined(store, name));
}

/** The first file of that name is final: one for another machine ends the start with 0xC000007B. */
function inDirectories(session: Session, name: string, trail: ResolutionStep[]): Answer | null {
  for (const [lookedIn, directory] of session.searched) {
    const path = joined(directory, name);
    const lookup = session.rootfs.lookup(path);
    if (lookup.found && lookup.entry.type === 'file') return taken(session, lookedIn, directory, path, lookup, trail);
    trail.push({ lookedIn, directory, saw: !lookup.found && lookup.reason === 'unknown' ? 'unreadable' : 'nothing' });
  }
  return null;
}

function taken(
  session: Session,
  lookedIn: LookedIn,
  directory: string,
  path: string,
  lookup: Opened,
  trail: ResolutionStep[],
): Answer {
  const saw = sawIn(lookup.entry, session.program);
  trail.push({ lookedIn, directory, saw });
  if (saw === 'match') return { path, realPath: lookup.realPath, links: lookup.links, trail, status: 'found' };
  return { ...nothing, trail, status: saw === 'unreadable' ? 'unknown' : 'missing' };
}

function sawIn(entry: RootfsEntry, program: PeBinary): ResolutionStep['saw'] {
  const binary = peOf(entry);
  if (binary === null) {
    const { content } = entry;
    return content === null || content.kind === 'damaged' ? 'unreadable' : 'not-a-binary';
  }
  if (binary.clr?.anyCpu === true || binary.machine === program.machine) return 'match';
  // ARM64EC and ARM64X files serve x64 programs, and ARM64X ones those of ARM64 too.
  if (binary.hybrid !== null && (program.machine === 'x86_64' || program.machine === 'aarch64')) return 'match';
  return binary.bits === program.bits ? 'wrong-machine' : 'wrong-class';
}
