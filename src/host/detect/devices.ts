import { isThere, type HostIo } from './io.js';

/** Device nodes that images ask for and a machine may lack. */
const DEVICES: readonly string[] = [
  '/dev/dri',
  '/dev/dxg',
  '/dev/fuse',
  '/dev/kfd',
  '/dev/kvm',
  '/dev/loop-control',
  '/dev/net/tun',
  '/dev/nvidia0',
  '/dev/snd',
  '/dev/tpm0',
  '/dev/vhost-net',
];

export function detectDevices(io: HostIo): Readonly<Record<string, boolean>> | undefined {
  if (io.list('/dev') === null) return undefined;
  return Object.fromEntries(DEVICES.map((path) => [path, isThere(io, path) ?? false]));
}
