import type { Guest, HostCpu, HostEngine, HostKernel } from '../model/host.js';
import type { FactTree, FactValue } from '../model/rule.js';

/** The numbers at the start of a version text: `6.8.0-45-generic` → `6.8.0`; undefined where there are none. */
export function versionNumbers(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /\d+(\.\d+)*/.exec(text)?.[0];
}

/** Levels and architecture versions include the ones below them; a list lets a rule ask whether one is among them. */
function upTo(highest: number | undefined): readonly number[] | undefined {
  if (highest === undefined || highest < 0 || highest > MAX_LEVEL) return undefined;
  return Array.from({ length: Math.floor(highest) }, (_, index) => index + 1);
}

/** More than any level or version of an architecture; a profile is input. */
const MAX_LEVEL = 100;

/** The facts that rules read of a guest. What the guest does not say is left out. */
export function guestFacts(guest: Guest): FactTree {
  return {
    name: guest.name,
    os: guest.os,
    platform: guest.platform,
    kernel: kernelFacts(guest.kernel),
    machines: guest.machines,
    'page-size-bytes': guest.pageSizeBytes,
    cgroup: guest.cgroup,
    features: guest.features ?? {},
    devices: guest.devices ?? {},
    limits: guest.limits,
    cpu: cpuFacts(guest.cpu),
    engine: engineFacts(guest.engine),
    windows: windowsFacts(guest),
  };
}

function kernelFacts(kernel: HostKernel | undefined): FactTree | undefined {
  if (kernel === undefined) return undefined;
  return { name: kernel.name, release: kernel.release, version: versionNumbers(kernel.release) };
}

function cpuFacts(cpu: HostCpu | undefined): FactTree | undefined {
  if (cpu === undefined) return undefined;
  return {
    'x86-level': cpu.x86Level,
    'x86-levels': upTo(cpu.x86Level),
    'arm-version': cpu.armVersion,
    'arm-versions': upTo(cpu.armVersion),
    features: cpu.features,
  };
}

function engineFacts(engine: HostEngine | null | undefined): FactTree | null | undefined {
  if (engine === undefined || engine === null) return engine;
  return {
    name: engine.name,
    version: versionNumbers(engine.version),
    // Not known counts as not old: what depends on it is asked by `requires`, not by every unnamed engine.
    'docker-version': engine.name === 'docker' ? (versionNumbers(engine.version) ?? null) : null,
    containers: engine.containers,
    runtime: engine.runtime,
  };
}

/** A guest of another system has no Windows facts; of one that names no system it is not known. */
function windowsFacts(guest: Guest): FactValue | undefined {
  const { windows } = guest;
  if (windows === undefined) return guest.os === undefined || guest.os === 'windows' ? undefined : null;
  return {
    build: windows.build,
    revision: windows.revision,
    kind: windows.kind,
    edition: windows.edition,
    isolation: windows.isolation,
    'system-dlls': windows.systemDlls?.map((name) => name.toLowerCase()),
  };
}
