import type { Machine } from '../model/binary.js';
import type { Emulator, HostProfile } from '../model/host.js';
import type { ImageFormat } from '../model/image.js';
import type { ProgramFormat } from '../model/start.js';
import { machineOfGoarch, goarchOfUname } from '../host/machines.js';
import { hostProfile } from '../host/profile-shape.js';
import { listOf, number, object, text, toCamel, type Shape } from '../host/shape.js';

/** What routes ask of an image. */
export interface RouteImage {
  readonly os: string;
  /** GOARCH, as declared. */
  readonly architecture: string;
  readonly variant: string | null;
  readonly osVersion: string | null;
  /** Machine of the start program; null where it has none (a script) or it could not be read. */
  readonly machine: Machine | null;
  /** Format of the start program; null or absent where it could not be read. */
  readonly program?: ProgramFormat | null;
  /** Where the image came from: a root file system or a file needs no container engine. */
  readonly format?: ImageFormat | null;
}

const imageFacts = object({
  os: text,
  architecture: text,
  variant: text,
  osVersion: text,
  /** Third number of os.version, which names a Windows release: 20348 of `10.0.20348.2582`. */
  osBuild: number,
  /** Fourth number. */
  osRevision: number,
  /** Of the start program; else of the declared architecture. */
  machine: text,
  /** GOARCH word of `machine`: what the installers of emulators call it. */
  machineArchitecture: text,
  platform: text,
  program: text,
  format: text,
  /** Page size that programs of this machine may count on; absent where the machine knows several. */
  pageSizeBytes: number,
});

const hostFacts = object({
  ...hostProfile.fields,
  /** Machine of the host's architecture. */
  machine: text,
  platform: text,
  /** Machines that the host executes natively; the one of its architecture where the profile does not say. */
  runs: listOf(text),
  /** The same for the virtual machine of the engine, or for one that would be set up on this host. */
  vmRuns: listOf(text),
  /** Machines that an emulator registered on the host, or in the engine's machine, executes in any container. */
  emulated: listOf(text),
  vmEmulated: listOf(text),
});

/** Every fact that a condition or a text of a route may name. */
export const pairFacts: Shape = object({ host: hostFacts, image: imageFacts });

/** Machines that have one page size only (Linux arch/<arch>/Kconfig, PAGE_SIZE choices). */
const FIXED_PAGE_SIZE: Readonly<Partial<Record<string, number>>> = {
  x86_64: 4096,
  i386: 4096,
  s390x: 4096,
  riscv64: 4096,
};

/** Reader of facts about one image and one host. */
export function readPair(image: RouteImage, host: HostProfile): (path: string) => unknown {
  const tree = { host: hostTree(host), image: imageTree(image) };
  return (path) => valueAt(tree, pairFacts, path);
}

function imageTree(image: RouteImage): Readonly<Record<string, unknown>> {
  const machine = image.machine ?? machineOfGoarch(image.architecture) ?? undefined;
  const [, build, revision] = /^\d+\.\d+\.(\d{1,9})(?:\.(\d{1,9}))?$/.exec(image.osVersion ?? '') ?? [];
  return {
    os: image.os,
    architecture: image.architecture,
    variant: image.variant,
    osVersion: said(image.osVersion),
    osBuild: toNumber(build),
    osRevision: toNumber(revision),
    machine,
    machineArchitecture: machine === undefined ? undefined : goarchOfUname(machine).architecture,
    platform: platformOf(image.os, image.architecture, said(image.variant)),
    program: said(image.program),
    format: said(image.format),
    pageSizeBytes: machine === undefined ? undefined : (FIXED_PAGE_SIZE[machine] ?? null),
  };
}

/** What an image does not say is unknown, not absent. */
const said = <T>(value: T | null | undefined): T | undefined => value ?? undefined;

const toNumber = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits);

function hostTree(host: HostProfile): Readonly<Record<string, unknown>> {
  const machine = machineOfGoarch(host.architecture) ?? undefined;
  const vm = host.engine?.vm ?? null;
  return {
    ...host,
    kernel: host.kernel ?? { name: KERNEL_OF_OS[host.os] ?? host.os },
    machine,
    platform: platformOf(host.os, host.architecture, host.variant),
    runs: host.machines ?? (machine === undefined ? undefined : [machine]),
    vmRuns: vm?.machines ?? machinesOfVm(host),
    emulated: emulatedBy(host.emulators),
    vmEmulated: host.engine === undefined ? undefined : vm === null ? null : emulatedBy(vm.emulators),
  };
}

export const KERNEL_OF_OS: Readonly<Partial<Record<string, string>>> = {
  linux: 'linux',
  windows: 'nt',
  darwin: 'darwin',
};

/** What a virtual machine on this CPU executes: x86-64 kernels keep 32-bit mode as a rule, arm64 CPUs often lack it. */
export function machinesOfVm(host: HostProfile): readonly string[] | undefined {
  const machine = machineOfGoarch(host.architecture);
  if (machine === null) return undefined;
  return machine === 'x86_64' ? ['x86_64', 'i386'] : [machine];
}

export function platformOf(os: string, architecture: string, variant: string | undefined): string {
  const said = architecture === 'arm64' && variant === 'v8' ? undefined : variant;
  return [os, architecture, said].filter((part) => part !== undefined).join('/');
}

/**
 * An emulator serves in containers where binfmt_misc holds its file open (flag F), so that no path is looked up.
 * Rosetta is a route of its own.
 */
function emulatedBy(emulators: readonly Emulator[] | undefined): readonly string[] | undefined {
  return emulators
    ?.filter(({ kind, enabled, flags }) => kind !== 'rosetta' && enabled !== false && flags?.includes('F') !== false)
    .map((emulator) => emulator.machine);
}

/** Shape at a path, or the keys that would have been known where it ends; map keys may have dots. */
export function shapeAt(
  shape: Shape,
  path: string,
): Shape | { readonly unknownKey: string; readonly known: readonly string[] } {
  const [step, rest] = splitPath(shape, path);
  if (step === null) return shape;
  if (shape.kind === 'nullable') return shapeAt(shape.of, path);
  if (shape.kind === 'map') return shape.of;
  if (shape.kind !== 'object') return { unknownKey: step, known: [] };
  const key = toCamel(step);
  const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
  return field === undefined ? { unknownKey: step, known: Object.keys(shape.fields) } : shapeAt(field, rest);
}

function valueAt(value: unknown, shape: Shape, path: string): unknown {
  const [step, rest] = splitPath(shape, path);
  if (step === null || value === undefined || value === null) return value;
  if (shape.kind === 'nullable') return valueAt(value, shape.of, path);
  if (shape.kind === 'map') return memberOf(value, step);
  if (shape.kind !== 'object') return undefined;
  const key = toCamel(step);
  const field = shape.fields[key];
  return field === undefined ? undefined : valueAt(memberOf(value, key), field, rest);
}

/** First step and the rest; for a map the whole path is one key (`host.sysctls.vm.max_map_count`). */
function splitPath(shape: Shape, path: string): readonly [string | null, string] {
  if (path === '') return [null, ''];
  const dot = shape.kind === 'map' ? -1 : path.indexOf('.');
  return dot === -1 ? [path, ''] : [path.slice(0, dot), path.slice(dot + 1)];
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
