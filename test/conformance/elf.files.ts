import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { FileView } from '../../src/model/view.js';

/** ELF files below a folder, links not followed, each inode once, sorted by path. */
export function elfFilesBelow(folder: string): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile()) continue;
      const { dev, ino, size } = lstatSync(path);
      const key = `${dev}:${ino}`;
      if (size < 52 || seen.has(key)) continue;
      seen.add(key);
      if (startsAsElf(path)) found.push(path);
    }
  };
  walk(folder);
  return found.sort();
}

function startsAsElf(path: string): boolean {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  readSync(file, head, 0, 4, 0);
  closeSync(file);
  return head.equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46]));
}

/** Calls `use` with positioned reads into one buffer, which every read overwrites, as a view may do. */
export function withFile<T>(path: string, use: (view: FileView) => T): T {
  const file = openSync(path, 'r');
  let buffer = Buffer.alloc(65_536);
  const { size } = fstatSync(file);
  const view: FileView = {
    size,
    read: (at, length) => {
      if (length > buffer.length) buffer = Buffer.alloc(length);
      buffer.fill(0xa5);
      return buffer.subarray(0, readSync(file, buffer, 0, length, at));
    },
  };
  try {
    return use(view);
  } finally {
    closeSync(file);
  }
}
