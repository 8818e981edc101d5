import type { ImageAnalysis } from '../model/analysis.js';
import type { FactTree } from '../model/rule.js';
import type { Rootfs } from '../model/rootfs.js';

/** Whether the file system of the container has a file in System32. */
function inSystem32(rootfs: Rootfs, name: string): boolean {
  return rootfs.lookup(`/Windows/System32/${name}`).found;
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
