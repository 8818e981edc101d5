import type { Binary, Machine } from '../model/binary.js';
import type { Image, Platform } from '../model/image.js';

/**
 * GOARCH → machines whose code such a processor executes, its own first. The second is the 32-bit mode, which a kernel
 * or a processor may lack: whether a guest has it is the guest's fact, here it only means that the image is no lie.
 */
const MACHINES_OF: Readonly<Record<string, readonly Machine[]>> = {
  amd64: ['x86_64', 'i386'],
  '386': ['i386'],
  arm64: ['aarch64', 'arm'],
  arm: ['arm'],
  riscv64: ['riscv64'],
  s390x: ['s390x', 's390'],
  ppc64le: ['ppc64le'],
  ppc64: ['ppc64', 'ppc'],
  mips: ['mips'],
  mipsle: ['mips'],
  mips64: ['mips64', 'mips'],
  mips64le: ['mips64', 'mips'],
  loong64: ['loongarch64'],
  sparc64: ['sparc64', 'sparc'],
};

/** Machines of a declared architecture; null where it is none that is known. */
export function machinesOf(architecture: string): readonly Machine[] | null {
  return MACHINES_OF[architecture] ?? null;
}

/** GOARCH whose own machine it is; null where there is none. */
export function architectureOf(machine: Machine): string | null {
  return Object.entries(MACHINES_OF).find(([, machines]) => machines[0] === machine)?.[0] ?? null;
}

/** `linux/arm/v7` */
export function platformWord(platform: Platform): string {
  const word = `${platform.os}/${platform.architecture}`;
  return platform.variant === null || platform.variant === '' ? word : `${word}/${platform.variant}`;
}

const FORMAT_OF_OS: Readonly<Record<string, Binary['format']>> = { windows: 'pe', darwin: 'mach-o' };

/** Format of the programs of a system; everything that is neither Windows nor macOS has ELF. */
export function formatOfOs(os: string): Binary['format'] {
  return FORMAT_OF_OS[os] ?? 'elf';
}

/** Whether code of a PE file is portable IL that runs in a process of any machine. */
export function isPortable(binary: Binary): boolean {
  return binary.format === 'pe' && binary.clr !== null && binary.clr.ilOnly && !binary.clr.requires32Bit;
}

/** Whether a binary is for another system or machine than this image: its own machine, or one that it declares. */
export function isForeign(binary: Binary, image: Image, mainMachine: Machine | null): boolean {
  if (isPortable(binary)) return false;
  if (binary.format !== formatOfOs(image.platform.os)) return true;
  const declared = machinesOf(image.platform.architecture) ?? [];
  if (mainMachine === null && declared.length === 0) return false;
  return binary.machine !== mainMachine && !declared.includes(binary.machine);
}
