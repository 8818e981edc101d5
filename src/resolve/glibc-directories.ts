import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { GlibcPort } from './constants.js';
import { directoryOf, nameOf } from './paths.js';

/** Directories that were compiled into one ld.so. */
export interface SystemDirectories {
  readonly directories: readonly string[];
  /** What `$LIB` stands for. */
  readonly lib: string;
  /** Where its ld.so.cache lies. */
  readonly cachePath: string;
}

const memo = new WeakMap<Rootfs, Map<string, SystemDirectories>>();

/**
 * The directories are strings in the loader's code that nothing points to, so they are told by where the loader lies:
 *
 *   Debian and its kin   in `…/lib/<triplet>`, or beside a `lib/<triplet>` that holds the libc
 *   Nix, Guix, others    in a directory of their own: that one, and its cache is in `../etc`
 *   everyone else        `/lib64:/usr/lib64` (or `/lib:/usr/lib`), as upstream
 */
export function systemDirectories(rootfs: Rootfs, loader: RootfsEntry, port: GlibcPort): SystemDirectories {
  let ofRootfs = memo.get(rootfs);
  if (ofRootfs === undefined) memo.set(rootfs, (ofRootfs = new Map<string, SystemDirectories>()));
  const key = `${loader.path}\0${port.machine}${port.bits}`;
  let directories = ofRootfs.get(key);
  if (directories === undefined) ofRootfs.set(key, (directories = byLayout(rootfs, loader, port)));
  return directories;
}

const STANDARD_CACHE = '/etc/ld.so.cache';

function byLayout(rootfs: Rootfs, loader: RootfsEntry, port: GlibcPort): SystemDirectories {
  const home = directoryOf(loader.path);
  const triplet = port.triplets.find((each) => nameOf(home) === each) ?? tripletWithLibc(rootfs, port);
  if (triplet !== undefined && isStandard(home, port)) {
    return {
      directories: [`/lib/${triplet}`, `/usr/lib/${triplet}`, '/lib', '/usr/lib'],
      lib: `lib/${triplet}`,
      cachePath: STANDARD_CACHE,
    };
  }
  if (!isStandard(home, port)) {
    return { directories: [home], lib: nameOf(home), cachePath: `${directoryOf(home)}/etc/ld.so.cache` };
  }
  // Arch and others build with `--libdir=/usr/lib`, and link lib64 to it.
  const lib = home.endsWith('/lib') && port.lib !== 'lib' && !holdsLibc(rootfs, `/${port.lib}`) ? 'lib' : port.lib;
  return { directories: [`/${lib}`, `/usr/${lib}`], lib, cachePath: STANDARD_CACHE };
}

function isStandard(home: string, port: GlibcPort): boolean {
  const inner = home.replace(/^\/usr(?=\/)/, '');
  return /^\/lib(?:32|64|x32)?(?:\/lp64d?)?$/.test(inner) || port.triplets.some((each) => inner === `/lib/${each}`);
}

function tripletWithLibc(rootfs: Rootfs, port: GlibcPort): string | undefined {
  return port.triplets.find((each) => holdsLibc(rootfs, `/lib/${each}`) || holdsLibc(rootfs, `/usr/lib/${each}`));
}

function holdsLibc(rootfs: Rootfs, directory: string): boolean {
  return rootfs.lookup(`${directory}/libc.so.6`).found;
}
