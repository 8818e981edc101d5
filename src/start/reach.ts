import type { Closure } from '../model/resolution.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { Reach, StartPath, StartProgram } from '../model/start.js';
import type { LoaderFile } from '../resolve/index.js';
import { elfOf } from '../resolve/loader.js';

/** A process of the start path that loads plug-ins. */
export interface HostProcess {
  readonly family: Family;
  readonly closure: Closure;
  readonly interpreter: LoaderFile | null;
}

type Family = 'node' | 'python' | 'java' | 'ruby' | 'perl' | 'php' | 'dotnet' | 'glibc';

export interface Reached {
  readonly reach: (entry: RootfsEntry) => Reach;
  readonly processes: readonly HostProcess[];
}

/** Places of files that a family loads while it runs, by their paths. */
const PLUGINS: readonly { readonly family: Family; readonly path: RegExp }[] = [
  { family: 'node', path: /\.node$/ },
  { family: 'node', path: /\/node_modules\/.*\.so(?:\.\d+)*$/ },
  { family: 'python', path: /\/(?:lib-dynload|site-packages|dist-packages)\/.*\.so(?:\.\d+)*$/ },
  { family: 'java', path: /\/(?:jvm|jre|jdk|java)[^/]*\/(?:.*\/)?lib\/.*\.so$/ },
  { family: 'java', path: /\/jni\/[^/]+\.so$/ },
  { family: 'ruby', path: /\/(?:ruby|gems)\/.*\.so$/ },
  { family: 'perl', path: /\/perl[^/]*\/.*\/auto\/.*\.so$/ },
  { family: 'php', path: /\/php[^/]*\/.*\.so$/ },
  { family: 'dotnet', path: /\/(?:dotnet|runtimes)\/.*\.(?:so|dll)$/ },
  { family: 'glibc', path: /\/gconv\/[^/]+\.so$/ },
  { family: 'glibc', path: /\/libnss_[\w-]+\.so(?:\.\d+)*$/ },
];

/** Programs by name that belong to a family. */
const FAMILIES: readonly { readonly family: Family; readonly name: RegExp }[] = [
  { family: 'node', name: /^(?:node|nodejs)$/ },
  { family: 'python', name: /^(?:python|pypy)[\d.]*$/ },
  { family: 'java', name: /^java$/ },
  { family: 'ruby', name: /^ruby[\d.]*$/ },
  { family: 'perl', name: /^perl[\d.]*$/ },
  { family: 'php', name: /^php(?:-fpm|-cgi)?[\d.]*$/ },
  { family: 'dotnet', name: /^dotnet$/ },
];

const STRENGTH: Readonly<Record<Reach, number>> = { start: 2, later: 1, present: 0 };

/**
 * How each binary is reached: `start` where a program of the chain, or its loader, maps it; `later` where a command on
 * the way does, or a runtime of the start path loads such files by itself; else `present`.
 */
export function reachOf(start: StartPath, rootfs: Rootfs): Reached {
  const reaches = new Map<string, Reach>();
  const raise = (path: string, reach: Reach): void => {
    const known = reaches.get(path);
    if (known === undefined || STRENGTH[reach] > STRENGTH[known]) reaches.set(path, reach);
  };
  const ofPrograms = programReaches(start.programs);
  for (const [index, program] of start.programs.entries()) {
    const reach = ofPrograms[index] ?? 'later';
    if (program.lookup.found) raise(program.lookup.realPath, reach);
    if (program.interpreter?.lookup.found === true) raise(program.interpreter.lookup.realPath, reach);
    for (const object of program.closure?.objects ?? []) raise(object.realPath, reach);
  }
  for (const { lookup, from } of start.files) {
    if (lookup.found) raise(lookup.realPath, ofPrograms[from] ?? 'later');
  }
  const processes = processesOf(start, ofPrograms, rootfs);
  const families = new Set(processes.map(({ family }) => family));
  const bringLibraries = librariesOfPlugins(rootfs, families);
  const reach = (entry: RootfsEntry): Reach => {
    const known = reaches.get(entry.path) ?? reaches.get(entry.hardlinkOf ?? entry.path);
    if (known !== undefined) return known;
    return loadedLater(entry, families) || bringLibraries.has(entry.path) ? 'later' : 'present';
  };
  return { reach, processes };
}

/**
 * A command that a script runs on the way is `later`: its failure may be ignored. What a program leads to is never
 * reached more surely than itself.
 */
export function programReaches(programs: readonly StartProgram[]): readonly Reach[] {
  const reaches: Reach[] = [];
  for (const program of programs) {
    const parent = program.from === null ? 'start' : (reaches[program.from] ?? 'later');
    const own: Reach = program.executedAs === 'command' ? 'later' : 'start';
    reaches.push(STRENGTH[own] < STRENGTH[parent] ? own : parent);
  }
  return reaches;
}

function processesOf(start: StartPath, reaches: readonly Reach[], rootfs: Rootfs): readonly HostProcess[] {
  const processes: HostProcess[] = [];
  for (const [index, program] of start.programs.entries()) {
    const { lookup, closure, interpreter } = program;
    if (!lookup.found || closure === null || reaches[index] !== 'start') continue;
    const file =
      interpreter?.lookup.found === true ? { path: interpreter.path, entry: interpreter.lookup.entry } : null;
    const family = familyOf(program);
    if (family !== null) processes.push({ family, closure: withLaunched(closure, family, rootfs), interpreter: file });
    if (closure.loader === 'glibc') processes.push({ family: 'glibc', closure, interpreter: file });
  }
  return processes;
}

/** Where a JDK has its virtual machine, from the directory of the launcher (jdk.internal, `libjli`); the second is that of Java 8. */
const VIRTUAL_MACHINES = [
  '../lib/server/libjvm.so',
  '../lib/amd64/server/libjvm.so',
  '../lib/aarch64/server/libjvm.so',
];

/** The launcher of Java loads the virtual machine by its path; what is loaded later needs it by its soname. */
function withLaunched(closure: Closure, family: Family, rootfs: Rootfs): Closure {
  const [program] = closure.objects;
  if (family !== 'java' || program === undefined) return closure;
  const home = program.realPath.replace(/\/[^/]*$/, '');
  const found = VIRTUAL_MACHINES.flatMap((path) => {
    const lookup = rootfs.lookup(`${home}/${path}`);
    return lookup.found ? [lookup.entry] : [];
  });
  const objects = found.map((entry) => ({
    path: entry.path,
    realPath: entry.path,
    entry,
    loadedBy: program.path,
    needed: [],
    missingVersions: [],
  }));
  return { ...closure, objects: [...closure.objects, ...objects] };
}

function familyOf({ requested, lookup }: StartProgram): Family | null {
  const names = [requested, lookup.found ? lookup.realPath : ''].map((path) =>
    path.replace(/^.*[\\/]/, '').replace(/\.exe$/i, ''),
  );
  return FAMILIES.find(({ name }) => names.some((each) => name.test(each)))?.family ?? null;
}

function loadedLater(entry: RootfsEntry, families: ReadonlySet<Family>): boolean {
  return PLUGINS.some(({ family, path }) => families.has(family) && path.test(entry.path));
}

/** Libraries that lie beside plug-ins in a directory of their own, as wheels have them (`numpy.libs/`). */
function librariesOfPlugins(rootfs: Rootfs, families: ReadonlySet<Family>): ReadonlySet<string> {
  const found = new Set<string>();
  if (!families.has('python')) return found;
  for (const { path, type } of rootfs.entries()) {
    if (type === 'file' && /\/[^/]+\.libs\/[^/]+\.so[^/]*$/.test(path)) found.add(path);
  }
  return found;
}

/** True for a library that programs load by name while they run. */
export function isPlugin(entry: RootfsEntry): boolean {
  const elf = elfOf(entry);
  return elf?.kind === 'shared-object' && PLUGINS.some(({ path }) => path.test(entry.path));
}

/** The process of the start path that loads this plug-in; null where none does. */
export function hostProcess(entry: RootfsEntry, { processes }: Reached): HostProcess | null {
  const families = PLUGINS.filter(({ path }) => path.test(entry.path)).map(({ family }) => family);
  const machine = elfOf(entry)?.machine;
  const fits = processes.find(
    ({ family, closure }) =>
      families.includes(family) &&
      closure.objects[0] !== undefined &&
      elfOf(closure.objects[0].entry)?.machine === machine,
  );
  return fits ?? null;
}
