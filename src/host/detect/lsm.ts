import { isThere, readLine, type HostIo } from './io.js';

/** Security modules in force: the kernel's own list (4.20 and later), else the traces of the two large ones. */
export function detectLsm(io: HostIo): readonly string[] | undefined {
  const listed = readLine(io, '/sys/kernel/security/lsm');
  if (listed !== null) return listed === '' ? [] : listed.split(',');
  const found = [
    ...(readLine(io, '/sys/module/apparmor/parameters/enabled') === 'Y' ? ['apparmor'] : []),
    ...(isThere(io, '/sys/fs/selinux/enforce') === true ? ['selinux'] : []),
  ];
  return found.length > 0 ? found : undefined;
}
