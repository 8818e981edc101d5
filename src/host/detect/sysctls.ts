import { readLine, type HostIo } from './io.js';

/** Settings that images are known to depend on. */
const SYSCTLS: readonly string[] = [
  'fs.file-max',
  'fs.inotify.max_user_instances',
  'fs.inotify.max_user_watches',
  'kernel.apparmor_restrict_unprivileged_userns',
  'kernel.io_uring_disabled',
  'kernel.perf_event_paranoid',
  'kernel.unprivileged_bpf_disabled',
  'kernel.unprivileged_userns_clone',
  'kernel.yama.ptrace_scope',
  'net.core.somaxconn',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv6.conf.all.disable_ipv6',
  'user.max_user_namespaces',
  'vm.max_map_count',
  'vm.mmap_min_addr',
  'vm.overcommit_memory',
];

export function detectSysctls(io: HostIo): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SYSCTLS.flatMap((name) => {
      const value = readLine(io, `/proc/sys/${name.replaceAll('.', '/')}`);
      return value === null ? [] : [[name, value.replace(/\s+/g, ' ')]];
    }),
  );
}
