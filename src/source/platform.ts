import type { Platform } from '../model/image.js';
import type { PlatformSelector } from '../model/load.js';

const ARCHITECTURES: Readonly<Record<string, readonly [string, string | null]>> = {
  x86_64: ['amd64', null],
  'x86-64': ['amd64', null],
  aarch64: ['arm64', null],
  i386: ['386', null],
  i486: ['386', null],
  i586: ['386', null],
  i686: ['386', null],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};

/**
 * One spelling for one platform, as containerd has it (containerd/platforms, "Normalize"): arm64 is arm64/v8, amd64
 * is amd64/v1, arm is arm/v7; `uname -m` words are taken too.
 */
export function normalise(platform: PlatformSelector): PlatformSelector {
  const os = platform.os.toLowerCase();
  const written = platform.architecture.toLowerCase();
  const [architecture, implied] = ARCHITECTURES[written] ?? [written, null];
  const variant = variantOf(architecture, platform.variant?.toLowerCase() ?? implied);
  return { os: os === 'macos' ? 'darwin' : os, architecture, variant, osVersion: platform.osVersion };
}

function variantOf(architecture: string, variant: string | null): string | null {
  const spelled = variant === null || variant === '' ? null : /^\d/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'arm64') return spelled ?? 'v8';
  if (architecture === 'amd64') return spelled ?? 'v1';
  if (architecture === 'arm') return spelled ?? 'v7';
  return spelled;
}

/**
 * How far an image's platform is from the wanted one: 0 the same, more for a variant that the wanted machine runs as
 * well (arm/v7 runs v6 and v5), null where it is another platform.
 */
export function distance(image: Platform, wanted: PlatformSelector): number | null {
  const [has, asks] = [normalise(image), normalise(wanted)];
  if (has.os !== asks.os || has.architecture !== asks.architecture) return null;
  if (asks.osVersion !== null && !sameVersion(has.osVersion, asks.osVersion)) return null;
  return variantDistance(has.variant, asks.variant);
}

function variantDistance(has: string | null, asks: string | null): number | null {
  if (has === asks || has === null || asks === null) return has === asks ? 0 : 1;
  const [older, newer] = [generation(has), generation(asks)];
  if (older === null || newer === null) return null;
  return older <= newer ? newer - older : null;
}

/** `v8` → 8, `v8.2` → 8.2. */
function generation(variant: string): number | null {
  const number = /^v(\d{1,2}(?:\.\d{1,2})?)$/.exec(variant)?.[1];
  return number === undefined ? null : Number(number);
}

/** Windows: `10.0.20348` asks for any revision of that build. */
function sameVersion(has: string | null, asks: string): boolean {
  return has !== null && (has === asks || has.startsWith(`${asks}.`));
}

/** `linux/arm/v7`, `windows/amd64:10.0.20348.2582`. */
export function describePlatform(platform: PlatformSelector): string {
  const variant = platform.variant === null || platform.variant === '' ? '' : `/${platform.variant}`;
  const version = platform.osVersion === null || platform.osVersion === '' ? '' : `:${platform.osVersion}`;
  return `${platform.os || 'unknown'}/${platform.architecture || 'unknown'}${variant}${version}`;
}
