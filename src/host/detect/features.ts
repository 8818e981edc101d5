import { present } from './present.js';
import { compareReleases } from './release.js';
import { readLine, type HostIo } from './io.js';
import { isBuilt, type KernelConfig } from './kernel-config.js';

/** Features that the configuration of the kernel decides. */
const BY_OPTION: Readonly<Record<string, string>> = {
  bpf: 'BPF_SYSCALL',
  fuse: 'FUSE_FS',
  fanotify: 'FANOTIFY',
  inotify: 'INOTIFY_USER',
  landlock: 'SECURITY_LANDLOCK',
  memfd: 'MEMFD_CREATE',
  perf: 'PERF_EVENTS',
  'posix-mqueue': 'POSIX_MQUEUE',
  sysvipc: 'SYSVIPC',
  tun: 'TUN',
  userfaultfd: 'USERFAULTFD',
  'x32-abi': 'X86_X32_ABI',
};

type Features = Readonly<Record<string, boolean | undefined>>;

/** What the kernel offers, by name; what it does not show is left out. */
export function detectFeatures(io: HostIo, config: KernelConfig | null): Features {
  return present<Readonly<Record<string, boolean | undefined>>>({
    ...Object.fromEntries(Object.entries(BY_OPTION).map(([name, option]) => [name, isBuilt(config, option)])),
    overlayfs: hasFilesystem(io, 'overlay') ?? isBuilt(config, 'OVERLAY_FS'),
    'binfmt-misc': hasFilesystem(io, 'binfmt_misc') ?? isBuilt(config, 'BINFMT_MISC'),
    seccomp: detectSeccomp(io, config),
    'user-namespaces': detectUserNamespaces(io, config),
    'unprivileged-user-namespaces': detectUnprivilegedUserNamespaces(io, config),
    'io-uring': detectIoUring(io, config),
    ...detectVsyscall(io, config),
  });
}

/** True where the file system is there now; a module that is not loaded is not listed, so absence says nothing. */
function hasFilesystem(io: HostIo, name: string): true | undefined {
  const listed = io.readFile('/proc/filesystems')?.split('\n') ?? [];
  return listed.some((line) => line.split('\t')[1] === name) ? true : undefined;
}

/** The line `Seccomp:` is there where the kernel has seccomp (proc_pid_status(5)); filters came later. */
function detectSeccomp(io: HostIo, config: KernelConfig | null): boolean | undefined {
  const status = io.readFile('/proc/self/status');
  const configured = isBuilt(config, 'SECCOMP_FILTER');
  if (status === null || configured !== undefined) return configured;
  return /^Seccomp:/m.test(status);
}

function detectUserNamespaces(io: HostIo, config: KernelConfig | null): boolean | undefined {
  const names = io.list('/proc/self/ns');
  if (names === null) return isBuilt(config, 'USER_NS');
  return names.includes('user') && readLine(io, '/proc/sys/user/max_user_namespaces') !== '0';
}

/** Debian's switch, and AppArmor's of Ubuntu 23.10 and later; upstream kernels have neither and allow it. */
function detectUnprivilegedUserNamespaces(io: HostIo, config: KernelConfig | null): boolean | undefined {
  const possible = detectUserNamespaces(io, config);
  if (possible !== true) return possible;
  return (
    readLine(io, '/proc/sys/kernel/unprivileged_userns_clone') !== '0' &&
    readLine(io, '/proc/sys/kernel/apparmor_restrict_unprivileged_userns') !== '1'
  );
}

/** In the kernel from 5.1 on; the sysctl (6.6) switches it off for some (1) or all (2). */
function detectIoUring(io: HostIo, config: KernelConfig | null): boolean | undefined {
  if (readLine(io, '/proc/sys/kernel/io_uring_disabled') === '2') return false;
  const built = isBuilt(config, 'IO_URING');
  return built === undefined && compareReleases(io.release, '5.1') < 0 ? false : built;
}

/**
 * The page of old system-call entries (Linux arch/x86/entry/vsyscall): readable is `vsyscall=emulate`, execute-only is
 * `xonly`, and no such line in the maps is `none`.
 */
function detectVsyscall(io: HostIo, config: KernelConfig | null): Readonly<Record<string, boolean | undefined>> {
  const maps = io.readFile('/proc/self/maps');
  if (maps === null || !/^(x86_64|amd64)$/.test(io.machine))
    return { vsyscall: isBuilt(config, 'X86_VSYSCALL_EMULATION') };
  const line = maps.split('\n').find((candidate) => candidate.endsWith('[vsyscall]'));
  return { vsyscall: line !== undefined, 'vsyscall-readable': line?.split(' ')[1]?.startsWith('r') ?? false };
}
