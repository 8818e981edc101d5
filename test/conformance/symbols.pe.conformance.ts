import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { resolveClosure } from '../../src/resolve/index.js';
import { bindSymbols } from '../../src/resolve/symbols/index.js';
import { hasOracles } from './pe.oracles.js';
import { windowsRootfs } from './symbols.rootfs.js';
import { workFolder } from './support/work.js';

/**
 * Which imports the DLLs of a folder do not export, for all PE files of Wine, against what pefile's tables say; then
 * with DLLs that were exchanged for others, so that much is missing.
 */
const WINE = '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows';
const PEFILE = fileURLToPath(new URL('symbols.pefile.py', import.meta.url));

interface Expected {
  readonly file: string;
  readonly imports: number;
  readonly missing: readonly string[];
}

function pefile(folder: string): readonly Expected[] {
  const output = execFileSync('/usr/bin/python3', [PEFILE, folder], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Expected);
}

function compare(folder: string): void {
  const rootfs = windowsRootfs({ '/Windows/System32': folder });
  const counts = { files: 0, imports: 0, missing: 0 };
  const different = pefile(folder).flatMap(({ file, imports, missing }) => {
    const entry = rootfs.entry(`/Windows/System32/${file}`);
    if (entry?.content?.kind !== 'binary') return [`${file} is not read`];
    const context = { rootfs, environment: {}, workingDir: '/', secure: false };
    const closure = resolveClosure(entry, context);
    const [own] = closure.objects;
    const found = own === undefined ? [] : (bindSymbols(closure, context).missing.get(own) ?? []);
    const ours = found.map(({ name, provider }) => `${provider?.toLowerCase() ?? ''}!${name}`).sort();
    counts.files += 1;
    counts.imports += imports;
    counts.missing += missing.length;
    return JSON.stringify(ours) === JSON.stringify(missing)
      ? []
      : [`${file}: ours ${ours.slice(0, 3).join(' ')} theirs ${missing.slice(0, 3).join(' ')}`];
  });
  console.log(`${folder}: ${JSON.stringify(counts)}, ${different.length} differ`);
  expect(different).toEqual([]);
}

describe.runIf(hasOracles() && existsSync(WINE))('imports that are not exported', () => {
  test('of the files of Wine', () => {
    compare(WINE);
  });

  test('where DLLs have each other’s names', () => {
    const folder = workFolder('symbols', 'exchanged');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const names = readdirSync(WINE).filter((name) => name.endsWith('.dll'));
    // Every twentieth takes the name of the next but one.
    names.forEach((name, index) => {
      cpSync(join(WINE, (index % 20 === 0 ? names[index + 2] : undefined) ?? name), join(folder, name));
    });
    compare(folder);
  });
});
