import type { ImageAnalysis } from '../model/analysis.js';
import type { FactTree } from '../model/rule.js';
import type { Rootfs } from '../model/rootfs.js';
import { baseName } from './lookups.js';

/** Whether the file system of the container has a file in System32. */
function inSystem32(rootfs: Rootfs, name: string): boolean {
  return rootfs.lookup(`/Windows/System32/${name}`).found;
}

/** Programs that Nano Server and Server Core both have. */
const IN_EVERY_BASE: ReadonlySet<string> = new Set(['cmd', 'cmd.exe']);

/** Where the base puts its programs; a word without a backslash or slash is looked for there too. */
const PLACE_OF_BASE = /^(?:[a-z]:)?[\\/]+(?:windows|program files(?: \(x86\))?)[\\/]/i;

/**
 * Whether a word that leads to nothing in the archive may lead to a program of the Windows base, whose layers are not
 * in it: `every-base`, `some-bases`; null where the base is there, or has no such place.
 */
export function baseProgram(analysis: ImageAnalysis, requested: string): 'every-base' | 'some-bases' | null {
  if (analysis.image.platform.os !== 'windows' || inSystem32(analysis.rootfs, 'ntdll.dll')) return null;
  if (/[\\/]/.test(requested) && !PLACE_OF_BASE.test(requested)) return null;
  return IN_EVERY_BASE.has(baseName(requested).toLowerCase()) ? 'every-base' : 'some-bases';
}

/** Facts of a Windows image. Base layers are often not in an archive; then what they bring is not known. */
export function collectWindowsImage(analysis: ImageAnalysis): FactTree {
  const { image, rootfs } = analysis;
  const version = image.platform.osVersion === '' ? null : image.platform.osVersion;
  const numbers = (version ?? '').split('.').map(Number);
  const number = (index: number): number | null => {
    const value = numbers[index];
    return value === undefined || !Number.isSafeInteger(value) ? null : value;
  };
  const baseInArchive = inSystem32(rootfs, 'ntdll.dll');
  return {
    'os-version': version,
    build: number(2),
    revision: number(3),
    'base-in-archive': baseInArchive,
    base: baseInArchive ? baseOf(rootfs) : 'unknown',
  };
}

/** Nano Server keeps the names of desktop DLLs under System32\forwarders; PowerShell 5.1 comes with Server Core. */
function baseOf(rootfs: Rootfs): string {
  if (inSystem32(rootfs, 'WindowsPowerShell/v1.0/powershell.exe')) return 'servercore';
  return inSystem32(rootfs, 'forwarders') ? 'nanoserver' : 'unknown';
}
