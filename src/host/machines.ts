import type { Machine } from '../model/binary.js';

/** GOARCH (OCI image-spec, config.md, "architecture") to the machine whose code such an image holds. */
const MACHINE_OF_GOARCH: Readonly<Record<string, Machine>> = {
  amd64: 'x86_64',
  386: 'i386',
  arm64: 'aarch64',
  arm: 'arm',
  riscv64: 'riscv64',
  s390x: 's390x',
  ppc64le: 'ppc64le',
  ppc64: 'ppc64',
  mips: 'mips',
  mipsle: 'mips',
  mips64: 'mips64',
  mips64le: 'mips64',
  loong64: 'loongarch64',
  sparc64: 'sparc64',
};

/** Machine of a GOARCH word; null for a word that is not known. */
export function machineOfGoarch(architecture: string): Machine | null {
  return Object.hasOwn(MACHINE_OF_GOARCH, architecture) ? (MACHINE_OF_GOARCH[architecture] ?? null) : null;
}

/** `uname -m` (and Windows' PROCESSOR_ARCHITECTURE) to GOARCH with its variant. */
const GOARCH_OF_UNAME: readonly (readonly [RegExp, string, string?])[] = [
  [/^(x86_64|amd64|x64)$/i, 'amd64'],
  [/^(i[3-6]86|x86|ia32)$/i, '386'],
  [/^(aarch64|arm64|aarch64_be)$/i, 'arm64', 'v8'],
  [/^armv8/i, 'arm', 'v8'],
  [/^armv7/i, 'arm', 'v7'],
  [/^armv6/i, 'arm', 'v6'],
  [/^armv5/i, 'arm', 'v5'],
  [/^arm/i, 'arm'],
  [/^loongarch64$/i, 'loong64'],
];

/** GOARCH and variant of what `uname -m` printed; the word itself where both use the same one. */
export function goarchOfUname(machine: string): { readonly architecture: string; readonly variant: string | null } {
  for (const [pattern, architecture, variant] of GOARCH_OF_UNAME) {
    if (pattern.test(machine)) return { architecture, variant: variant ?? null };
  }
  return { architecture: machine, variant: null };
}
