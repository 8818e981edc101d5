import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeRules, prepareRules } from '../../src/rules/judge.js';
import { imageFacts, rule, subject } from './support.js';

const STATIC = '{ fact: binary.static, is: true }';
const MACHINE = '{ not: { fact: binary.machine, in: { guest: machines } } }';
const REQUIRES = "requires: { kind: cpu, text: 'a CPU for {binary.machine}' }";
const holds = [subject({ static: true })];

function severityOf(
  parts: { severity?: string; confidence?: string; status?: string },
  reach: 'start' | 'later' | 'present',
) {
  return judgeRules([rule({ match: STATIC, ...parts })], imageFacts([subject({ static: true }, { reach })]), {})[0]
    ?.severity;
}

describe('severity', () => {
  test.each([
    ['blocker', 'start', 'blocker'],
    ['blocker', 'later', 'error'],
    ['blocker', 'present', 'info'],
    ['error', 'later', 'error'],
    ['warning', 'start', 'warning'],
    ['warning', 'present', 'info'],
    ['{ start: error, later: warning, present: warning }', 'present', 'warning'],
  ] as const)('%s at reach %s is %s', (severity, reach, expected) => {
    expect(severityOf({ severity }, reach)).toBe(expected);
  });

  test('a blocker that is not certain is a warning', () => {
    expect(severityOf({ confidence: 'likely' }, 'start')).toBe('warning');
    expect(severityOf({ confidence: 'hint' }, 'start')).toBe('warning');
  });

  test('a draft only reports', () => {
    expect(severityOf({ status: 'draft' }, 'start')).toBe('info');
  });

  test('a deprecated rule is not judged', () => {
    expect(severityOf({ status: 'deprecated' }, 'start')).toBeUndefined();
  });

  test('the whole image is on the start path', () => {
    const one = rule({ subject: 'image', match: '{ fact: image.os, is: linux }' });
    const [finding] = judgeRules([one], imageFacts([]), {});
    expect([finding?.severity, finding?.path, finding?.layer]).toEqual(['blocker', null, null]);
  });
});

describe('what is not known', () => {
  test('is a finding where it would be more than information', () => {
    const [finding] = judgeRules([rule({ match: STATIC })], imageFacts([subject({})]), {});
    expect([finding?.truth, finding?.severity]).toEqual(['unknown', 'blocker']);
    expect(finding?.message).toBe(
      'It cannot be told whether this holds: A rule of the tests (`/app/server`). Not readable in the image: `binary.static`.',
    );
  });

  test('is nothing where it would be information', () => {
    expect(severityOf({ severity: 'info' }, 'start')).toBe('info');
    const unknown = imageFacts([subject({}, { reach: 'present' })]);
    expect(judgeRules([rule({ match: STATIC })], unknown, {})).toEqual([]);
  });

  test('of the guest is said to be of the host, and what is known is evidence', () => {
    const one = rule({ match: MACHINE, extra: REQUIRES });
    const [finding] = judgeRules([one], imageFacts([subject({ machine: 'arm' })]), {});
    expect(finding?.message).toContain('Not known of the host: `guest.machines`.');
    expect(finding?.evidence).toEqual([
      { kind: 'image.os', path: null, layer: null, offset: null, value: 'linux' },
      { kind: 'binary.machine', path: '/app/server', layer: 2, offset: null, value: 'arm' },
    ]);
  });
});

describe('a finding', () => {
  const one = rule({
    applies: '{ fact: binary.format, is: elf }',
    match:
      '{ some: binary.load-segments, as: segment, where: { fact: segment.align-bytes, below: { guest: page-size-bytes } } }',
    extra:
      "requires: { kind: page-size, text: 'small pages' }\nshow: [binary.path, segment.align-bytes, guest.page-size-bytes]",
    explanation:
      'Segment {segment.index} of `{binary.path}` is aligned to {segment.align-bytes}; {guest.name} has {guest.page-size-bytes}.',
    remedies:
      "[{ id: relink, where: image, effort: low, text: 'Relink {binary.path}.', command: 'relink {binary.path}' }]",
  });
  const segments = [
    { index: 0, offset: 0, 'align-bytes': 65536 },
    { index: 1, offset: 64, 'align-bytes': 4096 },
    { index: 2, offset: 128, 'align-bytes': 8192 },
  ];
  const binary = subject({ path: "/opt/it's", format: 'elf', 'load-segments': segments });
  const [finding] = judgeRules([one], imageFacts([binary]), { name: 'arm-64k', 'page-size-bytes': 65536 });

  test('names the first element for which it holds', () => {
    expect(finding?.message).toBe("Segment 1 of `/opt/it's` is aligned to 4096; arm-64k has 65536.");
  });

  test('lists every one as evidence, with its place in the file', () => {
    expect(finding?.evidence.map(({ kind, path, offset, value }) => [kind, path, offset, value])).toEqual([
      ['binary.path', '/app/server', null, "/opt/it's"],
      ['binary.load-segments[].align-bytes', '/app/server', 64, 4096],
      ['guest.page-size-bytes', null, null, 65536],
      ['binary.load-segments[].align-bytes', '/app/server', 128, 8192],
    ]);
  });

  test('has commands in which a file name stays one word', () => {
    expect(finding?.remedies[0]?.command).toBe(`relink '/opt/it'\\''s'`);
    expect(finding?.remedies[0]?.text).toBe("Relink /opt/it's.");
  });

  test.each([
    ['not known', undefined],
    ['not there', null],
    ['not writable on one line', '/bin/a\nb'],
  ])('has no command where a value of it is %s', (_, machine) => {
    const remedies = "[{ id: a, where: image, effort: low, text: 'Do.', command: 'build {binary.machine}' }]";
    const facts = machine === undefined ? { static: true } : { static: true, machine };
    const [found] = judgeRules([rule({ match: STATIC, remedies })], imageFacts([subject(facts)]), {});
    expect(found?.remedies.map(({ command }) => command)).toEqual([null]);
  });

  test('has a proof that shows the elements which decide, with their place', () => {
    const some = finding?.proof.parts[1];
    expect(some?.label).toBe('for at least one segment of binary.load-segments');
    expect(some?.parts.map((part) => part.label)).toEqual([
      'segment 1: segment.align-bytes is below guest.page-size-bytes',
      'segment 2: segment.align-bytes is below guest.page-size-bytes',
    ]);
    expect(some?.parts[0]?.read[0]).toEqual({ path: 'binary.load-segments[1].align-bytes', value: 4096 });
  });

  test('without `show` has all that its conditions read as evidence', () => {
    const plain = rule({ match: '{ all: [{ fact: binary.format, is: elf }, { fact: binary.static, is: false }] }' });
    const [found] = judgeRules([plain], imageFacts([subject({ format: 'elf', static: false })]), {});
    expect(found?.evidence.map(({ kind }) => kind)).toEqual(['image.os', 'binary.format', 'binary.static']);
  });

  test('shows control characters of the image as text', () => {
    const named = rule({ match: STATIC, explanation: 'It is `{binary.path}`.' });
    const [found] = judgeRules([named], imageFacts([subject({ static: true, path: '/bin/a\r\u001b[31m\u202e' })]), {});
    expect(found?.message).toBe('It is `/bin/a\\r\\x1b[31m\\u202e`.');
  });

  test('counts what a list has too many of', () => {
    const named = rule({ match: STATIC, explanation: 'It needs {binary.needed}.' });
    const needed = Array.from({ length: 11 }, (_, index) => `l${index}`);
    const [found] = judgeRules([named], imageFacts([subject({ static: true, needed })]), {});
    expect(found?.message).toBe('It needs l0, l1, l2, l3, l4, l5, l6, l7 and 3 more.');
  });

  test('in a list of thousands keeps evidence and proof small', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ index, 'align-bytes': 1 + (index % 4000) }));
    const big = subject({ path: '/a', format: 'elf', 'load-segments': many });
    const [found] = judgeRules([one], imageFacts([big]), { name: 'x', 'page-size-bytes': 65536 });
    expect(found?.evidence).toHaveLength(50);
    expect(found?.proof.parts[1]?.parts).toHaveLength(50);
  });
});

test('two lists: each choice of elements that fits together is a witness', () => {
  const one = rule({
    match:
      '{ some: binary.needed, as: name, where: { some: binary.dependencies, as: dependency, where: { all: [{ fact: dependency.name, is: { fact: name } }, { fact: dependency.entry, exists: false }] } } }',
    explanation: '{name} is {dependency.name}.',
  });
  const facts = {
    needed: ['a', 'b'],
    dependencies: [
      { name: 'a', entry: '/a' },
      { name: 'b', entry: null },
    ],
  };
  expect(judgeRules([one], imageFacts([subject(facts)]), {})[0]?.message).toBe('b is b.');
});

test('in an `any` only the part that holds binds its name', () => {
  const one = rule({
    match:
      '{ any: [{ some: binary.needed, as: name, where: { fact: name, is: x } }, { some: binary.kernels, as: kernel, where: { fact: kernel, older-than: "4.0" } }] }',
    explanation: 'Name {name}, kernel {kernel}.',
  });
  const facts = subject({ needed: ['a'], kernels: ['5.0', '3.2'] });
  expect(judgeRules([one], imageFacts([facts]), {})[0]?.message).toBe('Name unknown, kernel 3.2.');
});

test('findings come in the order of severity, rule, path', () => {
  const rules = [
    rule({ match: STATIC, severity: 'info' }, 'a-info'),
    rule({ match: STATIC }, 'z-blocker'),
    rule({ match: STATIC }, 'b-blocker'),
  ];
  const binaries = [subject({ static: true }, { path: '/b' }), subject({ static: true }, { path: '/a' })];
  const order = judgeRules(rules, imageFacts(binaries), {}).map(({ ruleId, path }) => `${ruleId} ${path ?? ''}`);
  expect(order).toEqual(['b-blocker /a', 'b-blocker /b', 'z-blocker /a', 'z-blocker /b', 'a-info /a', 'a-info /b']);
});

test('preparing once and judging many guests finds the same as judging each anew', () => {
  const rules = [
    rule({ match: MACHINE, extra: REQUIRES, applies: '{ fact: binary.format, is: elf }' }, 'a-rule'),
    rule({ match: MACHINE, extra: REQUIRES, applies: '{ fact: guest.name, exists: true }' }, 'b-rule'),
    rule({ match: STATIC }, 'c-rule'),
  ];
  const value = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const binaryFacts = fc.record(
    {
      format: value(fc.constantFrom('elf', 'pe')),
      machine: value(fc.constantFrom('a', 'b')),
      static: value(fc.boolean()),
    },
    { requiredKeys: [] },
  );
  const guest = fc.record(
    { name: value(fc.constant('g')), machines: value(fc.subarray(['a', 'b'])) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(binaryFacts, { maxLength: 4 }), fc.array(guest, { maxLength: 3 }), (binaries, guests) => {
      const facts = imageFacts(binaries.map((one, index) => subject(one, { path: `/${index}` })));
      const judge = prepareRules(rules, facts);
      for (const one of guests) expect(judge(one)).toEqual(judgeRules(rules, facts, one));
    }),
  );
});

test('a rule that reads no guest has one finding for all guests', () => {
  const judge = prepareRules([rule({ match: STATIC })], imageFacts(holds));
  expect(judge({ name: 'a' })[0]).toBe(judge({ name: 'b' })[0]);
});
