import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProfile, type ProfileError } from '../../src/host/profile.js';

const minimal = [
  'id: arm-64k',
  'title: Arm server',
  'os: linux',
  'architecture: arm64',
  'stated: { by: hand, date: 2026-11-24 }',
  'sources: []',
  '',
].join('\n');

function errorsOf(text: string): readonly ProfileError[] {
  const read = parseProfile(text, 'my.yaml');
  return read.ok ? [] : read.error;
}
const shown = (text: string): readonly string[] =>
  errorsOf(text).map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);

describe('a profile', () => {
  test('leaves out what it does not say', () => {
    const read = parseProfile(minimal, 'my.yaml');
    expect(read).toEqual({
      ok: true,
      value: {
        id: 'arm-64k',
        title: 'Arm server',
        os: 'linux',
        architecture: 'arm64',
        stated: { by: 'hand', date: '2026-11-24' },
        sources: [],
      },
    });
  });

  test('may spell keys in kebab-case or camelCase', () => {
    const kebab = parseProfile(`${minimal}page-size-bytes: 65536\ncpu: { x86-level: 2 }\n`, 'a.yaml');
    const camel = parseProfile(`${minimal}pageSizeBytes: 65536\ncpu: { x86Level: 2 }\n`, 'b.yaml');
    expect(kebab).toEqual(camel);
    expect(kebab).toMatchObject({ ok: true, value: { pageSizeBytes: 65536, cpu: { x86Level: 2 } } });
  });

  test('keeps the keys of free maps as they are', () => {
    const text = `${minimal}sysctls: { vm.max_map_count: 65530 }\nfeatures: { io-uring: true }\ndevices: { /dev/kvm: false }\n`;
    expect(parseProfile(text, 'a.yaml')).toMatchObject({
      ok: true,
      value: {
        sysctls: { 'vm.max_map_count': '65530' },
        features: { 'io-uring': true },
        devices: { '/dev/kvm': false },
      },
    });
  });

  test('keeps a release that looks like a number as it is written', () => {
    expect(parseProfile(`${minimal}kernel: { name: linux, release: 6.10 }\n`, 'a.yaml')).toMatchObject({
      value: { kernel: { release: '6.10' } },
    });
  });

  test('tells "there is none" from "not said"', () => {
    expect(parseProfile(`${minimal}engine: null\ncgroup: null\n`, 'a.yaml')).toMatchObject({
      value: { engine: null, cgroup: null },
    });
  });
});

describe('a mistake in a profile is shown with its place:', () => {
  test.each([
    ['page-size-byte: 4096', 'my.yaml:7:1: unknown key `page-size-byte`; did you mean `page-size-bytes`?'],
    ['cpu: { x86-level: two }', 'my.yaml:7:19: cpu.x86-level: expected a number, found `two`'],
    ['machines: x86_64', 'my.yaml:7:11: machines: expected a list, found `x86_64`'],
    ['cgroup: v3', 'my.yaml:7:9: cgroup: expected one of `v1`, `v2`, `hybrid`, found `v3`'],
    ['devices: { /dev/kvm: 1 }', 'my.yaml:7:22: devices./dev/kvm: expected true or false, found `1`'],
    ['kernel: { release: 6.8.0 }', 'my.yaml:7:9: kernel: key `name` is missing'],
    ['kernel: [linux]', 'my.yaml:7:9: kernel: expected keys with values, found a list'],
    ['lsm: &all [apparmor]\nnamespaces: *all', 'my.yaml:8:13: alias `*all` is not allowed; write the value out'],
    ['page-size-bytes: 5000', 'my.yaml:1:1: page-size-bytes 5000 is no power of two from 4096 on'],
    ['page-size-bytes: 4096\npageSizeBytes: 4096', 'my.yaml:8:1: key `pageSizeBytes` is there twice'],
    ['cpu: { x86-level: 5 }', 'my.yaml:7:6: cpu: x86-level 5 does not exist; levels are 1 to 4'],
  ])('%s', (line, message) => {
    expect(shown(`${minimal}${line}\n`)).toEqual([message]);
  });

  test('a system that nobody knows', () => {
    expect(shown(minimal.replace('linux', 'beos'))[0]).toMatch(/^my\.yaml:3:5: os: expected one of `linux`/);
  });

  test('a missing key', () => {
    expect(shown('id: x\n')).toContain('my.yaml:1:1: key `title` is missing');
  });
});

describe('hostile text', () => {
  test('of endless nesting is refused before it is parsed', () => {
    expect(shown('['.repeat(100_000))).toEqual(['my.yaml:1:1: nested more than 64 levels deep']);
  });

  test('that is too long is refused before it is parsed', () => {
    expect(shown(`# ${'x'.repeat(300_000)}`)).toEqual(['my.yaml:1:1: longer than 262144 characters']);
  });

  test('with a thousand mistakes shows the first ones', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `wrong-${index}: 1`).join('\n');
    expect(errorsOf(`${minimal}${keys}\n`).length).toBe(20);
  });

  test('with the names of built-in properties changes nothing', () => {
    expect(errorsOf(`${minimal}__proto__: { os: windows }\n`).length).toBe(1);
    expect(errorsOf(`${minimal}constructor: 1\n`)[0]?.message).toMatch(/^unknown key `constructor`/);
  });

  test('of any kind never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(typeof parseProfile(text, 'any').ok).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseProfile(text, 'any').ok).toBe(false);
      }),
    );
  });
});
