import type { HostCpu } from '../../model/host.js';
import { x86Level } from './cpu-level.js';
import type { HostIo } from './io.js';
import { present } from './present.js';

/** The first processor of /proc/cpuinfo; undefined where the file cannot be read. */
export function detectCpu(io: HostIo): HostCpu | undefined {
  const text = io.readFile('/proc/cpuinfo');
  return text === null ? undefined : parseCpuinfo(text);
}

/** x86 prints `flags`, `vendor_id`, `model name`; Arm prints `Features`, `CPU implementer`, `CPU architecture`. */
export function parseCpuinfo(text: string): HostCpu {
  const field = (name: string): string | undefined => new RegExp(`^${name}\\s*: ?(.*)$`, 'm').exec(text)?.[1]?.trim();
  const x86 = field('flags');
  const features = (x86 ?? field('Features'))?.split(/\s+/).filter((name) => name !== '');
  return present({
    vendor: field('vendor_id') ?? ARM_IMPLEMENTERS[field('CPU implementer') ?? ''],
    model: field('model name') ?? field('Model'),
    x86Level: x86 === undefined ? undefined : x86Level(features ?? []),
    features,
    armVersion: armVersion(field('CPU architecture'), field('model name'), features ?? []),
  });
}

/** MIDR_EL1, implementer (Arm Architecture Reference Manual). */
const ARM_IMPLEMENTERS: Readonly<Record<string, string>> = {
  '0x41': 'ARM',
  '0x46': 'Fujitsu',
  '0x48': 'HiSilicon',
  '0x4e': 'NVIDIA',
  '0x51': 'Qualcomm',
  '0x61': 'Apple',
  '0xc0': 'Ampere',
};

/**
 * `CPU architecture: 7` is also what ARM1176 (ARMv6) says, because it has the newer page tables; its model name tells
 * the truth (Linux arch/arm/kernel/setup.c, __get_cpu_architecture). arm64 kernels print 8 for every later one; SVE2
 * came with 9.
 */
function armVersion(
  written: string | undefined,
  model: string | undefined,
  features: readonly string[],
): number | undefined {
  const named = /^ARMv(\d)/.exec(model ?? '')?.[1];
  if (named !== undefined) return Number(named);
  const version = /^(\d{1,2})/.exec(written ?? '')?.[1];
  if (version === undefined) return written === 'AArch64' ? 8 : undefined;
  return features.includes('sve2') ? 9 : Number(version);
}
