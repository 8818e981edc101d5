import { expect, test } from 'vitest';
import { guestFacts, versionNumbers } from '../../src/facts/guest-facts.js';

test('what a guest does not say is left out', () => {
  const facts = guestFacts({ name: 'somewhere' });
  expect(facts['name']).toBe('somewhere');
  for (const key of ['os', 'kernel', 'machines', 'page-size-bytes', 'cpu', 'engine', 'windows']) {
    expect(facts[key]).toBeUndefined();
  }
});

test('a Linux guest has no Windows facts, which is known', () => {
  expect(guestFacts({ name: 'x', os: 'linux' })['windows']).toBeNull();
});

test('levels and versions include the lower ones', () => {
  expect(guestFacts({ name: 'x', cpu: { x86Level: 3, armVersion: 7 } })['cpu']).toMatchObject({
    'x86-levels': [1, 2, 3],
    'arm-versions': [1, 2, 3, 4, 5, 6, 7],
  });
});

test('a level that is no level is unknown', () => {
  expect(guestFacts({ name: 'x', cpu: { x86Level: 1e9 } })['cpu']).toMatchObject({ 'x86-levels': undefined });
});

test('the version of a kernel is the numbers of its release', () => {
  const facts = guestFacts({ name: 'x', kernel: { name: 'linux', release: '3.10.0-1160.el7.x86_64' } });
  expect(facts['kernel']).toEqual({ name: 'linux', release: '3.10.0-1160.el7.x86_64', version: '3.10.0' });
  expect(versionNumbers('unknown')).toBeUndefined();
});

test('features and devices keep what is known to be absent', () => {
  const facts = guestFacts({ name: 'x', features: { 'io-uring': false }, devices: { '/dev/kvm': true } });
  expect(facts['features']).toEqual({ 'io-uring': false });
  expect(facts['devices']).toEqual({ '/dev/kvm': true });
});

test('the version of Docker Desktop is not that of Docker Engine', () => {
  const engineOf = (name: string): unknown =>
    guestFacts({ name: 'x', engine: { name, version: '19.03.15' } })['engine'];
  expect(engineOf('docker')).toMatchObject({ 'docker-version': '19.03.15' });
  expect(engineOf('docker-desktop')).toMatchObject({ 'docker-version': null });
});

test('names of system DLLs are folded', () => {
  const facts = guestFacts({ name: 'x', os: 'windows', windows: { systemDlls: ['KERNEL32.dll'] } });
  expect(facts['windows']).toMatchObject({ 'system-dlls': ['kernel32.dll'] });
});
