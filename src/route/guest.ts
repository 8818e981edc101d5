import type { EngineVm, Guest, HostProfile } from '../model/host.js';
import { guest as guestShape } from '../host/profile-shape.js';
import { fits, isTree } from '../host/shape.js';
import type { Lookup } from './condition.js';
import type { GuestSpec } from './definition.js';
import { KERNEL_OF_OS, machinesOfVm, platformOf } from './pair.js';
import { fillTree } from './template.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields whose keys are merged; all others are replaced as a whole. */
const MERGED: readonly string[] = ['features', 'devices', 'sysctls'];

/** The machine as the image sees it: what the base says, the route's defaults below it, and what the route sets above. */
export function makeGuest(spec: GuestSpec, host: HostProfile, lookup: Lookup, route: string): Guest {
  const base = withoutUndefined(baseOf(spec, host));
  const made = overlay(overlay(fillTree(spec.defaults, lookup), base), fillTree(spec.set, lookup));
  if (fits<Guest>(made, guestShape)) return made;
  throw new Error(`route ${route} makes no guest of ${host.id}: ${JSON.stringify(made)}`);
}

function overlay(below: Fields, above: Fields): Fields {
  const made: Record<string, unknown> = { ...below, ...above };
  for (const key of MERGED) {
    const [low, high] = [below[key], above[key]];
    if (isTree(low) && isTree(high)) made[key] = { ...low, ...high };
  }
  return made;
}

const withoutUndefined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

function baseOf(spec: GuestSpec, host: HostProfile): Fields {
  switch (spec.base) {
    case 'host':
      return hostAsGuest(host);
    case 'vm':
      return vmAsGuest(vmOf(host, spec.vmKind), host);
    case 'none':
      return { name: host.title };
  }
}

function hostAsGuest(host: HostProfile): Fields {
  return {
    name: host.title,
    os: host.os,
    platform: platformOf(host.os, host.architecture, host.variant),
    kernel: host.kernel ?? { name: KERNEL_OF_OS[host.os] ?? host.os },
    machines: host.machines,
    cpu: host.cpu,
    pageSizeBytes: host.pageSizeBytes,
    cgroup: host.cgroup,
    features: host.features,
    devices: host.devices,
    sysctls: host.sysctls,
    engine: host.engine,
    windows: host.windows,
    limits: [],
  };
}

/** The engine's machine, if it is of the kind that the route speaks of. */
function vmOf(host: HostProfile, kind: string | null): EngineVm | null {
  const vm = host.engine?.vm ?? null;
  return vm !== null && (kind === null || vm.kind === kind) ? vm : null;
}

/** A virtual machine has a kernel of its own and shows the CPU of the host. */
function vmAsGuest(vm: EngineVm | null, host: HostProfile): Fields {
  return {
    name: `the Linux virtual machine of ${host.title}`,
    os: 'linux',
    platform: platformOf('linux', host.architecture, host.variant),
    kernel: vm?.kernelRelease === undefined ? undefined : { name: 'linux', release: vm.kernelRelease },
    machines: vm?.machines ?? machinesOfVm(host),
    cpu: host.cpu,
    pageSizeBytes: vm?.pageSizeBytes,
    cgroup: vm?.cgroup,
    features: vm?.features,
    devices: vm?.devices,
    sysctls: vm?.sysctls,
    engine: vm === null || !host.engine ? undefined : { ...host.engine, containers: 'linux' },
    limits: [],
  };
}
