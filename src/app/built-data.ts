import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm run build` makes of the YAML files in `rules/`. */
export const BUILT_DATA = ['rules', 'routes', 'hosts'] as const;
export type BuiltData = (typeof BUILT_DATA)[number];

/** `dist/data`, from `dist/app` and `dist/chunks` alike; for code that runs from `src` there is no such folder. */
const DATA = fileURLToPath(new URL('../data/', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** Text of the data that were built; null where the YAML files must be read. */
export function builtData(name: BuiltData): string | null {
  try {
    const path = join(DATA, `${name}.json`);
    return isOutdated(statSync(path).mtimeMs) ? null : readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/**
 * Digest of the code that analyses files and of what it knows, for the keys of the cache. null where the code that runs
 * is not what the build wrote: then nothing says whether old facts are still what it would find.
 */
export function builtAnalyser(): string | null {
  try {
    const [program, analyser = null] = readFileSync(join(DATA, 'analyser.txt'), 'utf8').trim().split('\n');
    const main = readFileSync(join(DATA, '..', 'commands', 'main.js'));
    return createHash('sha256').update(main).digest('hex') === program ? analyser : null;
  } catch {
    return null;
  }
}

/** In a checkout a YAML file may have been edited since; a package that was installed has no sources. */
function isOutdated(builtAt: number): boolean {
  if (!existsSync(join(PACKAGE, 'src'))) return false;
  const files = readdirSync(join(PACKAGE, 'rules'), { recursive: true, encoding: 'utf8' });
  return files.some((name) => /\.ya?ml$/.test(name) && statSync(join(PACKAGE, 'rules', name)).mtimeMs > builtAt);
}
