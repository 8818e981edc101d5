import type { KernelNeeds } from '../model/kernel-needs.js';
import type { ImageRequirements } from '../model/report.js';

/** Names that libseccomp has for machines (seccomp_arch_add(3)). */
const ARCHITECTURES: Readonly<Record<KernelNeeds['machine'], string>> = {
  x86_64: 'SCMP_ARCH_X86_64',
  aarch64: 'SCMP_ARCH_AARCH64',
};

/** errno of calls that are not in the profile: what programs take for a kernel that lacks them. */
const ENOSYS = 38;

/**
 * What runc still does behind the filter: it drops privileges, changes directory, closes files and executes the
 * program, as a Go program (runc 1.1, libcontainer/standard_init_linux.go; tried with runc 1.1.5).
 */
const RUNC_CALLS: readonly string[] = [
  'capget',
  'capset',
  'chdir',
  'clone',
  'close',
  'epoll_ctl',
  'epoll_pwait',
  'execve',
  'exit',
  'exit_group',
  'faccessat2',
  'fcntl',
  'fstat',
  'fstatfs',
  'futex',
  'getdents64',
  'getpid',
  'getppid',
  'gettid',
  'madvise',
  'mmap',
  'nanosleep',
  'newfstatat',
  'openat',
  'prctl',
  'read',
  // What the kernel calls again after a stop.
  'restart_syscall',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'sched_yield',
  'setgid',
  'setgroups',
  'setuid',
  'sigaltstack',
  'tgkill',
  'write',
];

/** A seccomp profile that lets through what the image may use and what starting a container needs, for `docker run`. */
export function seccompProfile({ results }: ImageRequirements): string {
  const needs = results.flatMap(({ analysis }) => analysis.kernelNeeds ?? []);
  const found = new Set(needs.flatMap(({ systemCalls }) => systemCalls.map(({ name }) => name)));
  const start = RUNC_CALLS.filter((name) => !found.has(name));
  const profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    archMap: [...new Set(needs.map(({ machine }) => ARCHITECTURES[machine]))].map((architecture) => ({
      architecture,
      subArchitectures: [],
    })),
    syscalls: [
      { names: [...found].sort(), action: 'SCMP_ACT_ALLOW', comment: comment(needs) },
      { names: start, action: 'SCMP_ACT_ALLOW', comment: 'what the runtime does before it executes the program' },
    ],
  };
  return `${JSON.stringify(profile, null, 2)}\n`;
}

function comment(needs: readonly KernelNeeds[]): string {
  const open = needs.flatMap(({ notFollowed }) => notFollowed.map(({ path, text }) => `${path}: ${text}`));
  if (open.length === 0) return 'what the start path may use';
  return `what the start path may use; not followed: ${open.join('; ')}`;
}
