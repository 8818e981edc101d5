import type { HostVirtualization } from '../../model/host.js';
import { isThere, type HostIo } from './io.js';
import { present } from './present.js';

/** What a Linux machine can virtualise: KVM as a device node, the CPU's extension, and Wine as a program. */
export function detectLinuxVirtualization(io: HostIo, cpuFeatures: readonly string[] | undefined): HostVirtualization {
  const kvm = isThere(io, '/dev/kvm');
  const hardware = kvm === true ? true : hasExtension(cpuFeatures);
  return present({ kvm, hardware, wine: hasProgram(io, 'wine') || hasProgram(io, 'wine64') });
}

/** Only x86 shows it; on Arm /proc/cpuinfo says nothing of EL2. */
function hasExtension(features: readonly string[] | undefined): boolean | undefined {
  if (features === undefined || !features.includes('lm')) return undefined;
  return features.includes('vmx') || features.includes('svm');
}

function hasProgram(io: HostIo, name: string): boolean {
  const folders = (io.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin')
    .split(':')
    .filter((folder) => folder.startsWith('/'));
  return folders.some((folder) => isThere(io, `${folder}/${name}`) === true);
}
