import { describe, expect, test } from 'vitest';
import { loadRoutes, parseRoute } from '../../src/route/parse.js';

const route = (way: string): string => `id: wine
title: A route
kind: emulation
preference: 50
ways:
  - name: a way
${way
  .trimEnd()
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
references: []
cases: []
`;

function errorsOf(text: string): readonly string[] {
  const read = parseRoute(text, 'r.yaml');
  return read.ok ? [] : read.error.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
}

const GOOD = 'for: { fact: image.os, is: linux }\nguest: { base: host }';

describe('a route that would fail later does not load:', () => {
  test.each([
    ['for: { fact: image.oss, is: linux }', 'unknown fact `image.oss`; did you mean `os`?'],
    ['for: { fact: host.engine.vm.kindd, is: wsl2 }', 'unknown fact `host.engine.vm.kindd`; did you mean `kind`?'],
    ['for: { fact: image.os, equals: linux }', 'expected exactly one operator beside `fact`'],
    ['for: { fact: image.os, is: linux, in: [linux] }', 'expected exactly one operator beside `fact`'],
    ['for: { fact: image.os, is: 3 }', '`3` is no string'],
    ['for: { fact: host.windows.build, at-least: many }', '`many` is no number'],
    ['for: { fact: image.os, at-least: 3 }', '`at-least` does not fit a text'],
    ['for: { fact: host.windows.kind, is: workstation }', '`workstation` is none of server, client'],
    ['for: { fact: image.os, in: linux }', '`in` takes a list'],
    ['for: { fact: image.os, is: [linux] }', '`is` takes one value'],
    ['for: { fact: image.os, exists: linux }', '`exists` takes true or false'],
    ['for: { fact: image.os, is: { fact: host.ox } }', 'unknown fact `host.ox`; did you mean `os`?'],
    ['for: { fact: image.os, is: { path: x } }', 'expected a value, a list of values, or `{ fact: … }`'],
    ['for: { all: [{ fact: image.os, is: linux }] }', '`all` takes a list of two or more'],
    ['for: { not: linux }', 'expected a condition: all, any, not, some or fact'],
    ['for: { is: linux }', 'expected `fact` with the path of one'],
    ['for: { some: image.os, as: x, where: yes }', '`image.os` is no list'],
    ['for: { some: host.emulators, where: yes }', '`some` takes a fact, and `as` a name'],
    [
      'for: { some: host.emulators, as: e, where: { fact: e.flag, is: F } }',
      'unknown fact `e.flag`; did you mean `flags`?',
    ],
  ])('%s', (condition, message) => {
    const errors = errorsOf(route(`${condition}\nguest: { base: host }`));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
    expect(errors[0]).toMatch(/^r\.yaml:7:\d+: /);
  });

  test('a requirement that can be set up without saying how', () => {
    const text = `${GOOD}\nrequires: [{ id: x, expect: yes, setup: true, text: something }]`;
    expect(errorsOf(route(text))[0]).toContain('what can be set up needs a `remedy`');
  });

  test('a text with a placeholder that is no fact', () => {
    const text = `${GOOD}\nrequires: [{ id: x, expect: yes, text: 'a {host.kind}' }]`;
    expect(errorsOf(route(text))[0]).toContain('unknown fact `host.kind`');
  });

  test('a guest with a field that guests do not have', () => {
    const text = 'for: yes\nguest: { base: host, set: { page-size: 4096 } }';
    expect(errorsOf(route(text))[0]).toContain('a guest has no `page-size`');
  });

  test('a route of another name, without ways, or twice', () => {
    expect(errorsOf(route(GOOD).replace('id: wine', 'id: box64'))[0]).toContain('expected one of `native`');
    expect(errorsOf('id: wine\ntitle: x\nkind: vm\npreference: 1\nways: []\nreferences: []\ncases: []\n')[0]).toContain(
      'a route has at least one way',
    );
    const file = { path: 'r.yaml', text: route(GOOD) };
    expect(loadRoutes([file, file])).toMatchObject({ ok: false, error: [{ message: 'route `wine` is there twice' }] });
  });
});

test('a route without a mistake loads', () => {
  expect(errorsOf(route(GOOD))).toEqual([]);
});
