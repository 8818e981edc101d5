import type { Machine } from '../../model/binary.js';
import type { HostKernel } from '../../model/host.js';
import { goarchOfUname, machineOfGoarch } from '../machines.js';
import { QUICK_MS, readLine, type HostIo } from './io.js';
import { isBuilt, type KernelConfig } from './kernel-config.js';

/** Machines whose code the kernel executes itself: its own, and its 32-bit one where that is seen to be there. */
export async function detectMachines(
  io: HostIo,
  kernel: HostKernel,
  config: KernelConfig | null,
): Promise<readonly Machine[] | undefined> {
  const own = machineOfGoarch(goarchOfUname(io.machine).architecture);
  if (own === null) return undefined;
  if (own === 'x86_64' && kernel.name === 'linux' && hasIa32(io, config)) return [own, 'i386'];
  if (own === 'aarch64' && kernel.name === 'linux' && (await hasAarch32(io, config))) return [own, 'arm'];
  return [own];
}

/**
 * CONFIG_IA32_EMULATION, of which the sysctl `abi.vsyscall32` is a part (Linux arch/x86/entry/vdso/vdso32-setup.c), unless
 * the boot parameter of 6.7 and later switches it off.
 */
function hasIa32(io: HostIo, config: KernelConfig | null): boolean {
  const built = isBuilt(config, 'IA32_EMULATION') ?? readLine(io, '/proc/sys/abi/vsyscall32') !== null;
  const booted = /\bia32_emulation=(\S+)/.exec(io.readFile('/proc/cmdline') ?? '')?.[1];
  if (booted !== undefined) return built && !/^(0|n|no|off|false)$/i.test(booted);
  return built && isBuilt(config, 'IA32_EMULATION_DEFAULT_DISABLED') !== true;
}

/** personality(2) refuses PER_LINUX32 where the CPU or the kernel has no AArch32 (Linux arch/arm64/kernel/sys.c). */
async function hasAarch32(io: HostIo, config: KernelConfig | null): Promise<boolean> {
  if (isBuilt(config, 'COMPAT') === false) return false;
  return (await io.run('setarch', ['linux32', 'true'], QUICK_MS))?.code === 0;
}
