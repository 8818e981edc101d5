import type { EngineVm, Emulator, HostEngine } from '../../model/host.js';
import { goarchOfUname, machineOfGoarch } from '../machines.js';
import { isTree } from '../shape.js';
import { isThere, parseJson, type HostIo } from './io.js';
import { present } from './present.js';

/** A daemon in a virtual machine that sleeps takes its time. */
const DOCKER_MS = 5000;

/** `undefined`: there is a client, and no daemon answers it; `null`: there is no client. */
export async function detectDocker(io: HostIo): Promise<HostEngine | null | undefined> {
  const result = await io.run('docker', ['info', '--format', '{{json .}}'], DOCKER_MS);
  if (result === null) return null;
  const info = parseJson(result.stdout);
  return isTree(info) ? engineOf(info, io) : undefined;
}

type Info = Readonly<Record<string, unknown>>;

const textOf = (info: Info, key: string): string | undefined => {
  const value = info[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Engine API, "GET /info". An answer without OSType is the client's own: no daemon. */
function engineOf(info: Info, io: HostIo): HostEngine | undefined {
  const osType = textOf(info, 'OSType');
  if (osType !== 'linux' && osType !== 'windows') return undefined;
  const isDesktop = textOf(info, 'OperatingSystem') === 'Docker Desktop' || hasDesktop(io);
  return {
    name: isDesktop ? 'docker-desktop' : 'docker',
    containers: osType,
    ...present({
      version: textOf(info, 'ServerVersion'),
      runtime: textOf(info, 'DefaultRuntime'),
      seccompProfile: seccompOf(info['SecurityOptions']),
      vm: osType === 'linux' ? vmOf(info, io, isDesktop) : undefined,
    }),
  };
}

/** In Windows mode the daemon names the Windows it runs on; then the installation tells. */
function hasDesktop(io: HostIo): boolean {
  return io.platform === 'win32' && isThere(io, 'C:\\Program Files\\Docker\\Docker\\DockerCli.exe', '\\') === true;
}

/** `name=seccomp,profile=builtin` (23.0 and later), `profile=default` (older), `unconfined`, or a path. */
function seccompOf(options: unknown): string | null | undefined {
  if (!Array.isArray(options)) return undefined;
  const option = options.find(
    (item: unknown): item is string => typeof item === 'string' && item.startsWith('name=seccomp'),
  );
  const profile = /profile=([^,]+)/.exec(option ?? '')?.[1];
  if (option === undefined || profile === 'unconfined') return null;
  return profile === undefined || profile === 'builtin' ? 'default' : profile;
}

/** The Linux machine behind the daemon; null where the daemon shares the kernel of this host, as all of WSL 2 does. */
function vmOf(info: Info, io: HostIo, isDesktop: boolean): EngineVm | null {
  const kernelRelease = textOf(info, 'KernelVersion');
  if (io.platform === 'linux' && (!isDesktop || kernelRelease === io.release)) return null;
  const machine = machineOfGoarch(goarchOfUname(textOf(info, 'Architecture') ?? '').architecture);
  return {
    kind: kindOf(io, kernelRelease ?? ''),
    ...present({
      kernelRelease,
      machines: machine === null ? undefined : machine === 'x86_64' ? [machine, 'i386'] : [machine],
      emulators: isDesktop && machine !== null ? desktopEmulators(machine, usesRosetta(io)) : undefined,
      cgroup: CGROUP[textOf(info, 'CgroupVersion') ?? ''],
    }),
  };
}

const CGROUP: Readonly<Record<string, 'v1' | 'v2'>> = { '1': 'v1', '2': 'v2' };

function kindOf(io: HostIo, release: string): string {
  if (/-microsoft-standard/.test(release)) return 'wsl2';
  return io.platform === 'win32' ? 'hyper-v' : 'linux-vm';
}

/** Docker Desktop registers QEMU for these (docs.docker.com, "Multi-platform builds", QEMU); it shows them to nobody. */
function desktopEmulators(own: string, rosetta: boolean): readonly Emulator[] {
  return ['x86_64', 'i386', 'aarch64', 'arm', 'riscv64', 's390x', 'ppc64le']
    .filter((machine) => machine !== own && !(own === 'x86_64' && machine === 'i386'))
    .map((machine) => ({ machine, kind: rosetta && machine === 'x86_64' ? 'rosetta' : 'qemu-user', flags: 'F' }));
}

const SETTINGS = 'Library/Group Containers/group.com.docker';

/** The setting "Use Rosetta for x86_64/amd64 emulation"; the file was renamed with Docker Desktop 4.35. */
function usesRosetta(io: HostIo): boolean {
  const folder = `${io.env['HOME'] ?? ''}/${SETTINGS}`;
  const text = io.readFile(`${folder}/settings-store.json`) ?? io.readFile(`${folder}/settings.json`);
  const settings = parseJson(text);
  if (io.platform !== 'darwin' || !isTree(settings)) return false;
  return (
    settings['UseVirtualizationFrameworkRosetta'] === true || settings['useVirtualizationFrameworkRosetta'] === true
  );
}
