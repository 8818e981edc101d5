import { expect, test } from 'vitest';
import type { Guest } from '../../src/model/host.js';
import { judgeImage } from '../../src/verdict/judge-image.js';
import { imageFacts, rule, subject } from '../rules/support.js';
import { context, emulation, route } from './support.js';

const machineRule = rule({
  match: '{ not: { fact: binary.machine, in: { guest: machines } } }',
  extra: "requires: { kind: cpu, text: 'a CPU that executes {binary.machine}' }",
  explanation: '`{binary.path}` is {binary.machine} code.',
});
const guestFacts = ({ name, machines }: Guest) => (machines === undefined ? { name } : { name, machines });

test('every rule is judged on the guest of every route', () => {
  const facts = imageFacts([subject({ path: '/app', machine: 'aarch64' })]);
  const routes = [
    route({ guest: { name: 'Debian', machines: ['x86_64'] } }),
    route({ ...emulation, guest: { name: 'qemu', machines: ['aarch64'] } }),
    route({ via: 'linux-vm', kind: 'vm', guest: { name: 'somewhere' } }),
  ];
  const judged = judgeImage(facts, routes, [machineRule], guestFacts, context('linux/arm64'));
  expect(judged.verdict).toMatchObject({ outcome: 'needs-emulation', via: 'qemu-user', ready: true });
  expect(judged.verdict.routes.map(({ via, works, blockedBy }) => [via, works, blockedBy])).toEqual([
    ['qemu-user', true, []],
    ['linux-vm', null, []],
    ['native', false, ['a-rule']],
  ]);
  expect(judged.findings.map(({ truth, routes }) => [truth, routes])).toEqual([
    ['unknown', ['linux-vm']],
    ['yes', ['native']],
  ]);
  expect(judged.requirements.map(({ text }) => text)).toEqual(['a CPU that executes aarch64']);
});

test('a binary that the entrypoint never reaches blocks nothing', () => {
  const facts = imageFacts([subject({ machine: 'sparc' }, { reach: 'present' })]);
  const routes = [route({ guest: { name: 'Debian', machines: ['x86_64'] } })];
  const { verdict } = judgeImage(facts, routes, [machineRule], guestFacts, context());
  expect(verdict.outcome).toBe('runs');
});
