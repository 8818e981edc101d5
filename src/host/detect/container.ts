import { isThere, type HostIo } from './io.js';

/**
 * Whether this process is itself in a container, so that what it sees is the container's view of the machine. Docker and
 * Podman leave a file in the root; systemd's convention is the variable `container` of process 1.
 */
export function isInContainer(io: HostIo): boolean | undefined {
  const marks = [isThere(io, '/.dockerenv'), isThere(io, '/run/.containerenv')];
  if (marks.includes(true) || (io.env['container'] ?? '') !== '') return true;
  if (/\bcontainer=(lxc|docker|podman|systemd-nspawn)\b/.test(io.readFile('/proc/1/environ') ?? '')) return true;
  const groups = io.readFile('/proc/1/cgroup');
  if (/docker|kubepods|containerd|libpod|\/lxc/.test(groups ?? '')) return true;
  return groups === null ? undefined : false;
}
