import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../src/app/limits.js';
import { readKnowledge } from '../../src/app/knowledge.js';
import { fileCollector } from '../../src/facts/collector.js';
import { mergeLayers } from '../../src/image/merge.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { loadImages } from '../../src/source/load.js';
import { workFolder } from './support/work.js';

/** What is in the image whose programs are compared. */
const PACKAGES = [
  'python3',
  'nginx-light',
  'redis-server',
  'openjdk-17-jre-headless',
  'curl',
  'git',
  'perl',
  'vim-tiny',
  'sqlite3',
  'gdb-minimal',
  'imagemagick',
  'ffmpeg',
];

/** A Debian root file system, made once and kept. */
export function debianRoot(): string {
  const root = join(workFolder('resolve'), 'bookworm');
  if (existsSync(root)) return root;
  const partial = `${root}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const options = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, 'bookworm', partial];
  const made = spawnSync('debootstrap', options, { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`debootstrap ended with ${String(made.status)}: ${made.stderr}`);
  renameSync(partial, root);
  return root;
}

/** A copy in which files may be removed, replaced and added, but not written to: they are links to the original's. */
export function variantOf(root: string, name: string): string {
  const variant = join(workFolder('resolve'), name);
  rmSync(variant, { recursive: true, force: true });
  execFileSync('cp', ['-al', root, variant]);
  return variant;
}

export function emptyRoot(name: string): string {
  const root = join(workFolder('resolve'), name);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  return root;
}

/** The directory as the image's root file system, read with our own source and collector. */
export async function readRoot(root: string): Promise<Rootfs> {
  const loaded = await loadImages(`rootfs:${root}`, {
    platform: null,
    allPlatforms: false,
    preferred: { os: 'linux', architecture: 'amd64', variant: null, osVersion: null, osFeatures: [] },
    collector: fileCollector(readKnowledge(), () => undefined),
    limits: DEFAULT_LIMITS,
    verify: false,
    onProgress: () => undefined,
    stdin: nothing(),
  });
  const [image] = loaded.images;
  if (image === undefined) throw new Error(`${root} is no root file system`);
  return mergeLayers(image.layers, { windows: false });
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* nothing(): AsyncIterable<Uint8Array> {
  yield* [];
}
