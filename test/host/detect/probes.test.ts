import { describe, expect, test } from 'vitest';
import { detectCgroup } from '../../../src/host/detect/cgroup.js';
import { isInContainer } from '../../../src/host/detect/container.js';
import { x86Level } from '../../../src/host/detect/cpu-level.js';
import { parseCpuinfo } from '../../../src/host/detect/cpu.js';
import { detectEngine } from '../../../src/host/detect/engine.js';
import { detectFeatures } from '../../../src/host/detect/features.js';
import { isBuilt, parseKernelConfig } from '../../../src/host/detect/kernel-config.js';
import { detectLinuxKernel } from '../../../src/host/detect/kernel.js';
import { detectMachines } from '../../../src/host/detect/machines.js';
import { detectPageSize } from '../../../src/host/detect/page-size.js';
import { parseRegistry } from '../../../src/host/detect/windows.js';
import { recordedIo } from '../../support/recorded-host.js';

const linux = { name: 'linux', release: '6.12.0' };

describe('x86-64 levels', () => {
  const v1 = ['lm', 'cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'syscall', 'sse', 'sse2'];
  const v2 = [...v1, 'cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'];
  const v3 = [...v2, 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave'];
  const v4 = [...v3, 'avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'];

  test('need every feature of the level and of those below', () => {
    expect([v1, v2, v3, v4].map(x86Level)).toEqual([1, 2, 3, 4]);
    expect(x86Level(v3.filter((name) => name !== 'movbe'))).toBe(2);
    expect(x86Level(v4.filter((name) => name !== 'popcnt'))).toBe(1);
    expect(x86Level(v1.filter((name) => name !== 'lm'))).toBeUndefined();
    expect(x86Level([])).toBeUndefined();
  });
});

describe('the version of the Arm architecture', () => {
  const arm = (architecture: string, model: string, features: string): number | undefined =>
    parseCpuinfo(`model name\t: ${model}\nFeatures\t: ${features}\nCPU architecture: ${architecture}\n`).armVersion;

  test('is the one of the model name where both differ', () => {
    expect(arm('7', 'ARMv6-compatible processor rev 7 (v6l)', 'half thumb')).toBe(6);
    expect(arm('7', 'ARMv7 Processor rev 4 (v7l)', 'neon')).toBe(7);
  });

  test('is 9 where arm64 shows SVE2, 8 otherwise', () => {
    expect(parseCpuinfo('Features\t: fp asimd sve sve2\nCPU architecture: 8\n').armVersion).toBe(9);
    expect(parseCpuinfo('Features\t: fp asimd\nCPU architecture: 8\n').armVersion).toBe(8);
  });

  test('is not said by an x86 processor', () => {
    expect(parseCpuinfo('flags\t\t: fpu lm\n')).not.toHaveProperty('armVersion');
  });
});

describe('kernels are told apart:', () => {
  test.each([
    ['4.4.0-19041-Microsoft', '', 'wsl1'],
    ['4.4.0-22621-Microsoft', '', 'wsl1'],
    ['5.15.167.4-microsoft-standard-WSL2', '', 'linux'],
    ['4.19.0-gvisor', '', 'gvisor'],
    ['4.4.0', 'Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016', 'gvisor'],
    ['4.4.0', 'Linux version 4.4.0 (builder@host) #1 SMP Mon Jan 11 2016', 'linux'],
    ['4.4.0-210-generic', 'Linux version 4.4.0-210-generic (buildd@lgw01)', 'linux'],
  ])('%s %s', async (release, version, name) => {
    const io = recordedIo({ release, files: { '/proc/version': version } });
    expect(await detectLinuxKernel(io)).toEqual({ name, release });
  });
});

describe('the configuration of the kernel', () => {
  const config = parseKernelConfig('CONFIG_FUSE_FS=m\n# CONFIG_X86_X32_ABI is not set\nCONFIG_LSM="yama"\nnonsense\n');

  test('has what is built in, what is a module and what is off', () => {
    expect([isBuilt(config, 'FUSE_FS'), isBuilt(config, 'X86_X32_ABI'), isBuilt(config, 'TUN')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(config.get('LSM')).toBe('yama');
  });

  test('that cannot be read leaves everything open', () => {
    expect(isBuilt(null, 'FUSE_FS')).toBeUndefined();
  });
});

describe('32-bit mode', () => {
  const withConfig = (text: string, cmdline = ''): Promise<readonly string[] | undefined> =>
    detectMachines(recordedIo({ files: { '/proc/cmdline': cmdline } }), linux, parseKernelConfig(text));

  test('of x86-64 is what the kernel was built and booted with', async () => {
    expect(await withConfig('CONFIG_IA32_EMULATION=y')).toEqual(['x86_64', 'i386']);
    expect(await withConfig('# CONFIG_IA32_EMULATION is not set')).toEqual(['x86_64']);
    expect(await withConfig('CONFIG_IA32_EMULATION=y', 'quiet ia32_emulation=0')).toEqual(['x86_64']);
    const off = 'CONFIG_IA32_EMULATION=y\nCONFIG_IA32_EMULATION_DEFAULT_DISABLED=y';
    expect(await withConfig(off)).toEqual(['x86_64']);
    expect(await withConfig(off, 'ia32_emulation=on')).toEqual(['x86_64', 'i386']);
  });

  test('of arm64 is what personality(2) lets through', async () => {
    const arm = (code: number): Promise<readonly string[] | undefined> =>
      detectMachines(
        recordedIo({ machine: 'aarch64', commands: { 'setarch linux32 true': { stdout: '', code } } }),
        linux,
        null,
      );
    expect(await arm(0)).toEqual(['aarch64', 'arm']);
    expect(await arm(1)).toEqual(['aarch64']);
  });
});

describe('cgroup', () => {
  const of = (...types: string[]): string | null | undefined =>
    detectCgroup(
      recordedIo({
        files: { '/proc/self/mountinfo': types.map((type) => `1 0 0:1 / /x rw - ${type} x rw`).join('\n') },
      }),
    );

  test('is told by the file systems that are mounted', () => {
    expect([of('cgroup2'), of('cgroup'), of('cgroup', 'cgroup2'), of('ext4')]).toEqual(['v2', 'v1', 'hybrid', null]);
    expect(detectCgroup(recordedIo({}))).toBeUndefined();
  });
});

describe('features', () => {
  test('a sysctl switches io_uring off in a kernel that has it', () => {
    const files = { '/proc/sys/kernel/io_uring_disabled': '2\n' };
    expect(detectFeatures(recordedIo({ files }), parseKernelConfig('CONFIG_IO_URING=y'))['io-uring']).toBe(false);
  });

  test('AppArmor of Ubuntu 24.04 keeps user namespaces from users', () => {
    const files = { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' };
    const found = detectFeatures(recordedIo({ files, lists: { '/proc/self/ns': ['user'] } }), null);
    expect(found).toMatchObject({ 'user-namespaces': true, 'unprivileged-user-namespaces': false });
  });

  test('a file system that is not listed may still be a module', () => {
    const io = recordedIo({ files: { '/proc/filesystems': 'nodev\ttmpfs\n' } });
    expect(detectFeatures(io, null)).not.toHaveProperty('overlayfs');
    expect(detectFeatures(io, parseKernelConfig('CONFIG_OVERLAY_FS=m'))['overlayfs']).toBe(true);
  });
});

describe('the engine', () => {
  const none = { stdout: '{"OSType":""}', code: 1 };

  test('is unknown where a client is there and no daemon answers', async () => {
    expect(await detectEngine(recordedIo({ commands: { docker: none } }))).toBeUndefined();
    expect(await detectEngine(recordedIo({ commands: { docker: { stdout: 'error', code: 1 } } }))).toBeUndefined();
  });

  test('is none where no client is there', async () => {
    expect(await detectEngine(recordedIo({}))).toBeNull();
  });

  test('is containerd where only that is there', async () => {
    const commands = {
      containerd: { stdout: 'containerd github.com/containerd/containerd/v2 v2.0.4 1a43cb6a\n', code: 0 },
    };
    expect(await detectEngine(recordedIo({ commands }))).toMatchObject({ name: 'containerd', version: '2.0.4' });
  });

  test('of Docker Desktop for Linux has a machine of its own', async () => {
    const info = {
      OSType: 'linux',
      OperatingSystem: 'Docker Desktop',
      KernelVersion: '6.10.14-linuxkit',
      Architecture: 'x86_64',
    };
    const commands = { docker: { stdout: JSON.stringify(info), code: 0 } };
    expect(await detectEngine(recordedIo({ commands }))).toMatchObject({
      name: 'docker-desktop',
      vm: { kind: 'linux-vm', kernelRelease: '6.10.14-linuxkit' },
    });
  });

  test('without seccomp says so', async () => {
    const info = { OSType: 'linux', SecurityOptions: ['name=apparmor'] };
    const commands = { docker: { stdout: JSON.stringify(info), code: 0 } };
    expect(await detectEngine(recordedIo({ commands }))).toMatchObject({ name: 'docker', seccompProfile: null });
  });
});

test('pages of 64 KiB are read from the maps, others from getconf', async () => {
  expect(await detectPageSize(recordedIo({ files: { '/proc/self/smaps': 'KernelPageSize:       64 kB\n' } }))).toBe(
    65536,
  );
  expect(await detectPageSize(recordedIo({ commands: { getconf: { stdout: '16384\n', code: 0 } } }))).toBe(16384);
  expect(await detectPageSize(recordedIo({ commands: { getconf: { stdout: 'huge\n', code: 0 } } }))).toBeUndefined();
});

test('a container is seen by its marks', () => {
  expect(isInContainer(recordedIo({ lists: { '/': ['.dockerenv'] } }))).toBe(true);
  expect(isInContainer(recordedIo({ env: { container: 'podman' } }))).toBe(true);
  expect(isInContainer(recordedIo({ files: { '/proc/1/environ': 'PATH=/bin\0container=lxc\0' } }))).toBe(true);
  expect(isInContainer(recordedIo({ files: { '/proc/1/cgroup': '0::/kubepods/pod1\n' } }))).toBe(true);
  expect(isInContainer(recordedIo({ files: { '/proc/1/cgroup': '0::/init.scope\n' } }))).toBe(false);
  expect(isInContainer(recordedIo({}))).toBeUndefined();
});

test('numbers of the registry are read as numbers, texts with blanks whole', () => {
  const printed = '\r\nHKEY\\X\r\n    UBR    REG_DWORD    0x7f1\r\n    ProductName    REG_SZ    Windows 10 Pro\r\n';
  expect(parseRegistry(printed)).toEqual({ UBR: '2033', ProductName: 'Windows 10 Pro' });
});
