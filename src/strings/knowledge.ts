import type { Result } from '../model/result.js';
import { err, ok } from '../model/result.js';

/** What is known of paths, keys and APIs: the content of `rules/knowledge/`, indexed for look-up. */
export interface Knowledge {
  /** Path → class (`rules/knowledge/linux-paths.json`). */
  readonly linuxPaths: ReadonlyMap<string, string>;
  /** Upper-cased `HKLM\SOFTWARE\…` → group. */
  readonly registryKeys: ReadonlyMap<string, string>;
  /** Imported symbol → class. */
  readonly linuxApis: ReadonlyMap<string, string>;
  /** Imported name, `A`/`W` cut → class. */
  readonly windowsApis: ReadonlyMap<string, string>;
}

/** File of `rules/knowledge/` → its text. */
export type KnowledgeFiles = Readonly<Record<keyof typeof KNOWLEDGE_FILES, string>>;

export const KNOWLEDGE_FILES = {
  linuxPaths: 'linux-paths.json',
  registryKeys: 'registry-keys.json',
  linuxApis: 'linux-apis.json',
  windowsApis: 'windows-apis.json',
} as const;

/** Reads the knowledge files; the error names the file and what its records lack. */
export function parseKnowledge(files: KnowledgeFiles): Result<Knowledge, string> {
  const linuxPaths = index(files.linuxPaths, (record) => [record['path'], record['class']]);
  const registryKeys = index(files.registryKeys, (record) => [registryName(record), record['group']]);
  const linuxApis = index(files.linuxApis, (record) => [record['name'], record['class']]);
  const windowsApis = index(files.windowsApis, (record) => [withoutCharset(record['name']), record['class']]);
  if (!linuxPaths.ok) return err(`${KNOWLEDGE_FILES.linuxPaths}: ${linuxPaths.error}`);
  if (!registryKeys.ok) return err(`${KNOWLEDGE_FILES.registryKeys}: ${registryKeys.error}`);
  if (!linuxApis.ok) return err(`${KNOWLEDGE_FILES.linuxApis}: ${linuxApis.error}`);
  if (!windowsApis.ok) return err(`${KNOWLEDGE_FILES.windowsApis}: ${windowsApis.error}`);
  return ok({
    linuxPaths: linuxPaths.value,
    registryKeys: registryKeys.value,
    linuxApis: linuxApis.value,
    windowsApis: windowsApis.value,
  });
}

/** `RegOpenKeyExW` and `RegOpenKeyExA` are one name (Windows, "Conventions for Function Prototypes"). */
export function withoutCharset(name: unknown): unknown {
  return typeof name === 'string' && /[a-z][AW]$/.test(name) ? name.slice(0, -1) : name;
}

type Row = Readonly<Record<string, unknown>>;

function registryName(record: Row): unknown {
  const { hive, path } = record;
  return typeof hive === 'string' && typeof path === 'string' ? `${hive}\\${path}`.toUpperCase() : undefined;
}

function index(text: string, pair: (record: Row) => readonly [unknown, unknown]): Result<Map<string, string>, string> {
  const found = new Map<string, string>();
  const parsed: unknown = JSON.parse(text);
  if (!isRow(parsed) || !Array.isArray(parsed['records'])) return err('has no list `records`');
  for (const [at, record] of parsed['records'].entries()) {
    const [key, value] = isRow(record) ? pair(record) : [undefined, undefined];
    if (typeof key !== 'string' || typeof value !== 'string') return err(`record ${at} lacks its key or class`);
    found.set(key, value);
  }
  return ok(found);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
