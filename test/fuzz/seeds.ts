/** Inputs that mutation starts from: built ones that are the same everywhere, and real files where they are there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** Real files over this are not taken: mutation would seldom touch what is read. */
const MAX_REAL_BYTES = 96 * 1024;

/** Small real files of a Debian machine; those that are missing are left out. */
export function realFiles(...paths: readonly string[]): readonly Uint8Array[] {
  return paths
    .filter((path) => existsSync(path) && statSync(path).size <= MAX_REAL_BYTES)
    .map((path) => readFileSync(path));
}

/** The smallest files of a folder of the machine that the test accepts. */
export function smallestIn(
  folder: string,
  count: number,
  accepts: (head: Uint8Array) => boolean,
): readonly Uint8Array[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .map((path) => ({ path, size: statSync(path).size }))
    .filter(({ size }) => size > 0 && size <= MAX_REAL_BYTES)
    .sort((left, right) => left.size - right.size || (left.path < right.path ? -1 : 1));
  const found: Uint8Array[] = [];
  for (const { path } of files) {
    if (found.length >= count) break;
    const bytes = readFileSync(path);
    if (accepts(bytes)) found.push(bytes);
  }
  return found;
}

/** Files of this project by the end of their name: its own rules, profiles and fixtures. */
export function projectFiles(folder: string, ending: string, maxBytes = MAX_REAL_BYTES): readonly Uint8Array[] {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(PROJECT, folder, name))
    .filter((path) => statSync(path).size <= maxBytes)
    .map((path) => readFileSync(path));
}

export function startsWith(...magics: readonly string[]): (head: Uint8Array) => boolean {
  return (head) => magics.some((magic) => Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic);
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}
