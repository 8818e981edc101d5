import type { HostIo } from './io.js';

/**
 * Which hierarchy is mounted (cgroups(7)): one cgroup2 mount alone is v2; cgroup mounts alone are v1; both are
 * systemd's hybrid. null: the mounts could be read, and there is none.
 */
export function detectCgroup(io: HostIo): 'v1' | 'v2' | 'hybrid' | null | undefined {
  const mounts = io.readFile('/proc/self/mountinfo');
  if (mounts === null) return undefined;
  const v1 = / - cgroup /.test(mounts);
  const v2 = / - cgroup2 /.test(mounts);
  if (v1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : null;
}
