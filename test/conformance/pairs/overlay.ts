import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { workFolder } from '../support/work.js';
import { run } from './command.js';

/** One change of a root, in the words of a Dockerfile. */
export type Change = (root: string) => void;

/** A file with its mode; parents are made. */
export function put(path: string, content: string | Uint8Array, mode = 0o755): Change {
  return (root) => {
    const full = inside(root, path);
    writeFileSync(full, content);
    chmodSync(full, mode);
  };
}

/** Copies a file of this machine, links followed. */
export function copy(from: string, path: string, mode = 0o755): Change {
  return (root) => {
    run('cp', ['-L', '--remove-destination', from, inside(root, path)]);
    chmodSync(join(root, path), mode);
  };
}

/** Copies a folder over the root. */
export function lay(folder: string, path = '/'): Change {
  return (root) => {
    mkdirSync(join(root, path), { recursive: true });
    run('sh', [
      '-c',
      'tar -cf - -C "$1" . | tar -xpf - --keep-directory-symlink -C "$2"',
      'sh',
      folder,
      join(root, path),
    ]);
  };
}

export function remove(...paths: readonly string[]): Change {
  return (root) => {
    for (const path of paths) rmSync(join(root, path), { recursive: true });
  };
}

export function link(path: string, target: string): Change {
  return (root) => {
    const full = inside(root, path);
    rmSync(full, { force: true });
    symlinkSync(target, full);
  };
}

export function mode(path: string, bits: number): Change {
  return (root) => {
    chmodSync(join(root, path), bits);
  };
}

export function directory(path: string, bits = 0o755): Change {
  return (root) => {
    mkdirSync(inside(root, path), { recursive: true });
    chmodSync(join(root, path), bits);
  };
}

function inside(root: string, path: string): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  return full;
}

/** Mounts layers, lowest first, and changes what the mount shows; the folder `upper` gets the difference. */
export function changeLayers(layers: readonly string[], upper: string, changes: readonly Change[]): void {
  mkdirSync(upper, { recursive: true });
  withMount(layers, upper, (root) => {
    for (const change of changes) change(root);
  });
}

/** Shows layers, lowest first, as one root to a function. What it writes goes to a folder that is thrown away. */
export function withRoot<T>(layers: readonly string[], body: (root: string) => T): T {
  const place = mkdtempSync(join(workFolder('mounts'), 'run-'));
  const upper = join(place, 'upper');
  mkdirSync(upper);
  try {
    return withMount(layers, upper, body);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function withMount<T>(layers: readonly string[], upper: string, body: (root: string) => T): T {
  const place = mkdtempSync(join(workFolder('mounts'), 'mount-'));
  const merged = join(place, 'merged');
  const work = `${upper}.work`;
  for (const folder of [merged, work]) mkdirSync(folder, { recursive: true });
  const empty = join(place, 'empty');
  mkdirSync(empty);
  const lower = layers.length === 0 ? empty : layers.toReversed().join(':');
  run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, merged]);
  try {
    return body(merged);
  } finally {
    run('umount', ['-R', merged]);
    for (const folder of [place, work]) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes an upper directory of OverlayFS as the tar of an OCI layer: a device 0/0 becomes `.wh.NAME`, an opaque
 * directory gets `.wh..wh..opq` (OCI image-spec, layer.md, "Whiteouts"). The folder is changed.
 */
export function layerTar(upper: string, archive: string): void {
  markWhiteouts(upper);
  tarFolder(upper, archive);
}

export function tarFolder(folder: string, archive: string): void {
  run('tar', [
    '--numeric-owner',
    '--xattrs',
    '--xattrs-include=security.*',
    '--sort=name',
    '-cf',
    archive,
    '-C',
    folder,
    '.',
  ]);
}

function markWhiteouts(folder: string): void {
  for (const path of opaqueDirectories(folder)) writeFileSync(join(path, '.wh..wh..opq'), '');
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isCharacterDevice()) continue;
    const path = join(entry.parentPath, entry.name);
    if (lstatSync(path).rdev !== 0) continue;
    unlinkSync(path);
    writeFileSync(join(entry.parentPath, `.wh.${entry.name}`), '');
  }
}

/** Node has no call for extended attributes. */
const OPAQUE_SCRIPT = `
import os, sys
for folder, _, _ in os.walk(sys.argv[1]):
    if 'trusted.overlay.opaque' in os.listxattr(folder): print(folder)
`;

function opaqueDirectories(folder: string): readonly string[] {
  return run('python3', ['-c', OPAQUE_SCRIPT, folder])
    .split('\n')
    .filter((path) => path !== '');
}
