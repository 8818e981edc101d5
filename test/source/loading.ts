/** Options and readings for the tests of sources. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { mergeLayers } from '../../src/image/merge.js';
import type { FileCollector } from '../../src/model/collector.js';
import { XosError } from '../../src/model/error.js';
import type { LoadedImage, LoadedSource, LoadOptions } from '../../src/model/load.js';
import { loadImages } from '../../src/source/load.js';

export const HOST = { os: 'linux', architecture: 'amd64', variant: null, osVersion: null, osFeatures: [] } as const;

/** Keeps the text of every file. */
export const textCollector: FileCollector = {
  version: 'test',
  interested: () => true,
  want: () => 'whole',
  collect: (file, view) => ({
    kind: 'text',
    head: 'text',
    text: Buffer.from(view.read(0, file.size)).toString('latin1'),
    truncated: false,
    references: [],
  }),
};

export const LIMITS = {
  entries: 100_000,
  pathBytes: 4096,
  layerBytes: 2 ** 33,
  compressionRatio: 1000,
  manifestBytes: 4 * 1024 * 1024,
  retainedBytes: 64 * 1024 * 1024,
} as const;

async function* noBytes(): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield new Uint8Array(0);
}

/** Bytes in pieces of a size that does not fit anything. */
export async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

export function optionsOf(change: Partial<LoadOptions> = {}): LoadOptions {
  return {
    platform: null,
    allPlatforms: false,
    preferred: HOST,
    collector: textCollector,
    limits: LIMITS,
    verify: true,
    onProgress: () => undefined,
    stdin: noBytes(),
    ...change,
  };
}

export function load(reference: string, change: Partial<LoadOptions> = {}): Promise<LoadedSource> {
  return loadImages(reference, optionsOf(change));
}

/** Loads `-` from bytes. */
export function loadFromStdin(
  bytes: Uint8Array,
  reference = '-',
  change: Partial<LoadOptions> = {},
): Promise<LoadedSource> {
  return load(reference, { ...change, stdin: pieces(bytes) });
}

/** A directory that is gone after the test. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'xoscheck-source-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file with these bytes, gone after the test. */
export function fileOf(bytes: Uint8Array | string, name = 'image'): string {
  const path = join(scratch(), name);
  writeFileSync(path, bytes);
  return path;
}

export function only(source: LoadedSource): LoadedImage {
  const [image] = source.images;
  if (image === undefined || source.images.length > 1) throw new Error(`${source.images.length} images, expected one`);
  return image;
}

/** The merged file system as `path: text`, with links as `path -> target`. */
export function listing(loaded: LoadedImage): readonly string[] {
  return [...mergeLayers(loaded.layers, { windows: false }).entries()].map((entry) => {
    if (entry.type === 'symlink') return `${entry.path} -> ${entry.linkTarget ?? ''}`;
    if (entry.type !== 'file') return `${entry.path} ${entry.type}`;
    return `${entry.path}: ${entry.content?.kind === 'text' ? entry.content.text : ''}`;
  });
}

/** `layer 0 digest bad-value`: gaps of the image and of its layers, short enough to compare. */
export function gapsOf(loaded: LoadedImage): readonly string[] {
  const merged = mergeLayers(loaded.layers, { windows: false });
  return [...loaded.gaps, ...merged.gaps].map((gap) => `layer ${gap.layer ?? '-'} ${gap.part} ${gap.error.kind}`);
}

export function isComplete(loaded: LoadedImage): boolean {
  return mergeLayers(loaded.layers, { windows: false }).complete;
}

/** Waits for the error that a user would see. */
export async function refusal(loading: Promise<LoadedSource>): Promise<XosError> {
  try {
    await loading;
  } catch (cause) {
    if (cause instanceof XosError) return cause;
    throw cause;
  }
  throw new Error('the image was loaded, expected an error');
}
