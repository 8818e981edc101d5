import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A data file with the name that messages show. */
export interface DataFile {
  /** `rules/arch/machine-not-runnable.yaml` */
  readonly path: string;
  readonly text: string;
}

/** The folder that package.json is in, from `src/app` and `dist/app` alike. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** Folders of `rules/` that hold no rules. */
const NO_AREAS = new Set(['hosts', 'routes', 'knowledge']);

/** Version of this package. */
export function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0.0.0';
}

export function ruleFiles(): readonly DataFile[] {
  const areas = readdirSync(join(PACKAGE, 'rules'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NO_AREAS.has(entry.name))
    .map((entry) => entry.name)
    .sort();
  return areas.flatMap((area) => yamlFiles(join(PACKAGE, 'rules', area), PACKAGE));
}

export function hostFiles(): readonly DataFile[] {
  return yamlFiles(join(PACKAGE, 'rules', 'hosts'), PACKAGE);
}

export function routeFiles(): readonly DataFile[] {
  return yamlFiles(join(PACKAGE, 'rules', 'routes'), PACKAGE);
}

/** Text of one file of `rules/knowledge`. */
export function knowledgeText(name: string): string {
  return readFileSync(join(PACKAGE, 'rules', 'knowledge', name), 'utf8');
}

/** The YAML files of a folder, sorted, named relative to `base`. */
export function yamlFiles(folder: string, base: string): readonly DataFile[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({
      path: relative(base, join(folder, name)).replaceAll('\\', '/'),
      text: readFileSync(join(folder, name), 'utf8'),
    }));
}
