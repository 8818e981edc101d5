import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseProfile } from '../../src/host/profile.js';
import { profileJson } from '../../src/report/profile.js';
import { machineOfGoarch } from '../../src/host/machines.js';
import type { HostProfile } from '../../src/model/host.js';

const folder = new URL('../../rules/hosts/', import.meta.url);
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

function profileOf(text: string, name: string): HostProfile {
  const read = parseProfile(text, name);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const REQUIRED = [
  'linux-amd64',
  'linux-arm64',
  'linux-amd64-v1',
  'centos7-docker19',
  'docker-desktop-windows-wsl2',
  'docker-desktop-windows-hyperv',
  'docker-desktop-windows-containers',
  'windows-server-2022',
  'windows-server-2019',
  'windows-server-2025',
  'docker-desktop-mac-apple-silicon',
  'docker-desktop-mac-intel',
  'wsl1',
  'raspberry-pi-armv7',
  'raspberry-pi-armv6',
  'gvisor',
  'linux-arm64-64k',
];

test.each(REQUIRED)('there is a profile %s', (id) => {
  expect(files.map((file) => file.name)).toContain(`${id}.yaml`);
});

describe.each(files)('profile $name', ({ name, text }) => {
  const profile = profileOf(text, name);

  test('is named as its file', () => {
    expect(`${profile.id}.yaml`).toBe(name);
  });

  test('cites what it says, with an address', () => {
    expect(profile.sources.length).toBeGreaterThan(0);
    expect(profile.sources.every((source) => source.url?.startsWith('https://') === true)).toBe(true);
  });

  test('says when it was stated', () => {
    expect(profile.stated.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('executes the machine of its own architecture', () => {
    expect(profile.machines).toContain(machineOfGoarch(profile.architecture));
  });

  test('registers no emulator for a machine that it executes itself', () => {
    const foreign = (profile.emulators ?? []).map((emulator) => emulator.machine);
    expect(foreign.filter((machine) => profile.machines?.includes(machine))).toEqual([]);
    const { vm } = profile.engine ?? {};
    const inVm = (vm?.emulators ?? []).map((emulator) => emulator.machine);
    expect(inVm.filter((machine) => vm?.machines?.includes(machine))).toEqual([]);
  });

  test('says the same after a round through JSON', () => {
    expect(profileOf(profileJson(profile), `${name}.json`)).toEqual(profile);
  });
});
