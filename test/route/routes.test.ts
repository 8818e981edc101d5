import { describe, expect, test } from 'vitest';
import { parseRoute } from '../../src/route/parse.js';
import { routesFor } from '../../src/route/routes.js';
import type { RouteDefinition } from '../../src/route/definition.js';
import type { RouteImage } from '../../src/route/pair.js';
import type { HostProfile } from '../../src/model/host.js';
import type { Guest } from '../../src/model/host.js';

const image: RouteImage = { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: null, machine: 'aarch64' };
const host: HostProfile = {
  id: 'h',
  title: 'server',
  os: 'linux',
  architecture: 'amd64',
  features: { overlayfs: true, 'io-uring': true },
  stated: { by: 'hand', date: '2026-11-24' },
  sources: [],
};

function definition(guest: string, requires = '[]', id = 'wine', kind = 'emulation', preference = 50): RouteDefinition {
  const read = parseRoute(
    `id: ${id}\ntitle: t\nkind: ${kind}\npreference: ${preference}\nways: [{ name: w, for: yes, requires: ${requires}, guest: ${guest} }]\nreferences: []\ncases: []\n`,
    'r.yaml',
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const guestOf = (spec: string, machine: Partial<HostProfile> = {}, of: Partial<RouteImage> = {}): Guest | undefined =>
  routesFor({ ...image, ...of }, { ...host, ...machine }, [definition(spec)])[0]?.guest;

describe('the guest', () => {
  test('of the host itself says no more than the profile', () => {
    expect(guestOf('{ base: host }')).toEqual({
      name: 'server',
      os: 'linux',
      platform: 'linux/amd64',
      kernel: { name: 'linux' },
      features: { overlayfs: true, 'io-uring': true },
      limits: [],
    });
  });

  test('keeps the features that a route does not speak of', () => {
    const spec =
      '{ base: host, defaults: { features: { bpf: true, overlayfs: false } }, set: { features: { io-uring: false } } }';
    expect(guestOf(spec)?.features).toEqual({ overlayfs: true, 'io-uring': false, bpf: true });
  });

  test('takes defaults only where the base is silent', () => {
    const spec = '{ base: host, defaults: { page-size-bytes: 4096, cgroup: v2 } }';
    expect(guestOf(spec)).toMatchObject({ pageSizeBytes: 4096, cgroup: 'v2' });
    expect(guestOf(spec, { pageSizeBytes: 65536, cgroup: null })).toMatchObject({ pageSizeBytes: 65536, cgroup: null });
  });

  test('leaves out what rests on something unknown', () => {
    const spec =
      '{ base: none, set: { page-size-bytes: { fact: host.page-size-bytes }, machines: [{ fact: host.variant }] } }';
    expect(guestOf(spec)).toEqual({ name: 'server' });
  });

  test('gets the first value that is known, and the one that is chosen', () => {
    const spec =
      '{ base: none, set: { page-size-bytes: { first: [{ fact: host.page-size-bytes }, 4096] }, cpu: { x86-level: { choose: image.machine, from: { x86_64: 3 } } } } }';
    expect(guestOf(spec)).toEqual({ name: 'server', pageSizeBytes: 4096, cpu: {} });
    expect(guestOf(spec, { pageSizeBytes: 16384 }, { machine: 'x86_64' })).toMatchObject({
      pageSizeBytes: 16384,
      cpu: { x86Level: 3 },
    });
  });

  test('of a virtual machine shows the CPU of the host and the kernel of the machine', () => {
    const vm = { kind: 'wsl2', kernelRelease: '6.6.0' };
    const machine = {
      os: 'windows',
      cpu: { x86Level: 2 },
      engine: { name: 'docker-desktop', containers: 'windows', vm },
    } as const;
    expect(guestOf('{ base: vm, vm-kind: wsl2 }', machine)).toMatchObject({
      os: 'linux',
      kernel: { name: 'linux', release: '6.6.0' },
      cpu: { x86Level: 2 },
      machines: ['x86_64', 'i386'],
      engine: { containers: 'linux' },
    });
    expect(guestOf('{ base: vm, vm-kind: hyper-v }', machine)).not.toHaveProperty('kernel');
  });

  test('that is no guest is a defect of the route, and is said so', () => {
    expect(() => guestOf('{ base: host, set: { page-size-bytes: large } }')).toThrow(/route wine makes no guest/);
  });
});

describe('requirements', () => {
  test('are asked only where their condition is known to hold', () => {
    const requires =
      '[{ id: a, when: { fact: host.variant, is: v7 }, expect: no, text: x }, { id: b, expect: unknown, text: y }]';
    const route = routesFor(image, host, [definition('{ base: host }', requires)])[0];
    expect(route?.requires).toEqual([{ id: 'b', text: 'y', met: null, remedy: null, setup: false }]);
  });

  test('carry the values of the image and the host, and name what is not known', () => {
    const requires =
      "[{ id: a, expect: no, setup: true, text: 'an emulator for {image.machine}', remedy: 'install {image.machine-architecture} on {host.title} with {host.page-size-bytes}' }]";
    const route = routesFor(image, host, [definition('{ base: host }', requires)])[0];
    expect(route?.requires).toEqual([
      {
        id: 'a',
        text: 'an emulator for aarch64',
        met: false,
        remedy: 'install arm64 on server with <page-size-bytes>',
        setup: true,
      },
    ]);
  });
});

test('the host itself comes first, then what is ready, then virtual machines before emulation', () => {
  const unmet = '[{ id: a, expect: no, setup: true, text: x, remedy: y }]';
  const order = (...definitions: RouteDefinition[]): string[] =>
    routesFor(image, host, definitions).map((route) => route.via);
  const native = definition('{ base: host }', unmet, 'native', 'native', 10);
  const vm = definition('{ base: host }', '[]', 'linux-vm', 'vm', 24);
  const vmLater = definition('{ base: host }', unmet, 'wsl2', 'vm', 22);
  const qemu = definition('{ base: host }', '[]', 'qemu-user', 'emulation', 32);
  expect(order(qemu, vmLater, vm, native)).toEqual(['native', 'linux-vm', 'qemu-user', 'wsl2']);
});

test('a machine that could not be read is taken from the declared architecture', () => {
  const spec = '{ base: none, set: { machines: [{ fact: image.machine }] } }';
  expect(guestOf(spec, {}, { machine: null })).toMatchObject({ machines: ['aarch64'] });
  expect(guestOf(spec, {}, { machine: null, architecture: 'unheard-of' })).toEqual({ name: 'server' });
});
