import type { HostVirtualization, HostWindows } from '../../model/host.js';
import { goarchOfUname, machineOfGoarch } from '../machines.js';
import { detectEngine } from './engine.js';
import { output, type HostIo } from './io.js';
import type { Detected } from './linux.js';
import { present } from './present.js';

const VERSION_KEY = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
const CPU_KEY = 'HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0';

export async function detectWindows(io: HostIo): Promise<Detected> {
  const [ver, versionKey, cpuKey, wsl, system, engine] = await Promise.all([
    output(io, 'cmd', '/d', '/c', 'ver'),
    output(io, 'reg', 'query', VERSION_KEY),
    output(io, 'reg', 'query', CPU_KEY),
    output(io, 'wsl.exe', '--status'),
    querySystem(io),
    detectEngine(io),
  ]);
  const version = parseRegistry(versionKey ?? '');
  const cpu = parseRegistry(cpuKey ?? '');
  // A 32-bit or emulated Node sees its own architecture; Windows leaves the machine's in the second variable.
  const written = io.env['PROCESSOR_ARCHITEW6432'] ?? io.env['PROCESSOR_ARCHITECTURE'] ?? io.machine;
  const { architecture } = goarchOfUname(written);
  const release = releaseOf(ver ?? '', version, io.release);
  const windows = windowsOf(release, version, system, engine?.containers === 'windows', wsl);
  const found = present({
    os: 'windows',
    architecture,
    kernel: { name: 'nt', release },
    machines: machinesOf(architecture),
    cpu: present({ vendor: cpu['VendorIdentifier'], model: cpu['ProcessorNameString']?.trim() }),
    pageSizeBytes: 4096, // On every machine that Windows 10 and later run on ("Windows Internals", Memory Management).
    engine,
    virtualization: virtualizationOf(system, wsl),
    windows,
  });
  return { ...found, title: titleOf(version['ProductName'] ?? 'Windows', windows.build) };
}

/** The registry of Windows 11 still says Windows 10; its builds begin at 22000. */
function titleOf(product: string, build: number | undefined): string {
  const name = (build ?? 0) >= 22_000 ? product.replace(/^Windows 10\b/, 'Windows 11') : product;
  return build === undefined ? name : `${name} (build ${build})`;
}

/** 64-bit Windows executes 32-bit programs by WoW64; Windows on Arm emulates both kinds of x86. */
function machinesOf(architecture: string): readonly string[] | undefined {
  if (architecture === 'amd64') return ['x86_64', 'i386'];
  if (architecture === 'arm64') return ['aarch64', 'x86_64', 'i386'];
  const machine = machineOfGoarch(architecture);
  return machine === null ? undefined : [machine];
}

type Values = Readonly<Record<string, string>>;

/** Values of a key as reg.exe prints them: four blanks, name, type, value; numbers as `0x10dd`. */
export function parseRegistry(printed: string): Values {
  return Object.fromEntries(
    [...printed.matchAll(/^ {4}(\S.*?) {4}(REG_[A-Z_]+) {4}(.*?)\r?$/gm)].map(([, name, type, value]) => [
      name ?? '',
      type === 'REG_DWORD' ? String(Number(value)) : (value ?? ''),
    ]),
  );
}

/** `Microsoft Windows [Version 10.0.22631.4317]`; on other languages the word differs, the digits do not. */
function releaseOf(ver: string, version: Values, fallback: string): string {
  const printed = /\d+\.\d+\.\d+(?:\.\d+)?/.exec(ver)?.[0];
  if (printed !== undefined) return printed;
  const [build, revision] = [version['CurrentBuildNumber'], version['UBR']];
  return build === undefined ? fallback : ['10.0', build, ...(revision === undefined ? [] : [revision])].join('.');
}

/** What PowerShell says of features and hardware; empty where it does not answer. */
interface SystemAnswer {
  readonly features: readonly string[];
  readonly hypervisor: boolean | null;
  readonly firmware: boolean | null;
  readonly answered: boolean;
}

const QUESTION = [
  "Get-CimInstance Win32_OptionalFeature -Filter 'InstallState = 1' | ForEach-Object { 'feature=' + $_.Name }",
  "'hypervisor=' + (Get-CimInstance Win32_ComputerSystem).HypervisorPresent",
  "'firmware=' + (Get-CimInstance Win32_Processor | Select-Object -First 1).VirtualizationFirmwareEnabled",
].join('; ');
/** PowerShell takes a second to start, WMI another to list the features. */
const POWERSHELL_MS = 15_000;

async function querySystem(io: HostIo): Promise<SystemAnswer> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', QUESTION];
  const printed = (await io.run('powershell', args, POWERSHELL_MS))?.stdout ?? '';
  const lines = printed.split(/\r?\n/);
  const answer = (name: string): boolean | null => {
    const value = lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
    return value === 'True' ? true : value === 'False' ? false : null;
  };
  const features = lines.filter((line) => line.startsWith('feature=')).map((line) => line.slice('feature='.length));
  return { features, hypervisor: answer('hypervisor'), firmware: answer('firmware'), answered: features.length > 0 };
}

function windowsOf(
  release: string,
  version: Values,
  system: SystemAnswer,
  startsWindowsContainers: boolean,
  wsl: string | null,
): HostWindows {
  const [, build, revision] = /^\d+\.\d+\.(\d+)(?:\.(\d+))?/.exec(release) ?? [];
  const edition = version['EditionID'];
  const hasContainers = startsWindowsContainers || system.features.includes('Containers');
  return {
    ...present({
      build: build === undefined ? undefined : Number(build),
      revision: revision === undefined ? undefined : Number(revision),
      edition,
      kind: kindOf(version['InstallationType']),
      containersFeature: hasContainers || system.answered ? hasContainers : undefined,
      hyperVAvailable: edition === undefined ? undefined : !edition.startsWith('Core'),
    }),
    wslVersion: wslVersionOf(wsl),
  };
}

/** Which WSL a new distribution gets: `Default Version: 2`, in the language of the system. */
const wslVersionOf = (wsl: string | null): string | null => /[:：]\s*([12])\s*$/m.exec(wsl ?? '')?.[1] ?? null;

/** `Client`, `Server`, `Server Core`. */
function kindOf(installation: string | undefined): 'server' | 'client' | undefined {
  if (installation === undefined) return undefined;
  return installation.startsWith('Server') ? 'server' : 'client';
}

/** A hypervisor that runs proves the hardware: while it runs, the processor says that its extension is taken. */
function virtualizationOf(system: SystemAnswer, wsl: string | null): HostVirtualization {
  const hardware = system.hypervisor === true ? true : system.firmware;
  const has = (name: string): boolean => system.features.includes(name);
  const { answered } = system;
  return present({
    kvm: false,
    hardware: hardware ?? undefined,
    hyperV: answered ? has('Microsoft-Hyper-V') || has('Microsoft-Hyper-V-Hypervisor') : undefined,
    wsl2: wslVersionOf(wsl) === '2' ? !answered || has('VirtualMachinePlatform') : answered ? false : undefined,
  });
}
