/**
 * A host written down as data (contract.md, "profile"). What a profile leaves out (`undefined`) is unknown; what is
 * `null` or an empty list was looked for and is not there. Profile files spell the same keys in kebab-case.
 */
export interface HostProfile {
  readonly id: string;
  readonly title: string;
  /** `linux`, `windows`, `darwin`: the system that the machine runs. */
  readonly os: string;
  /** GOARCH of the machine: `amd64`, `arm64`, `arm`, … */
  readonly architecture: string;
  /** GOARM and the like: `v7`, `v8`. */
  readonly variant?: string;
  /** The kernel that containers get without any further machine: the host's own. */
  readonly kernel?: HostKernel;
  /** Machines executed natively: `[x86_64, i386]`. */
  readonly machines?: readonly string[];
  readonly cpu?: HostCpu;
  readonly pageSizeBytes?: number;
  /** Handlers of binfmt_misc, or of the engine's VM. */
  readonly emulators?: readonly Emulator[];
  readonly cgroup?: 'v1' | 'v2' | 'hybrid' | null;
  readonly namespaces?: readonly string[];
  /** Features by name: `overlayfs`, `seccomp`, `user-namespaces`, `ia32-emulation`, `vsyscall`, `io-uring`, `binfmt-misc`. */
  readonly features?: Readonly<Record<string, boolean>>;
  readonly lsm?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Device nodes and what stands for them: `/dev/kvm`. */
  readonly devices?: Readonly<Record<string, boolean>>;
  readonly engine?: HostEngine | null;
  readonly virtualization?: HostVirtualization;
  /** Windows hosts. */
  readonly windows?: HostWindows;
  /** macOS hosts. */
  readonly macos?: { readonly version?: string; readonly rosetta?: boolean };
  readonly stated: { readonly by: string; readonly date: string };
  readonly sources: readonly { readonly for?: string; readonly title: string; readonly url?: string }[];
}

export interface HostKernel {
  /** `linux`, `nt`, `darwin`, `gvisor`, `wsl1`. */
  readonly name: string;
  /** `6.8.0-45-generic`; Windows: `10.0.20348.2582`. */
  readonly release?: string;
}

export interface HostCpu {
  readonly vendor?: string;
  readonly model?: string;
  /** x86-64 micro-architecture level 1..4. */
  readonly x86Level?: number;
  /** Names as /proc/cpuinfo spells them. */
  readonly features?: readonly string[];
  /** ARM architecture version: 6, 7, 8, 9. */
  readonly armVersion?: number;
}

export interface Emulator {
  /** Machine whose code it executes. */
  readonly machine: string;
  /** `qemu-user`, `rosetta`, `wine`, `other` */
  readonly kind: string;
  readonly interpreter?: string;
  /** Flags of the binfmt_misc entry: `OCF`. F keeps it open, so that it also serves in a container. */
  readonly flags?: string;
  readonly enabled?: boolean;
}

export interface HostEngine {
  /** `docker`, `docker-desktop`, `podman`, `containerd` */
  readonly name: string;
  readonly version?: string;
  /** What `docker info` calls OSType: which images it starts now. */
  readonly containers?: 'linux' | 'windows';
  /** Runtime: `runc`, `crun`, `runsc`. */
  readonly runtime?: string;
  readonly libseccomp?: string;
  readonly seccompProfile?: string | null;
  /** The virtual machine that it runs Linux containers in; null where it needs none. */
  readonly vm?: EngineVm | null;
}

export interface EngineVm {
  /** `wsl2`, `hyper-v`, `linux-vm` */
  readonly kind: string;
  readonly kernelRelease?: string;
  readonly machines?: readonly string[];
  readonly emulators?: readonly Emulator[];
  readonly pageSizeBytes?: number;
  readonly cgroup?: 'v1' | 'v2' | 'hybrid';
  readonly features?: Readonly<Record<string, boolean>>;
  readonly devices?: Readonly<Record<string, boolean>>;
  readonly sysctls?: Readonly<Record<string, string>>;
}

export interface HostVirtualization {
  readonly kvm?: boolean;
  readonly hyperV?: boolean;
  readonly wsl2?: boolean;
  /** The machine can run a virtual machine at all (VT-x, AMD-V, Apple's framework). */
  readonly hardware?: boolean;
  readonly wine?: boolean;
}

export interface HostWindows {
  /** `20348` */
  readonly build?: number;
  readonly revision?: number;
  readonly edition?: string;
  readonly kind?: 'server' | 'client';
  /** Windows containers can be started (the feature is on). */
  readonly containersFeature?: boolean;
  readonly hyperVAvailable?: boolean;
  readonly wslVersion?: string | null;
}

/**
 * The machine as the image sees it when it goes along a route. Rules read only this. `undefined` is unknown, as in a
 * profile.
 */
export interface Guest {
  readonly name: string;
  readonly os?: string;
  readonly platform?: string;
  readonly kernel?: HostKernel;
  readonly machines?: readonly string[];
  readonly cpu?: HostCpu;
  readonly pageSizeBytes?: number;
  readonly cgroup?: string | null;
  readonly features?: Readonly<Record<string, boolean>>;
  readonly devices?: Readonly<Record<string, boolean>>;
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly engine?: HostEngine | null;
  readonly windows?: HostWindows & {
    readonly isolation?: 'process' | 'hyper-v';
    readonly systemDlls?: readonly string[];
  };
  /** What an emulator cannot do: `ptrace`, `perf`, `32-bit-compat`. */
  readonly limits?: readonly string[];
}
