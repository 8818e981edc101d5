import type { Rootfs } from '../model/rootfs.js';
import type { AddonName } from './addons.js';

/**
 * File names of extension modules (PEP 3149 and sysconfig's EXT_SUFFIX): `_x.cpython-311-x86_64-linux-gnu.so`,
 * `_x.cpython-312-darwin.so`, `_x.cp311-win_amd64.pyd`. `abi3` ones and names without a tag say nothing.
 */
const TAGGED = /^(.+?)\.(?:cpython-(\d)(\d+)[a-z]*(?:-([a-z0-9_-]+))?|cp(\d)(\d+)[a-z]*-([a-z0-9_]+))\.(?:so|pyd)$/;

/** What the path of a Python extension module says; null for other files. */
export function pythonExtension(path: string): AddonName | null {
  const slash = path.lastIndexOf('/');
  const match = TAGGED.exec(path.slice(slash + 1));
  if (match === null) return null;
  const [, module = '', unixMajor, unixMinor, unixPlatform, major, minor, platform] = match;
  const says = unixPlatform ?? platform ?? null;
  return {
    language: 'python',
    family: `python ${path.slice(0, slash + 1)}${module}`,
    package: packageOf(path, module),
    platform: says,
    libc: says === null ? null : says.endsWith('-musl') ? 'musl' : says.includes('linux-gnu') ? 'glibc' : null,
    interpreter: `${unixMajor ?? major ?? ''}.${unixMinor ?? minor ?? ''}`,
  };
}

/** First directory below `site-packages`, or the module itself. */
function packageOf(path: string, module: string): string {
  const below = /\/(?:site|dist)-packages\/([^/]+)\//.exec(path)?.[1];
  return below ?? module;
}

/** Versions of the Pythons of the image, by the names of their programs: `3.11` of `python3.11`. */
export function pythonVersions(rootfs: Rootfs): ReadonlySet<string> {
  const versions = new Set<string>();
  for (const { path, type } of rootfs.entries()) {
    if (type === 'directory') continue;
    const version = /\/python(\d\.\d+)$/.exec(path)?.[1];
    if (version !== undefined) versions.add(version);
  }
  return versions;
}
