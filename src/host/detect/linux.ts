import type { HostProfile } from '../../model/host.js';
import { goarchOfUname } from '../machines.js';
import { detectEmulators } from './binfmt.js';
import { detectCgroup } from './cgroup.js';
import { isInContainer } from './container.js';
import { detectCpu } from './cpu.js';
import { detectDevices } from './devices.js';
import { detectEngine } from './engine.js';
import { detectFeatures } from './features.js';
import type { HostIo } from './io.js';
import { readKernelConfig } from './kernel-config.js';
import { detectLinuxKernel } from './kernel.js';
import { detectLsm } from './lsm.js';
import { detectMachines } from './machines.js';
import { detectNamespaces } from './namespaces.js';
import { detectPageSize } from './page-size.js';
import { present } from './present.js';
import { detectSysctls } from './sysctls.js';
import { detectLinuxVirtualization } from './virtualization.js';

/** What a probe found, without the fields about which it found nothing. */
export type Detected = Partial<Omit<HostProfile, 'id' | 'title' | 'stated' | 'sources'>> & { readonly title: string };

export async function detectLinux(io: HostIo): Promise<Detected> {
  const config = readKernelConfig(io);
  const { architecture, variant } = goarchOfUname(io.machine);
  const kernel = await detectLinuxKernel(io);
  const [machines, pageSizeBytes, engine] = await Promise.all([
    detectMachines(io, kernel, config),
    detectPageSize(io),
    detectEngine(io),
  ]);
  const cpu = detectCpu(io);
  const features = detectFeatures(io, config);
  const found = present({
    os: 'linux',
    architecture,
    variant: architecture === 'arm' ? (variant ?? undefined) : undefined,
    kernel,
    machines,
    cpu,
    pageSizeBytes,
    emulators: detectEmulators(io),
    cgroup: detectCgroup(io),
    namespaces: detectNamespaces(io),
    features: present({
      ...features,
      'ia32-emulation': machines?.[0] === 'x86_64' ? machines.includes('i386') : undefined,
      'inside-container': isInContainer(io),
    }),
    lsm: detectLsm(io),
    sysctls: detectSysctls(io),
    devices: detectDevices(io),
    engine,
    virtualization: detectLinuxVirtualization(io, cpu?.features),
  });
  return { ...found, title: titleOf(io, architecture) };
}

/** `Debian GNU/Linux 12 (bookworm), amd64`, from os-release(5). */
function titleOf(io: HostIo, architecture: string): string {
  const release = io.readFile('/etc/os-release') ?? io.readFile('/usr/lib/os-release') ?? '';
  const name = /^PRETTY_NAME="?([^"\n]{1,100})"?$/m.exec(release)?.[1] ?? `Linux ${io.release}`;
  return `${name}, ${architecture}`;
}
