import { describe, expect, test } from 'vitest';
import { openRequirements } from '../../src/rules/requirements.js';
import { imageFacts, rule, subject } from './support.js';

const machine = rule(
  {
    match: '{ not: { fact: binary.machine, in: { guest: machines } } }',
    extra: "requires: { kind: cpu, text: 'a CPU that executes {binary.machine}' }",
  },
  'a-machine',
);
const kernel = rule(
  {
    match: '{ fact: guest.kernel, older-than: { fact: binary.abi-kernel } }',
    extra: "requires: { kind: kernel, value: binary.abi-kernel, text: 'kernel {binary.abi-kernel} or newer' }",
  },
  'b-kernel',
);
const pages = rule(
  {
    match:
      '{ some: binary.load-segments, as: segment, where: { fact: segment.align-bytes, below: { guest: page-size-bytes } } }',
    extra:
      "requires: { kind: page-size, value: segment.align-bytes, text: 'pages of at most {segment.align-bytes} bytes' }",
  },
  'c-pages',
);

const texts = (...args: Parameters<typeof openRequirements>): readonly string[] =>
  openRequirements(...args).map(({ text }) => text);

test('what a guest decides is what the image asks of any machine', () => {
  expect(openRequirements([machine], imageFacts([subject({ machine: 'arm' })]))).toEqual([
    { ruleId: 'a-machine', kind: 'cpu', text: 'a CPU that executes arm', value: null, path: '/app/server', layer: 2 },
  ]);
});

describe('nothing is asked', () => {
  const gated = (applies: string) => rule({ ...gatedParts, applies });
  const gatedParts = {
    match: '{ not: { fact: binary.machine, in: { guest: machines } } }',
    extra: "requires: { kind: cpu, text: 'x' }",
  };
  const facts = imageFacts([subject({ machine: 'arm', format: 'pe' })]);

  test('where the rule does not apply', () => {
    expect(openRequirements([gated('{ fact: binary.format, is: elf }')], facts)).toEqual([]);
  });
  test('where the image part is not known', () => {
    expect(openRequirements([gated('{ fact: binary.static, is: true }')], facts)).toEqual([]);
  });
  test('where the rule holds whatever the guest is: then the image itself is broken', () => {
    const always = rule({
      match: '{ any: [{ fact: binary.machine, is: arm }, { fact: guest.name, is: x }] }',
      extra: "requires: { kind: cpu, text: 'x' }",
    });
    expect(openRequirements([always], facts)).toEqual([]);
  });
  test('where a negated guest part cannot make it hold', () => {
    const never = rule({
      match: '{ all: [{ fact: binary.machine, is: sparc }, { not: { fact: guest.name, is: x } }] }',
      extra: "requires: { kind: cpu, text: 'x' }",
    });
    expect(openRequirements([never], facts)).toEqual([]);
  });
  test('by a file that only lies in the image, or by a draft', () => {
    expect(openRequirements([machine], imageFacts([subject({ machine: 'arm' }, { reach: 'present' })]))).toEqual([]);
    const draft = rule({ ...gatedParts, status: 'draft' });
    expect(openRequirements([draft], facts)).toEqual([]);
  });
});

test('one element that asks is enough, even if another is a gap', () => {
  const segments = [{ index: 0 }, { index: 1, 'align-bytes': 4096 }];
  expect(texts([pages], imageFacts([subject({ 'load-segments': segments })]))).toEqual(['pages of at most 4096 bytes']);
});

test('of one kind the strictest comes first: the newest kernel, the smallest page', () => {
  const facts = imageFacts([
    subject(
      { 'abi-kernel': '3.2.0', 'load-segments': [{ 'align-bytes': 65536 }, { 'align-bytes': 4096 }] },
      { path: '/a' },
    ),
    subject({ 'abi-kernel': '3.17' }, { path: '/b' }),
    subject({ 'abi-kernel': '3.10' }, { path: '/c' }),
  ]);
  expect(texts([pages, kernel], facts)).toEqual([
    'kernel 3.17 or newer',
    'kernel 3.10 or newer',
    'kernel 3.2.0 or newer',
    'pages of at most 4096 bytes',
    'pages of at most 65536 bytes',
  ]);
});

test('what several files ask is named once, by one on the start path', () => {
  const facts = imageFacts([
    subject({ machine: 'arm' }, { path: '/a', reach: 'later' }),
    subject({ machine: 'arm' }, { path: '/b', layer: 3 }),
    subject({ machine: 'arm' }, { path: '/c' }),
  ]);
  expect(openRequirements([machine], facts).map(({ path, layer }) => [path, layer])).toEqual([['/b', 3]]);
});
