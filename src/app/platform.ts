import { goarchOfUname } from '../host/machines.js';
import type { Binary } from '../model/binary.js';
import type { Image, Platform } from '../model/image.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';

/** Files that every root filesystem has one of: what they are says what the whole is. */
const TELLING = ['/bin/sh', '/usr/bin/env', '/bin/busybox', '/sbin/init', '/Windows/System32/kernel32.dll'];

/** Binaries looked at before giving up on an answer. */
const MAX_LOOKED_AT = 64;

/**
 * An image without a config (a root filesystem, a single file) declares no platform; what its binaries are made for
 * stands in for it. An image that declares one keeps it, right or wrong.
 */
export function withInferredPlatform(image: Image, rootfs: Rootfs): Image {
  const { platform } = image;
  if (platform.os !== '' && platform.architecture !== '') return image;
  const binary = tellingBinary(image, rootfs);
  if (binary === null) return { ...image, platform: { ...platform, os: platform.os === '' ? 'linux' : platform.os } };
  const inferred = platformOf(binary);
  return {
    ...image,
    platform: {
      ...platform,
      os: platform.os === '' ? inferred.os : platform.os,
      architecture: platform.architecture === '' ? inferred.architecture : platform.architecture,
      variant: platform.variant ?? inferred.variant,
    },
  };
}

function tellingBinary(image: Image, rootfs: Rootfs): Binary | null {
  const first = image.config.entrypoint[0] ?? image.config.cmd[0];
  for (const path of [...(first === undefined ? [] : [first]), ...TELLING]) {
    const found = rootfs.lookup(path);
    const binary = found.found ? binaryOf(found.entry) : null;
    if (binary !== null) return binary;
  }
  let looked = 0;
  for (const entry of rootfs.entries()) {
    const binary = binaryOf(entry);
    if (binary !== null) return binary;
    if (entry.type === 'file' && ++looked > MAX_LOOKED_AT) break;
  }
  return null;
}

function binaryOf(entry: RootfsEntry): Binary | null {
  return entry.content?.kind === 'binary' ? entry.content.binary : null;
}

const SYSTEMS: Readonly<Record<Binary['format'], string>> = { elf: 'linux', pe: 'windows', 'mach-o': 'darwin' };

function platformOf(binary: Binary): Pick<Platform, 'os' | 'architecture' | 'variant'> {
  const os = binary.format === 'elf' && binary.osAbi === 'freebsd' ? 'freebsd' : SYSTEMS[binary.format];
  const version = binary.format === 'elf' ? binary.arm?.cpuArch : null;
  const variant = binary.machine === 'arm' && version !== undefined && version !== null ? version.slice(0, 2) : null;
  return { os, architecture: goarchOfUname(binary.machine).architecture, variant };
}
