import type { Machine } from '../../model/binary.js';
import type { ElfHeader } from './header.js';
import { EF_MIPS_ABI2, EM } from './constants.js';

/** Machines whose word does not depend on class, byte order or flags. */
const PLAIN: Readonly<Record<number, Machine>> = {
  [EM.SPARC]: 'sparc',
  [EM.I386]: 'i386',
  [EM.M68K]: 'm68k',
  [EM.PARISC]: 'hppa',
  [EM.SPARC32PLUS]: 'sparc',
  [EM.PPC]: 'ppc',
  [EM.ARM]: 'arm',
  [EM.ALPHA_STANDARD]: 'alpha',
  [EM.SH]: 'sh4',
  [EM.SPARCV9]: 'sparc64',
  [EM.IA_64]: 'ia64',
  [EM.X86_64]: 'x86_64',
  [EM.AVR]: 'avr',
  [EM.AARCH64]: 'aarch64',
  [EM.BPF]: 'bpf',
  [EM.ALPHA]: 'alpha',
};

type MachineFields = Pick<ElfHeader, 'e_machine' | 'e_flags' | 'bits' | 'endianness'>;

/** The word for e_machine. x32 is `x86_64` with 32 bits: it needs that CPU. */
export function machineOf(fields: MachineFields): Machine {
  const { e_machine } = fields;
  return PLAIN[e_machine] ?? dependentMachine(fields) ?? `other-${e_machine}`;
}

function dependentMachine({ e_machine, e_flags, bits, endianness }: MachineFields): Machine | null {
  const wide = bits === 64;
  switch (e_machine) {
    case EM.MIPS:
      // n32 files are of class 32 and use 64-bit registers.
      return wide || (e_flags & EF_MIPS_ABI2) !== 0 ? 'mips64' : 'mips';
    case EM.PPC64:
      return endianness === 'little' ? 'ppc64le' : 'ppc64';
    case EM.S390:
      return wide ? 's390x' : 's390';
    case EM.RISCV:
      return wide ? 'riscv64' : 'riscv32';
    case EM.LOONGARCH:
      return wide ? 'loongarch64' : null;
    default:
      return null;
  }
}

/** gABI registry (EI_OSABI). */
const OS_ABI: Readonly<Record<number, string>> = {
  0: 'sysv',
  1: 'hpux',
  2: 'netbsd',
  3: 'gnu',
  6: 'solaris',
  7: 'aix',
  8: 'irix',
  9: 'freebsd',
  10: 'tru64',
  11: 'modesto',
  12: 'openbsd',
  13: 'openvms',
  14: 'nsk',
  15: 'aros',
  16: 'fenixos',
  17: 'cloudabi',
  18: 'openvos',
  97: 'arm',
  255: 'standalone',
};

export function osAbiOf(value: number): string {
  return OS_ABI[value] ?? `other-${value}`;
}
