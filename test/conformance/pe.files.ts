import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const HEAD_BYTES = 4096;

/** Files below a folder whose first bytes are wanted; links not followed, each inode once, sorted by path. */
export function filesBelow(folder: string, wanted: (head: Uint8Array) => boolean): readonly string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile()) continue;
      const { dev, ino } = lstatSync(path);
      const key = `${dev}:${ino}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (wanted(headOf(path))) found.push(path);
    }
  };
  walk(folder);
  return found.sort();
}

function headOf(path: string): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
