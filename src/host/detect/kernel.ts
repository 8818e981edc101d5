import type { HostKernel } from '../../model/host.js';
import { output, type HostIo } from './io.js';

/**
 * Which kernel answers the system calls. All of these say `Linux` to uname(2); they are told apart by what the release
 * and /proc/version add:
 *
 *   WSL 1    4.4.0-19041-Microsoft               capital M, and no Linux code at all
 *   WSL 2    5.15.167.4-microsoft-standard-WSL2  a real Linux
 *   gVisor   4.19.0-gvisor, before 2025 4.4.0 with the build date of 2016-01-10
 */
export async function detectLinuxKernel(io: HostIo): Promise<HostKernel> {
  const version = io.readFile('/proc/version') ?? '';
  const release = io.release;
  if (/^4\.4\.0-\d+-Microsoft$/.test(release)) return { name: 'wsl1', release };
  if (/gvisor/i.test(`${release} ${version}`)) return { name: 'gvisor', release };
  if (/^4\.4\.0$/.test(release) && (await saysGvisor(io, version))) return { name: 'gvisor', release };
  return { name: 'linux', release };
}

/** gVisor's log of boot messages starts with its name; the build date is a constant of its sources. */
async function saysGvisor(io: HostIo, version: string): Promise<boolean> {
  if (version.includes('Sun Jan 10 15:06:54 PST 2016')) return true;
  return ((await output(io, 'dmesg')) ?? '').includes('Starting gVisor');
}
