import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseProfile } from '../../src/host/profile.js';
import { loadRoutes } from '../../src/route/parse.js';
import { routesFor, type RouteImage } from '../../src/route/routes.js';
import { standingOf } from '../../src/route/standing.js';
import type { HostProfile } from '../../src/model/host.js';
import type { Route } from '../../src/model/verdict.js';

const read = (folder: string): { path: string; text: string }[] => {
  const url = new URL(`../../rules/${folder}/`, import.meta.url);
  return readdirSync(url).map((path) => ({ path, text: readFileSync(new URL(path, url), 'utf8') }));
};

const loaded = loadRoutes(read('routes'));
if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
const definitions = loaded.value;
const hosts = new Map<string, HostProfile>(
  read('hosts').map(({ path, text }) => {
    const profile = parseProfile(text, path);
    if (!profile.ok) throw new Error(JSON.stringify(profile.error));
    return [profile.value.id, profile.value];
  }),
);

const linux = (architecture: string, machine: RouteImage['machine'], variant: string | null = null): RouteImage => ({
  os: 'linux',
  architecture,
  variant,
  osVersion: null,
  machine,
  program: 'elf',
  format: 'docker-archive',
});
const windows = (build: number, architecture = 'amd64'): RouteImage => ({
  os: 'windows',
  architecture,
  variant: null,
  osVersion: `10.0.${build}.1`,
  machine: architecture === 'amd64' ? 'x86_64' : 'aarch64',
  program: null,
});

const images = {
  'linux/amd64': linux('amd64', 'x86_64'),
  'a Linux program': { ...linux('amd64', 'x86_64'), format: 'file' },
  'linux/386': linux('386', 'i386'),
  'linux/arm64': linux('arm64', 'aarch64', 'v8'),
  'linux/arm/v7': linux('arm', 'arm', 'v7'),
  'linux/riscv64': linux('riscv64', 'riscv64'),
  'windows 2016': windows(14393),
  'windows 2019': windows(17763),
  'windows 2022': windows(20348),
  'windows 2025': windows(26100),
  'windows 2025 arm64': windows(26100, 'arm64'),
  'a .exe': { os: 'windows', architecture: 'amd64', variant: null, osVersion: null, machine: 'x86_64', program: 'pe' },
} satisfies Record<string, RouteImage>;

/**
 * Stands in for the two rules without which a table of routes says nothing: the guest's machines, and which builds run
 * under process isolation (facts of Microsoft's version-compatibility page).
 */
function isOpen(route: Route, image: RouteImage): boolean {
  if (standingOf(route.requires).works !== true) return false;
  if (image.machine !== null && route.guest.machines?.includes(image.machine) === false) return false;
  return route.guest.windows?.isolation !== 'process' || isBuildOpen(image, route.guest.windows.build);
}

function isBuildOpen(image: RouteImage, own: number | undefined): boolean {
  if (image.osVersion === null || own === undefined) return true;
  const build = Number(image.osVersion.split('.')[2]);
  return own < 20348 ? build === own : build >= 20348 && build <= own;
}

type Row = readonly [image: keyof typeof images, via: string | null, ready: boolean];

const table: Readonly<Record<string, readonly Row[]>> = {
  'linux-amd64': [
    ['linux/amd64', 'native', true],
    ['linux/386', 'native', true],
    ['linux/arm64', 'qemu-user', false],
    ['linux/arm/v7', 'qemu-user', false],
    ['linux/riscv64', 'qemu-user', false],
    ['windows 2022', 'windows-vm', false],
    ['windows 2025 arm64', null, false],
    ['a .exe', 'windows-vm', false],
  ],
  'linux-amd64-v1': [
    ['linux/amd64', 'native', true],
    ['linux/arm64', 'qemu-user', false],
    ['windows 2022', null, false],
    ['a .exe', 'wine', false],
  ],
  'linux-arm64': [
    ['linux/arm64', 'native', true],
    ['linux/amd64', 'qemu-user', false],
    ['linux/386', 'qemu-user', false],
    ['linux/arm/v7', 'qemu-user', false],
    ['windows 2022', null, false],
    ['a .exe', null, false],
  ],
  'linux-arm64-64k': [
    ['linux/arm64', 'native', true],
    ['linux/amd64', 'qemu-user', false],
    ['linux/arm/v7', 'qemu-user', false],
  ],
  'centos7-docker19': [
    ['linux/amd64', 'native', true],
    ['linux/386', 'native', true],
    ['linux/arm64', 'qemu-user', false],
    ['windows 2019', 'windows-vm', false],
  ],
  'docker-desktop-windows-wsl2': [
    ['linux/amd64', 'wsl2', true],
    ['linux/386', 'wsl2', true],
    ['linux/arm64', 'qemu-user', true],
    ['linux/arm/v7', 'qemu-user', true],
    ['linux/riscv64', 'qemu-user', true],
    ['windows 2019', 'hyper-v', false],
    ['windows 2022', 'native', false],
    ['windows 2025', 'native', false],
  ],
  'docker-desktop-windows-hyperv': [
    ['linux/amd64', 'linux-vm', true],
    ['linux/arm64', 'qemu-user', true],
    ['windows 2019', 'hyper-v', false],
    ['windows 2022', 'native', false],
  ],
  'docker-desktop-windows-containers': [
    ['linux/amd64', 'wsl2', false],
    ['linux/arm64', 'qemu-user', false],
    ['windows 2016', 'hyper-v', true],
    ['windows 2019', 'hyper-v', true],
    ['windows 2022', 'native', true],
    ['windows 2025', 'native', true],
    ['windows 2025 arm64', null, false],
  ],
  'windows-server-2016': [
    ['windows 2016', 'native', true],
    ['windows 2019', null, false],
    ['linux/amd64', 'linux-vm', false],
  ],
  'windows-server-2019': [
    ['windows 2019', 'native', true],
    ['windows 2016', 'hyper-v', false],
    ['windows 2022', null, false],
    ['linux/amd64', 'linux-vm', false],
  ],
  'windows-server-2022': [
    ['windows 2022', 'native', true],
    ['windows 2019', 'hyper-v', false],
    ['windows 2025', null, false],
    ['linux/amd64', 'wsl2', false],
    ['linux/arm64', 'qemu-user', false],
  ],
  'windows-server-2025': [
    ['windows 2025', 'native', true],
    ['windows 2022', 'native', true],
    ['windows 2019', 'hyper-v', false],
    ['linux/amd64', 'wsl2', false],
  ],
  'windows-11-home': [
    ['linux/amd64', 'wsl2', false],
    ['linux/arm64', 'qemu-user', false],
    ['windows 2022', null, false],
  ],
  'docker-desktop-mac-apple-silicon': [
    ['linux/arm64', 'linux-vm', true],
    ['linux/amd64', 'rosetta', true],
    ['linux/386', 'qemu-user', true],
    ['linux/arm/v7', 'qemu-user', true],
    ['linux/riscv64', 'qemu-user', true],
    ['windows 2022', null, false],
    ['windows 2025 arm64', 'windows-vm', false],
    ['a .exe', 'wine', false],
  ],
  'docker-desktop-mac-intel': [
    ['linux/amd64', 'linux-vm', true],
    ['linux/386', 'linux-vm', true],
    ['linux/arm64', 'qemu-user', true],
    ['windows 2022', 'windows-vm', false],
    ['windows 2025 arm64', null, false],
  ],
  wsl1: [
    ['a Linux program', 'native', true],
    ['linux/amd64', 'wsl2', false],
    ['linux/386', 'wsl2', false],
    ['linux/arm64', null, false],
  ],
  wsl2: [
    ['linux/amd64', 'native', true],
    ['linux/arm64', 'qemu-user', false],
  ],
  'raspberry-pi-armv7': [
    ['linux/arm/v7', 'native', true],
    ['linux/arm64', 'qemu-user', false],
    ['linux/amd64', 'qemu-user', false],
  ],
  'raspberry-pi-armv6': [
    ['linux/arm/v7', 'native', true], // the version of the Arm architecture is a rule's question
    ['linux/arm64', 'qemu-user', false],
  ],
  'raspberry-pi-5': [
    ['linux/arm64', 'native', true],
    ['linux/arm/v7', 'qemu-user', false],
    ['linux/amd64', 'qemu-user', false],
  ],
  gvisor: [
    ['linux/amd64', 'native', true],
    ['linux/386', null, false],
    ['linux/arm64', null, false],
    ['windows 2022', null, false],
  ],
};

test('every profile has rows', () => {
  expect([...hosts.keys()].sort()).toEqual(Object.keys(table).sort());
});

describe.each(Object.entries(table))('on %s', (id, rows) => {
  test.each(rows)('%s goes by %s, ready: %s', (name, via, ready) => {
    const host = hosts.get(id);
    if (host === undefined) throw new Error(`no profile ${id}`);
    const image = images[name];
    const best = routesFor(image, host, definitions).find((route) => isOpen(route, image));
    expect(best?.via ?? null).toBe(via);
    expect(best === undefined ? false : standingOf(best.requires).ready).toBe(ready);
  });
});

test('every guest of every pair is named, and every text of a requirement is filled in', () => {
  for (const host of hosts.values()) {
    for (const image of Object.values(images)) {
      for (const route of routesFor(image, host, definitions)) {
        expect(route.guest.name).not.toBe('');
        for (const { text, remedy } of route.requires) expect(`${text} ${remedy ?? ''}`).not.toMatch(/\{[a-z]/);
      }
    }
  }
});

test('a route that is ready has no requirement unmet', () => {
  const standing = standingOf([{ id: 'a', text: '', met: null, remedy: null, setup: true }]);
  expect(standing).toEqual({ works: true, ready: false });
  expect(standingOf([])).toEqual({ works: true, ready: true });
});
