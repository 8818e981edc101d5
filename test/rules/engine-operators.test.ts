import { describe, expect, test } from 'vitest';
import type { FactTree, Truth } from '../../src/model/rule.js';
import { evaluate } from '../../src/rules/prove.js';
import { rule } from './support.js';

function judge(match: string, binary: FactTree, guest: FactTree = {}): Truth {
  return evaluate(rule({ match }), { image: { os: 'linux', machine: 'x86_64' }, binary }, guest).truth;
}

/** Condition, facts of the binary, facts of the guest, what must come out. */
type Row = readonly [condition: string, binary: FactTree, guest: FactTree, expected: Truth];

const ROWS: readonly Row[] = [
  ['{ fact: binary.machine, exists: true }', { machine: 'arm' }, {}, 'yes'],
  ['{ fact: binary.machine, exists: true }', { machine: null }, {}, 'no'],
  ['{ fact: binary.machine, exists: true }', {}, {}, 'unknown'],
  ['{ fact: binary.machine, exists: false }', { machine: null }, {}, 'yes'],
  ['{ fact: binary.interpreter, exists: false }', { interpreter: {} }, {}, 'no'],
  ['{ fact: binary.interpreter.path, exists: false }', { interpreter: null }, {}, 'yes'],
  ['{ fact: binary.interpreter.path, exists: false }', { interpreter: {} }, {}, 'unknown'],
  ['{ fact: binary.machine, is: arm }', { machine: 'arm' }, {}, 'yes'],
  ['{ fact: binary.machine, is: arm }', { machine: 'ARM' }, {}, 'no'],
  ['{ fact: binary.machine, is: arm }', { machine: null }, {}, 'no'],
  ['{ fact: binary.static, is: false }', { static: false }, {}, 'yes'],
  ['{ fact: binary.level, is: 3 }', { level: 3 }, {}, 'yes'],
  ["{ fact: binary.abi-kernel, is: '3.17' }", { 'abi-kernel': '3.17.0' }, {}, 'yes'],
  ["{ fact: binary.abi-kernel, is: '3.17' }", { 'abi-kernel': 'none' }, {}, 'unknown'],
  ['{ fact: binary.machine, is: { fact: image.machine } }', { machine: 'x86_64' }, {}, 'yes'],
  ['{ fact: binary.machine, is: { fact: image.machine } }', { machine: 'arm' }, {}, 'no'],
  ['{ fact: binary.machine, in: [arm, aarch64] }', { machine: 'aarch64' }, {}, 'yes'],
  ['{ fact: binary.machine, in: [arm, aarch64] }', { machine: 'sparc' }, {}, 'no'],
  ["{ fact: binary.abi-kernel, in: ['3.2', '4.4'] }", { 'abi-kernel': '4.4.0-1-amd64' }, {}, 'yes'],
  ['{ fact: binary.level, in: [1, 2] }', { level: 2 }, {}, 'yes'],
  ['{ fact: binary.machine, in: { guest: machines } }', { machine: 'arm' }, { machines: ['arm'] }, 'yes'],
  ['{ fact: binary.machine, in: { guest: machines } }', { machine: 'arm' }, { machines: [] }, 'no'],
  ['{ fact: binary.machine, in: { guest: machines } }', { machine: 'arm' }, { machines: null }, 'no'],
  ['{ fact: binary.machine, in: { guest: machines } }', { machine: 'arm' }, {}, 'unknown'],
  ['{ fact: binary.machine, in: { guest: machines } }', { machine: 'arm' }, { machines: ['x86_64', {}] }, 'unknown'],
  ['{ fact: binary.machine, in: { guest: features } }', { machine: 'kvm' }, { features: { kvm: true } }, 'yes'],
  ['{ fact: binary.machine, in: { guest: features } }', { machine: 'kvm' }, { features: { kvm: false } }, 'no'],
  ['{ fact: binary.machine, in: { guest: features } }', { machine: 'kvm' }, { features: {} }, 'unknown'],
  ['{ fact: binary.machine, in: { guest: features } }', { machine: 'constructor' }, { features: {} }, 'unknown'],
  ['{ fact: binary.needed, contains: libc.so.6 }', { needed: ['libm.so.6', 'libc.so.6'] }, {}, 'yes'],
  ['{ fact: binary.needed, contains: libc.so }', { needed: ['libc.so.6'] }, {}, 'no'],
  ['{ fact: binary.machine, contains: "arch" }', { machine: 'aarch64' }, {}, 'yes'],
  ["{ fact: binary.kernels, contains: '3.2' }", { kernels: ['3.2.0'] }, {}, 'yes'],
  ['{ fact: binary.levels, contains: 3 }', { levels: [1, 3] }, {}, 'yes'],
  ['{ fact: guest.features, contains: io-uring }', {}, { features: { 'io-uring': true } }, 'yes'],
  ['{ fact: guest.features.io-uring, is: true }', {}, { features: { 'io-uring': true } }, 'yes'],
  ['{ fact: guest.features./dev/kvm, is: true }', {}, { features: { '/dev/kvm': false } }, 'no'],
  ['{ fact: guest.features.io-uring, is: true }', {}, { features: {} }, 'unknown'],
  ['{ fact: binary.machine, starts-with: mips }', { machine: 'mips64' }, {}, 'yes'],
  ['{ fact: binary.machine, starts-with: [arm, aarch] }', { machine: 'aarch64' }, {}, 'yes'],
  ['{ fact: binary.machine, starts-with: [arm, aarch] }', { machine: 'mips' }, {}, 'no'],
  ["{ fact: binary.machine, ends-with: '64' }", { machine: 'mips64' }, {}, 'yes'],
  ["{ fact: binary.machine, ends-with: '64' }", { machine: 'mips' }, {}, 'no'],
  ["{ fact: binary.machine, matches: 'mips(64)?' }", { machine: 'mips64' }, {}, 'yes'],
  ["{ fact: binary.machine, matches: 'mips' }", { machine: 'mips64' }, {}, 'no'],
  ["{ fact: binary.machine, matches: 'a+' }", { machine: 'a'.repeat(5000) }, {}, 'unknown'],
  ['{ fact: binary.level, below: 3 }', { level: 2 }, {}, 'yes'],
  ['{ fact: binary.level, below: 3 }', { level: 3 }, {}, 'no'],
  ['{ fact: binary.level, below: { guest: level } }', { level: 2 }, { level: 3 }, 'yes'],
  ['{ fact: binary.level, below: { guest: level } }', { level: 2 }, {}, 'unknown'],
  ['{ fact: binary.level, below: { guest: level } }', { level: null }, {}, 'no'],
  ['{ fact: binary.level, at-least: 3 }', { level: 3 }, {}, 'yes'],
  ['{ fact: binary.level, at-least: 3 }', { level: 2 }, {}, 'no'],
  ["{ fact: binary.abi-kernel, older-than: '3.17.1' }", { 'abi-kernel': '3.17' }, {}, 'yes'],
  ["{ fact: binary.abi-kernel, older-than: '3.9' }", { 'abi-kernel': '3.10' }, {}, 'no'],
  [
    '{ fact: guest.kernel, older-than: { fact: binary.abi-kernel } }',
    { 'abi-kernel': '6.8' },
    { kernel: '6.8.0-45-generic' },
    'no',
  ],
  ["{ fact: guest.kernel, newer-than: '10.0.20348.2581' }", {}, { kernel: '10.0.20348.2582' }, 'yes'],
  ["{ fact: guest.kernel, newer-than: '3' }", {}, { kernel: 'custom' }, 'unknown'],
];

test.each(ROWS)('%s on %j with guest %j', (condition, binary, guest, expected) => {
  expect(judge(condition, binary, guest)).toBe(expected);
});

describe('a value of another type than the catalog says', () => {
  test.each([
    ['{ fact: binary.level, below: 3 }', { level: 'two' }],
    ['{ fact: binary.machine, starts-with: a }', { machine: 7 }],
    ["{ fact: binary.machine, matches: 'a' }", { machine: ['a'] }],
    ['{ fact: binary.needed, contains: a }', { needed: 7 }],
    ['{ fact: binary.interpreter.path, is: a }', { interpreter: 'text' }],
    ['{ some: binary.load-segments, as: s, where: { fact: s.index, is: 1 } }', { 'load-segments': 'text' }],
    ['{ fact: binary.machine, is: a }', { machine: { a: 1 } }],
  ] as const)('leaves `%s` unknown', (condition, binary) => {
    expect(judge(condition, binary)).toBe('unknown');
  });
});
