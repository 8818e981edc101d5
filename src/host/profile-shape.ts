import type {
  EngineVm,
  Emulator,
  Guest,
  HostCpu,
  HostEngine,
  HostKernel,
  HostProfile,
  HostWindows,
} from '../model/host.js';
import { flag, listOf, mapOf, nullable, number, object, text, words, type ShapeOf } from './shape.js';

/** The shapes of `src/model/host.ts`. A field that is added there must be added here, or this file does not compile. */
const kernel = object({ name: text, release: text }, ['name']) satisfies ShapeOf<HostKernel>;

const cpu = object({
  vendor: text,
  model: text,
  x86Level: number,
  features: listOf(text),
  armVersion: number,
}) satisfies ShapeOf<HostCpu>;

const emulator = object({ machine: text, kind: text, interpreter: text, flags: text, enabled: flag }, [
  'machine',
  'kind',
]) satisfies ShapeOf<Emulator>;

const cgroup = words('v1', 'v2', 'hybrid');

const vm = object(
  {
    kind: text,
    kernelRelease: text,
    machines: listOf(text),
    emulators: listOf(emulator),
    pageSizeBytes: number,
    cgroup,
    features: mapOf(flag),
    devices: mapOf(flag),
    sysctls: mapOf(text),
  },
  ['kind'],
) satisfies ShapeOf<EngineVm>;

const engine = object(
  {
    name: text,
    version: text,
    containers: words('linux', 'windows'),
    runtime: text,
    libseccomp: text,
    seccompProfile: nullable(text),
    vm: nullable(vm),
  },
  ['name'],
) satisfies ShapeOf<HostEngine>;

const windowsFields = {
  build: number,
  revision: number,
  edition: text,
  kind: words('server', 'client'),
  containersFeature: flag,
  hyperVAvailable: flag,
  wslVersion: nullable(text),
};
const windows = object(windowsFields) satisfies ShapeOf<HostWindows>;

export const hostProfile = object(
  {
    id: text,
    title: text,
    os: text,
    architecture: text,
    variant: text,
    kernel,
    machines: listOf(text),
    cpu,
    pageSizeBytes: number,
    emulators: listOf(emulator),
    cgroup: nullable(cgroup),
    namespaces: listOf(text),
    features: mapOf(flag),
    lsm: listOf(text),
    sysctls: mapOf(text),
    devices: mapOf(flag),
    engine: nullable(engine),
    virtualization: object({ kvm: flag, hyperV: flag, wsl2: flag, hardware: flag, wine: flag }),
    windows,
    macos: object({ version: text, rosetta: flag }),
    stated: object({ by: text, date: text }, ['by', 'date']),
    sources: listOf(object({ for: text, title: text, url: text }, ['title'])),
  },
  ['id', 'title', 'os', 'architecture', 'stated', 'sources'],
) satisfies ShapeOf<HostProfile>;

export const guest = object(
  {
    name: text,
    os: text,
    platform: text,
    kernel,
    machines: listOf(text),
    cpu,
    pageSizeBytes: number,
    cgroup: nullable(text),
    features: mapOf(flag),
    devices: mapOf(flag),
    sysctls: mapOf(text),
    engine: nullable(engine),
    windows: object({ ...windowsFields, isolation: words('process', 'hyper-v'), systemDlls: listOf(text) }),
    limits: listOf(text),
  },
  ['name'],
) satisfies ShapeOf<Guest>;
