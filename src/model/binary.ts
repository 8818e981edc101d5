import type { PartGap } from './gap.js';
import type { FileOffset, Vaddr } from './brand.js';
import type { ElfSymbols } from './symbols.js';

/**
 * The instruction set that code needs, in one spelling for every format: `uname -m` words where Linux has one.
 * ELF `e_machine`, PE `Machine` and Mach-O `cputype` are all mapped to it; what is not in the list is `other-<number>`.
 */
export type Machine =
  | 'x86_64'
  | 'i386'
  | 'aarch64'
  | 'arm'
  | 'riscv64'
  | 'riscv32'
  | 's390x'
  | 's390'
  | 'ppc64le'
  | 'ppc64'
  | 'ppc'
  | 'mips'
  | 'mips64'
  | 'loongarch64'
  | 'sparc64'
  | 'sparc'
  | 'ia64'
  | 'm68k'
  | 'alpha'
  | 'hppa'
  | 'sh4'
  | 'bpf'
  | 'avr'
  | 'cil'
  | `other-${number}`;

interface BinaryCommon {
  readonly machine: Machine;
  readonly bits: 32 | 64;
  readonly endianness: 'little' | 'big';
  /** Parts that could not be read. A fact that comes from one of them is unknown. */
  readonly gaps: readonly PartGap[];
  readonly go: GoBuildInfo | null;
  readonly rust: RustBuildInfo | null;
}

/** Build information that the Go linker leaves (`debug/buildinfo`). */
export interface GoBuildInfo {
  /** `go1.21.4` */
  readonly version: string;
  /** Module path of the main package, null where the build had no modules. */
  readonly module: string | null;
  /** `GOARCH`, `GOAMD64`, `CGO_ENABLED`, `-buildmode` …; empty where the linker left none. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What rustc leaves: its version from `.comment` or a path of its sources. */
export interface RustBuildInfo {
  /** `1.75.0`, or null where only the traces of rustc are there. */
  readonly version: string | null;
}

/** One entry of `.gnu.version_r` (LSB Core, "Symbol Versioning", Version Requirements). */
export interface VersionNeed {
  /** The soname that must define the versions. */
  readonly file: string;
  readonly versions: readonly { readonly name: string; readonly weak: boolean }[];
}

/** One entry of `.gnu.version_d`; the base definition carries the soname. */
export interface VersionDefinition {
  readonly name: string;
  readonly base: boolean;
  readonly weak: boolean;
  /** Names of the versions it inherits from. */
  readonly parents: readonly string[];
}

/** One PT_LOAD program header (gABI 4.1, Figure 5-1). */
export interface LoadSegment {
  readonly index: number;
  readonly offset: FileOffset;
  readonly vaddr: Vaddr;
  /** Bytes in the file, bytes in memory, p_align in bytes. */
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignBytes: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** A dynamic symbol as the loader sees it (gABI 4.1, Figure 4-16, with its version from `.gnu.version`). */
export interface DynamicSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak' | 'unique';
  readonly type: 'none' | 'object' | 'function' | 'section' | 'file' | 'common' | 'tls' | 'ifunc' | 'other';
  readonly visibility: 'default' | 'internal' | 'hidden' | 'protected';
  readonly defined: boolean;
  /** `GLIBC_2.34`; null where it has none. */
  readonly version: string | null;
  /** True for a definition that is not the default one (`name@version`, not `name@@version`). */
  readonly versionHidden: boolean;
}

/** `.ARM.attributes` (Addenda to the ABI for the Arm Architecture, "Public aeabi attribute tags"). */
export interface ArmAttributes {
  /** Tag_CPU_arch as a name: `v6`, `v7`, `v8`; null where the tag is absent. */
  readonly cpuArch: string | null;
  /** Tag_CPU_arch_profile: `A`, `R`, `M`, `S`; null where absent. */
  readonly cpuProfile: string | null;
  /** Tag_FP_arch as a name: `VFPv2`, `VFPv3`, `VFPv3-D16`, `VFPv4` …; null where absent. */
  readonly fpArch: string | null;
  /** Tag_ABI_VFP_args = 1: arguments in VFP registers (hard float). */
  readonly hardFloat: boolean;
  /** Tag_Advanced_SIMD_arch > 0. */
  readonly simd: boolean;
  readonly cpuName: string | null;
}

export type ElfKind = 'executable' | 'pie' | 'static-pie' | 'shared-object' | 'relocatable' | 'core' | 'other';

export interface ElfBinary extends BinaryCommon {
  readonly format: 'elf';
  /** EI_OSABI as a name: `sysv`, `gnu`, `freebsd`, … or `other-<n>`. */
  readonly osAbi: string;
  readonly abiVersion: number;
  readonly e_machine: number;
  readonly e_flags: number;
  /** e_type with the dynamic section's help: `pie` has an entry or DF_1_PIE or an interpreter; `static-pie` has DF_1_PIE and no interpreter. */
  readonly kind: ElfKind;
  readonly entry: Vaddr;
  /** PT_INTERP up to the first NUL; null: read, and there is none. */
  readonly interpreter: string | null;
  readonly needed: readonly string[];
  readonly soname: string | null;
  readonly rpath: string | null;
  readonly runpath: string | null;
  /** DT_FLAGS and DT_FLAGS_1 (gABI 4.1, Figure 5-11; Solaris Linker Guide), BIND_NOW from any of its three places. */
  readonly bindNow: boolean;
  readonly dtFlags: number;
  readonly dtFlags1: number;
  readonly versionNeeds: readonly VersionNeed[];
  readonly versionDefinitions: readonly VersionDefinition[];
  /** NT_GNU_ABI_TAG: the system and the oldest kernel that it was built for. */
  readonly abiTag: { readonly os: string; readonly kernel: string } | null;
  /**
   * GNU_PROPERTY_X86_ISA_1_NEEDED / _USED as levels 1..4 (x86-64 psABI, "Program Property"); null where the
   * property is absent or empty.
   */
  readonly x86IsaNeeded: 1 | 2 | 3 | 4 | null;
  readonly x86IsaUsed: 1 | 2 | 3 | 4 | null;
  readonly arm: ArmAttributes | null;
  readonly loadSegments: readonly LoadSegment[];
  /** PT_GNU_STACK: true executable, false not, null no such header. */
  readonly executableStack: boolean | null;
  /** NT_GNU_BUILD_ID in hex. */
  readonly buildId: string | null;
  /** True where section headers are there and could be read. */
  readonly hasSections: boolean;
  /** UPX or another packer that hides what the program needs. */
  readonly packer: string | null;
  /** What it looks up and what it defines; `importedNames` gives the names of its undefined symbols. */
  readonly symbols: ElfSymbols;
}

export interface PeImport {
  /** As written in the file. */
  readonly dll: string;
  readonly delayLoaded: boolean;
  /** Imported names; an ordinal is `#12`. */
  readonly names: readonly string[];
}

export interface PeExport {
  readonly name: string | null;
  readonly ordinal: number;
  /** `OTHER.Function` or `OTHER.#12`; null where the code is in this file. */
  readonly forwarder: string | null;
}

/** ECMA-335 II.25.3.3, CLI header. */
export interface ClrHeader {
  /** Version string of the metadata root: `v4.0.30319`. */
  readonly metadataVersion: string | null;
  readonly ilOnly: boolean;
  readonly requires32Bit: boolean;
  readonly prefers32Bit: boolean;
  /** ILONLY without 32BITREQUIRED in a PE32 file. */
  readonly anyCpu: boolean;
  /** `TargetFrameworkAttribute`, where found: `.NETFramework,Version=v4.8`. */
  readonly targetFramework: string | null;
  /** Module names of P/Invoke (ModuleRef table), as written. */
  readonly pinvokeModules: readonly string[];
}

export interface PeBinary extends BinaryCommon {
  readonly format: 'pe';
  readonly kind: 'executable' | 'dll' | 'driver' | 'efi' | 'object';
  /** `arm64ec` / `arm64x` where the load configuration has hybrid metadata; null otherwise. */
  readonly hybrid: 'arm64ec' | 'arm64x' | null;
  /** Machine as written in the COFF header. */
  readonly Machine: number;
  /** `windows-gui`, `windows-console`, `native`, `efi-application` …, or `other-<n>`. */
  readonly subsystem: string;
  /** `6.0` */
  readonly subsystemVersion: string;
  readonly osVersion: string;
  readonly imports: readonly PeImport[];
  readonly exports: readonly PeExport[];
  /** Name the DLL gives itself in its export directory. */
  readonly exportName: string | null;
  readonly clr: ClrHeader | null;
  /** Side-by-side dependencies of the embedded manifest (RT_MANIFEST). */
  readonly manifest: PeManifest | null;
  readonly isUefi: boolean;
}

export interface PeManifest {
  readonly dependencies: readonly {
    readonly name: string;
    readonly version: string | null;
    readonly architecture: string | null;
  }[];
  /** `asInvoker`, `requireAdministrator`, `highestAvailable`; null where not said. */
  readonly executionLevel: string | null;
  readonly supportedOs: readonly string[];
}

export interface MachoSlice {
  readonly machine: Machine;
  readonly cpuType: number;
  readonly cpuSubtype: number;
  readonly bits: 32 | 64;
  readonly kind: 'executable' | 'dylib' | 'bundle' | 'object' | 'core' | 'other';
  /** `macos`, `ios`, … with the oldest version; null where no such load command is there. */
  readonly platform: { readonly name: string; readonly minimum: string } | null;
  readonly dylibs: readonly string[];
  readonly offset: FileOffset;
}

export interface MachoBinary extends BinaryCommon {
  readonly format: 'mach-o';
  readonly fat: boolean;
  /** One for a thin file. The common fields are the first slice's. */
  readonly slices: readonly MachoSlice[];
}

export type Binary = ElfBinary | PeBinary | MachoBinary;

/** Names a binary asks its loader for, in the file's order; delay-loaded DLLs are left out. */
export function neededNames(binary: Binary): readonly string[] {
  switch (binary.format) {
    case 'elf':
      return binary.needed;
    case 'pe':
      return binary.imports.filter((entry) => !entry.delayLoaded).map((entry) => entry.dll);
    case 'mach-o':
      return binary.slices[0]?.dylibs ?? [];
  }
}
