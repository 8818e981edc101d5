import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './work.js';

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity: `sha512-<base64>`. */
  readonly integrity: string;
}

/**
 * Fetches the packages of packages.json with npm and unpacks them, once. Returns the folder that holds them all.
 * A package whose content differs from the lock is an error.
 */
export function fetchCorpus(): string {
  const list = readFileSync(new URL('packages.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(list) as { readonly packages: readonly LockedPackage[] };
  const corpus = workFolder('corpus');
  for (const locked of packages) fetchPackage(locked, corpus);
  return corpus;
}

function fetchPackage({ name, version, integrity }: LockedPackage, corpus: string): void {
  const folder = join(corpus, `${name.replace('/', '+')}@${version}`);
  if (existsSync(folder)) return;
  const downloads = workFolder('downloads');
  const packed = execFileSync('npm', ['pack', '--silent', '--json', `${name}@${version}`], {
    cwd: downloads,
    encoding: 'utf8',
  });
  const [first] = JSON.parse(packed) as readonly { readonly filename: string }[];
  const archive = join(downloads, first?.filename ?? '');
  const actual = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (actual !== integrity) throw new Error(`${name}@${version} is ${actual}, locked is ${integrity}`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', partial]);
  rmSync(archive);
  renameSync(partial, folder);
}
