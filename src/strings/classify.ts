import type { Binary } from '../model/binary.js';
import type { Reference } from '../model/reference.js';
import { importedNames } from '../model/symbols.js';
import type { Knowledge } from './knowledge.js';
import { withoutCharset } from './knowledge.js';

/** Class of a string that no record of the knowledge base covers. */
export const UNKNOWN_CLASS = 'other';

/** Shortest parent directory whose class speaks for what is below it: `/proc/sys` does, `/proc` does not. */
const MIN_PARENT_PARTS = 2;

/** Class of a Linux path: its own record's, or that of the nearest directory above it that has one. */
export function classifyLinuxPath(path: string, knowledge: Knowledge): string {
  let candidate = generalise(path);
  for (;;) {
    const found = knowledge.linuxPaths.get(candidate);
    if (found !== undefined) return found;
    const cut = candidate.lastIndexOf('/');
    if (cut <= 0 || candidate.split('/').length - 1 <= MIN_PARENT_PARTS) return UNKNOWN_CLASS;
    candidate = candidate.slice(0, cut);
  }
}

/** `/proc/%d/stat`, `/proc/1/stat` and `/proc/$PID/stat` are `/proc/self/stat`; a slash at the end says nothing. */
export function generalise(path: string): string {
  return path
    .replace(/\/+/g, '/')
    .replace(/^\/proc\/(?:%[a-z0-9]{1,4}|\d+|\$\{?\w+\}?|\{\w*\}|thread-self)(?=\/|$)/, '/proc/self')
    .replace(/(.)\/$/, '$1');
}

/** Group of a registry key: its own record's or the nearest key's above it. */
export function classifyRegistryKey(key: string, knowledge: Knowledge): string {
  let candidate = shortHive(key).toUpperCase();
  for (;;) {
    const found = knowledge.registryKeys.get(candidate);
    if (found !== undefined) return found;
    const cut = candidate.lastIndexOf('\\');
    if (cut <= 0) return 'registry';
    candidate = candidate.slice(0, cut);
  }
}

const HIVES: readonly (readonly [RegExp, string])[] = [
  [/^HKEY_LOCAL_MACHINE(?=\\|$)/i, 'HKLM'],
  [/^HKEY_CURRENT_USER(?=\\|$)/i, 'HKCU'],
  [/^HKEY_CLASSES_ROOT(?=\\|$)/i, 'HKCR'],
  [/^HKEY_USERS(?=\\|$)/i, 'HKU'],
  [/^HKEY_CURRENT_CONFIG(?=\\|$)/i, 'HKCC'],
  [/^\\Registry\\Machine(?=\\|$)/i, 'HKLM'],
];

/** `HKEY_LOCAL_MACHINE\X` → `HKLM\X`; a path without a hive (`SOFTWARE\X`) is one of the machine's. */
export function shortHive(key: string): string {
  for (const [pattern, hive] of HIVES) {
    if (pattern.test(key)) return key.replace(pattern, hive);
  }
  return /^HK[A-Z]{1,3}\\/i.test(key) ? key : `HKLM\\${key}`;
}

/** Imports whose class says something of the kernel, in the file's order, each name once. */
export function classifyImports(binary: Binary, knowledge: Knowledge): readonly Reference[] {
  switch (binary.format) {
    case 'elf':
      return importedNames(binary).flatMap((name) => {
        const found = knowledge.linuxApis.get(name);
        return found === undefined ? [] : [importOf('linux-api', name, found, null)];
      });
    case 'pe':
      return binary.imports.flatMap(({ dll, names }) =>
        names.flatMap((name) => {
          const key = withoutCharset(name);
          const found = typeof key === 'string' ? knowledge.windowsApis.get(key) : undefined;
          return found === undefined ? [] : [importOf('windows-api', name, found, dll)];
        }),
      );
    case 'mach-o':
      return [];
  }
}

function importOf(kind: Reference['kind'], value: string, cls: string, library: string | null): Reference {
  return { kind, value, class: cls, offset: null, encoding: 'import', library };
}
