import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { detectHost } from '../../../src/host/detect/index.js';
import { parseProfile } from '../../../src/host/profile.js';
import { profileJson } from '../../../src/report/profile.js';
import { readRecorded, recordedIo } from '../../support/recorded-host.js';

const names = readdirSync(new URL('../recorded/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));

const expected: Readonly<Record<string, object>> = {
  'debian12-vm': {
    title: 'Debian GNU/Linux 12 (bookworm), amd64',
    os: 'linux',
    architecture: 'amd64',
    kernel: { name: 'linux', release: '6.18.44' },
    machines: ['x86_64', 'i386'],
    cpu: { vendor: 'AuthenticAMD', x86Level: 4 }, // as ld.so --help says on that machine
    pageSizeBytes: 4096,
    emulators: [],
    cgroup: 'hybrid',
    features: {
      'io-uring': true,
      'ia32-emulation': true,
      vsyscall: true,
      'vsyscall-readable': false,
      'x32-abi': false,
    },
    devices: { '/dev/kvm': true, '/dev/net/tun': true, '/dev/nvidia0': false },
    virtualization: { kvm: true, wine: true },
  },
  'debian12-docker': {
    kernel: { name: 'linux', release: '6.1.0-28-amd64' },
    machines: ['x86_64', 'i386'],
    cpu: { x86Level: 3 },
    cgroup: 'v2',
    // The handler that calls itself qemu-x86_64 matches 32-bit Arm: the bytes decide.
    emulators: [
      { machine: 'aarch64', kind: 'qemu-user', flags: 'POCF', enabled: true },
      { machine: 's390x', kind: 'qemu-user' },
      { machine: 'arm', kind: 'qemu-user' },
    ],
    features: { vsyscall: false, 'x32-abi': true, overlayfs: true, 'unprivileged-user-namespaces': true },
    lsm: ['lockdown', 'capability', 'landlock', 'yama', 'apparmor'],
    engine: {
      name: 'docker',
      version: '28.2.2',
      containers: 'linux',
      runtime: 'runc',
      seccompProfile: 'default',
      libseccomp: '2.5.4',
      vm: null,
    },
  },
  'centos7-docker19': {
    title: 'CentOS Linux 7 (Core), amd64',
    kernel: { name: 'linux', release: '3.10.0-1160.119.1.el7.x86_64' },
    machines: ['x86_64', 'i386'],
    cpu: { x86Level: 1 },
    cgroup: 'v1',
    namespaces: ['ipc', 'mnt', 'net', 'pid', 'user', 'uts'],
    features: {
      'io-uring': false,
      'user-namespaces': false,
      vsyscall: true,
      'vsyscall-readable': true,
      overlayfs: true,
    },
    lsm: ['selinux'],
    engine: { name: 'docker', version: '19.03.15', seccompProfile: 'default', libseccomp: '2.3.1' },
    virtualization: { kvm: false, hardware: false },
  },
  wsl1: {
    kernel: { name: 'wsl1', release: '4.4.0-19041-Microsoft' },
    machines: ['x86_64'],
    pageSizeBytes: 4096,
    cgroup: null,
    emulators: [{ machine: 'pe', kind: 'other', interpreter: '/init' }],
    features: { seccomp: false, 'ia32-emulation': false },
    engine: null,
  },
  wsl2: {
    kernel: { name: 'linux', release: '5.15.167.4-microsoft-standard-WSL2' },
    machines: ['x86_64', 'i386'],
    cgroup: 'v2',
    features: { vsyscall: false, overlayfs: true },
    devices: { '/dev/kvm': true, '/dev/dxg': true },
    // Docker Desktop runs in the same machine, so that its kernel is this one.
    engine: { name: 'docker-desktop', version: '27.4.0', seccompProfile: null, vm: null },
  },
  'apple-silicon': {
    title: 'macOS 15.1 on Apple M2',
    os: 'darwin',
    architecture: 'arm64',
    kernel: { name: 'darwin', release: '24.1.0' },
    machines: ['aarch64'],
    pageSizeBytes: 16384,
    macos: { version: '15.1', rosetta: true },
    virtualization: { hardware: true },
    engine: {
      name: 'docker-desktop',
      containers: 'linux',
      vm: {
        kind: 'linux-vm',
        kernelRelease: '5.15.49-linuxkit-pr',
        machines: ['aarch64'],
        cgroup: 'v2',
        emulators: [{ machine: 'x86_64', kind: 'rosetta' }, { machine: 'i386', kind: 'qemu-user' }, {}, {}, {}, {}],
      },
    },
  },
  'intel-mac': {
    architecture: 'amd64',
    machines: ['x86_64'],
    cpu: { x86Level: 3 },
    macos: { version: '14.6', rosetta: false },
    virtualization: { hardware: true },
    engine: null,
  },
  windows11: {
    title: 'Windows 11 Pro (build 26100)',
    os: 'windows',
    architecture: 'amd64',
    kernel: { name: 'nt', release: '10.0.26100.2033' },
    machines: ['x86_64', 'i386'],
    cpu: { vendor: 'GenuineIntel', model: '12th Gen Intel(R) Core(TM) i7-12700K' },
    windows: {
      build: 26100,
      revision: 2033,
      edition: 'Professional',
      kind: 'client',
      containersFeature: false,
      hyperVAvailable: true,
      wslVersion: '2',
    },
    virtualization: { hardware: true, hyperV: false, wsl2: true },
    engine: { name: 'docker-desktop', containers: 'linux', vm: { kind: 'wsl2', machines: ['x86_64', 'i386'] } },
  },
  'windows-server-2022': {
    title: 'Windows Server 2022 Datacenter (build 20348)',
    windows: {
      build: 20348,
      revision: 2762,
      edition: 'ServerDatacenter',
      kind: 'server',
      containersFeature: true,
      wslVersion: null,
    },
    virtualization: { hardware: true, hyperV: false, wsl2: false },
    engine: { name: 'docker', version: '25.0.3', containers: 'windows' },
  },
  'raspberry-pi-3': {
    architecture: 'arm',
    variant: 'v7',
    machines: ['arm'],
    cpu: { vendor: 'ARM', armVersion: 7 },
    cgroup: 'v2',
    engine: { name: 'podman', version: '4.3.1', runtime: 'crun', vm: null },
  },
  'raspberry-pi-zero': { architecture: 'arm', variant: 'v6', machines: ['arm'], cpu: { armVersion: 6 }, engine: null },
  gvisor: {
    kernel: { name: 'gvisor', release: '4.4.0' },
    machines: ['x86_64'],
    cpu: { x86Level: 3 },
    cgroup: 'v1',
    features: { overlayfs: true, 'io-uring': false, 'inside-container': true, 'ia32-emulation': false },
  },
};

test('every recording is expected to be something', () => {
  expect(Object.keys(expected).sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  test('is detected for what it is', async () => {
    const profile = await detectHost(recordedIo(readRecorded(name)));
    expect(profile).toMatchObject(expected[name] ?? {});
    expect(profile.stated).toEqual({ by: 'xoscheck host', date: '2026-11-24' });
  });

  test('makes a profile that can be saved and read again', async () => {
    const profile = await detectHost(recordedIo(readRecorded(name)));
    expect(parseProfile(profileJson(profile), 'saved.json')).toEqual({ ok: true, value: profile });
  });
});

test('a machine that answers nothing makes a profile that says nothing', async () => {
  for (const platform of ['linux', 'darwin', 'win32', 'freebsd']) {
    const profile = await detectHost(recordedIo({ platform }));
    expect(parseProfile(profileJson(profile), 'empty.json').ok).toBe(true);
    expect(profile.pageSizeBytes === undefined || platform === 'win32').toBe(true);
    expect(profile.cgroup).toBeUndefined();
    expect(profile.emulators).toBeUndefined();
  }
});
