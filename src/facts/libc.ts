import type { Binary, VersionDefinition } from '../model/binary.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { StartPath } from '../model/start.js';
import { compareVersions } from '../model/version.js';
import { baseName } from './lookups.js';

/** Family of the program loader that a path belongs to (facts: loader paths of every architecture and libc). */
export function libcOfInterpreter(path: string): 'glibc' | 'musl' | 'other' {
  const name = baseName(path);
  if (name.startsWith('ld-musl-') || name.startsWith('libc.musl-')) return 'musl';
  return /^ld(-linux[a-z0-9_-]*|64|-\d[\d.]*)?\.so(\.\d+)?$/.test(name) ? 'glibc' : 'other';
}

/** libc that a binary was linked with, by what it needs; null where it needs none. */
export function libcNeeded(binary: Binary): 'glibc' | 'musl' | null {
  if (binary.format !== 'elf') return null;
  for (const name of binary.needed) {
    if (name.startsWith('libc.musl-') || name === 'libc.so') return 'musl';
    if (name === 'libc.so.6' || name.startsWith('ld-linux')) return 'glibc';
  }
  return null;
}

/** Functions of _FORTIFY_SOURCE and others that musl does not define; it has `__stack_chk_fail`. */
const GLIBC_ONLY =
  /^(__(?!stack_)\w+_chk|__register_atfork|__res_n?init|__isoc23_\w+|__longjmp_chk|fcntl64|gnu_get_libc_version|__isnan|__isinf)$/;

/** Imports that musl cannot satisfy (musl, functional differences from glibc). */
export function glibcOnlyImports(imports: readonly string[]): readonly string[] {
  return imports.filter((name) => GLIBC_ONLY.test(name));
}

const LOADER_DIRECTORIES = ['/lib', '/lib64', '/lib32', '/libx32', '/usr/lib', '/usr/lib64'];

/** Families whose program loader lies at one of its usual places. A link to musl's loader is musl (gcompat too). */
export function libcsOf(rootfs: Rootfs): ReadonlySet<'glibc' | 'musl'> {
  const families = new Set<'glibc' | 'musl'>();
  for (const directory of LOADER_DIRECTORIES) {
    const lookup = rootfs.lookup(directory);
    if (!lookup.found) continue;
    for (const name of rootfs.names(lookup.realPath)) {
      if (libcOfInterpreter(name) === 'other') continue;
      const file = rootfs.lookup(`${directory}/${name}`);
      const family = file.found ? libcOfInterpreter(file.realPath) : 'other';
      if (family !== 'other') families.add(family);
    }
  }
  return families;
}

/** Highest version with this prefix among definitions: `GLIBC_` → `2.36`; null where none has it. */
export function highestVersion(definitions: readonly VersionDefinition[], prefix: string): string | null {
  let highest: string | null = null;
  for (const { name } of definitions) {
    const version = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (!/^\d+(\.\d+)*$/.test(version)) continue;
    if (highest === null || (compareVersions(version, highest) ?? 0) > 0) highest = version;
  }
  return highest;
}

/**
 * Version of a glibc. Up to 2.33 the file's name says it (`libc-2.31.so`); its highest symbol version may be older, as
 * 2.31 defined no new one on x86_64. From 2.34 on the name says nothing and the definitions do.
 */
export function glibcVersion(path: string, definitions: readonly VersionDefinition[]): string | null {
  return /\/libc-(\d+\.\d+)\.so$/.exec(path)?.[1] ?? highestVersion(definitions, 'GLIBC_');
}

const MULTIARCH = [
  'x86_64-linux-gnu',
  'aarch64-linux-gnu',
  'arm-linux-gnueabihf',
  'arm-linux-gnueabi',
  'i386-linux-gnu',
  'riscv64-linux-gnu',
  's390x-linux-gnu',
  'powerpc64le-linux-gnu',
  'mips64el-linux-gnuabi64',
  'loongarch64-linux-gnu',
];

/** The libc.so.6 that the start path maps; where it maps none, the one at a usual place. */
export function findGlibc(rootfs: Rootfs, start: StartPath): RootfsEntry | null {
  for (const program of start.programs) {
    for (const object of program.closure?.objects ?? []) {
      if (isGlibc(object.entry, object.path)) return object.entry;
    }
  }
  const directories = [...MULTIARCH.map((triplet) => `/lib/${triplet}`), '/lib64', '/lib', '/usr/lib64', '/usr/lib'];
  for (const directory of directories) {
    const lookup = rootfs.lookup(`${directory}/libc.so.6`);
    if (lookup.found) return lookup.entry;
  }
  return null;
}

function isGlibc(entry: RootfsEntry, path: string): boolean {
  return baseName(path) === 'libc.so.6' || baseName(entry.path) === 'libc.so.6';
}
