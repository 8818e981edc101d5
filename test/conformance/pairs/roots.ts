import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installedPackages, debianRoot, once, unpackedPackages } from './debian.js';
import { lay } from './overlay.js';
import { sharedLayer, type LayerArchive } from './layout.js';
import { run } from './command.js';
import type { Base } from './pair.js';

/** A base as folders to mount and as archives of an image, lowest first. */
export interface BaseLayers {
  readonly folders: readonly string[];
  readonly archives: readonly LayerArchive[];
}

type OverBookworm = 'node' | 'python' | 'java' | 'wrappers';

/** Packages that are installed over bookworm. */
const OVER_BOOKWORM: Readonly<Record<OverBookworm, readonly string[]>> = {
  node: ['nodejs'],
  python: ['python3-minimal'],
  java: ['openjdk-17-jre-headless'],
  wrappers: ['tini', 'gosu', 'dumb-init'],
};

const known = new Map<Base, BaseLayers>();

export function baseLayers(base: Base): BaseLayers {
  const made = known.get(base) ?? makeBase(base);
  known.set(base, made);
  return made;
}

function makeBase(base: Base): BaseLayers {
  if (base === 'empty') return { folders: [], archives: [] };
  if (isOverBookworm(base)) {
    const packages = OVER_BOOKWORM[base];
    const bookworm = baseLayers('bookworm');
    const folder = installedPackages('bookworm', debianRoot('bookworm'), packages);
    const archive = sharedLayer(
      folder,
      `bookworm-with-${packages.join('-')}`,
      `RUN apt-get install -y ${packages.join(' ')}`,
    );
    return { folders: [...bookworm.folders, folder], archives: [...bookworm.archives, archive] };
  }
  const folder = rootFolder(base);
  return { folders: [folder], archives: [sharedLayer(folder, base, 'ADD rootfs.tar / # buildkit')] };
}

function isOverBookworm(base: Base): base is OverBookworm {
  return Object.hasOwn(OVER_BOOKWORM, base);
}

function rootFolder(base: Exclude<Base, 'empty' | OverBookworm>): string {
  if (base === 'musl') return muslRoot();
  if (base === 'arm64' || base === 'armhf' || base === 'i386') {
    return unpackedPackages('bookworm', base, ['libc6', 'dash', 'busybox']);
  }
  return debianRoot(base);
}

/** musl's loader and a static busybox: what Alpine is, from Debian's packages. */
export function muslRoot(): string {
  const packages = unpackedPackages('bookworm', 'amd64', ['musl', 'busybox-static']);
  return once('roots', 'musl', (folder) => {
    lay(packages)(folder);
    for (const path of ['etc', 'tmp', 'usr/bin', 'usr/local/lib']) mkdirSync(join(folder, path), { recursive: true });
    const applets = run(join(folder, 'bin/busybox'), ['--list']).trim().split('\n');
    for (const name of applets.filter((each) => each !== 'busybox'))
      symlinkSync('/bin/busybox', join(folder, 'bin', name));
  });
}
