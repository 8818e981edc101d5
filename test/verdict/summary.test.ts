import { expect, test } from 'vitest';
import type { Remedy } from '../../src/model/rule.js';
import { decide } from '../../src/verdict/decide.js';
import { context, emulation, finding, judged, machine, requirement } from './support.js';

const say = (routes: Parameters<typeof decide>[0], ...platforms: Parameters<typeof context>): string =>
  decide(routes, context(...platforms)).summary;

const fix: Remedy = { id: 'fix', where: 'image', effort: 'low', text: 'Convert it to LF.', command: null };
const wrongMachine = finding();
const carriage = finding({
  ruleId: 'z-carriage',
  message: '`/entrypoint.sh` starts with `#!/bin/bash\\r`. No such program exists.',
  remedies: [fix],
});
const binfmt = requirement({
  text: 'an emulator for aarch64 registered in binfmt_misc',
  met: false,
  setup: true,
  remedy: 'docker run --privileged --rm tonistiigi/binfmt --install arm64',
});

test('runs', () => {
  expect(say([judged()])).toBe('Runs natively on Debian 12 (linux/amd64).');
});

test('runs with warnings: their number and the first of them', () => {
  const findings = [finding({ severity: 'error' }), finding({ severity: 'warning' }), finding({ severity: 'warning' })];
  expect(say([judged({}, findings)], 'linux/arm/v7', 'linux/arm')).toBe(
    'Runs natively on Debian 12 (linux/arm/v7), with 1 error and 2 warnings (the program is for another machine: /app).',
  );
});

test('runs through a route that serves already', () => {
  expect(say([judged(machine)], 'linux/amd64', 'windows/amd64')).toBe(
    'Runs in a virtual machine (wsl2) on Debian 12 (linux/amd64).',
  );
});

test('needs emulation that is not set up: what is missing and the command', () => {
  expect(say([judged({}, [wrongMachine]), judged({ ...emulation, requires: [binfmt] })], 'linux/arm64')).toBe(
    'Needs emulation (qemu-user) on Debian 12: the image is arm64 and this host amd64; not there yet: an emulator for ' +
      'aarch64 registered in binfmt_misc — run `docker run --privileged --rm tonistiigi/binfmt --install arm64`.',
  );
});

test('needs a virtual machine of which the profile does not say whether it is there', () => {
  const requires = [
    requirement({ met: null, setup: true, text: 'WSL 2', remedy: 'In an elevated PowerShell: wsl --install' }),
  ];
  expect(say([judged({ ...machine, requires })], 'linux/amd64', 'windows/amd64')).toBe(
    'Needs a virtual machine (wsl2) on Debian 12: the image is linux/amd64 and this host windows; it is not known ' +
      'whether this is there: WSL 2 — In an elevated PowerShell: wsl --install.',
  );
});

test('blocked by what closes every route, not by what closes only the first', () => {
  const routes = [judged({}, [wrongMachine, carriage]), judged(emulation, [carriage])];
  expect(say(routes)).toBe('Blocked on Debian 12: `/entrypoint.sh` starts with `#!/bin/bash\\r` — Convert it to LF.');
});

test('of several blockers the one that a machine meets first is named', () => {
  const library = finding({ ruleId: 'a-library', area: 'libraries', message: 'A library is missing.' });
  const system = finding({ ruleId: 'z-system', area: 'os', message: 'The system is another.' });
  expect(say([judged({}, [library, wrongMachine, system])])).toBe('Blocked on Debian 12: The system is another.');
});

test('blocked with a remedy that has a command', () => {
  const withCommand = finding({ remedies: [{ ...fix, text: 'Pull it:', command: 'docker pull x' }] });
  expect(say([judged({}, [withCommand])])).toBe(
    'Blocked on Debian 12: `/app` is aarch64 code — Pull it: `docker pull x`.',
  );
});

test('blocked by a requirement of the only route', () => {
  const requires = [requirement({ met: false, text: 'a Windows host of build 20348', remedy: 'Update Windows.' })];
  expect(say([judged({ ...machine, requires })], 'windows/amd64', 'linux/amd64')).toBe(
    'Blocked on Debian 12: the image is windows/amd64 and this host linux; it would take a Windows host of build 20348 — Update Windows.',
  );
});

test('blocked where there is no route at all', () => {
  expect(say([], 'windows/amd64')).toBe('Blocked: there is no way to run a windows/amd64 image on Debian 12.');
});

test('undetermined: what is not known', () => {
  const message = 'It cannot be told whether this holds: x. Not known of the host: `guest.page-size-bytes`.';
  expect(say([judged({}, [finding({ truth: 'unknown', message })])])).toBe(
    'Undetermined on Debian 12: it cannot be told whether this holds: x. Not known of the host: `guest.page-size-bytes`.',
  );
  expect(say([judged({ requires: [requirement({ met: null, text: 'KVM' })] })])).toBe(
    'Undetermined on Debian 12: the profile does not say whether there is KVM.',
  );
});
