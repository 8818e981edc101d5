import { expect, test } from 'vitest';
import { readRules } from '../../src/app/knowledge.js';
import { runCases } from '../../src/rules/cases.js';
import { environmentOf } from '../../src/rules/environment.js';
import { outcomeOf } from '../../src/rules/evaluate.js';
import { packRules, unpackRules } from '../../src/rules/compiled.js';
import type { Rule } from '../../src/rules/rule.js';
import { rule } from './support.js';

const rules = await readRules(null);
const unpacked = unpackRules(packRules(rules));

/** Everything of a rule but the compiled form of its patterns, with keys in their order. */
function plain(one: Rule): string {
  return JSON.stringify(one);
}

test('compiled rules are the rules of the YAML files, in their order', () => {
  expect(rules.length).toBeGreaterThan(50);
  expect(unpacked.map(plain)).toEqual(rules.map(plain));
});

test('compiled rules judge as those of the YAML files do: all their cases hold', () => {
  const results = unpacked.flatMap(runCases);
  expect(results.length).toBeGreaterThan(rules.length);
  expect(results.filter(({ problems }) => problems.length > 0)).toEqual([]);
});

test.each([
  ["{ fact: binary.machine, matches: 'mips(64)?' }", 'match', 'no-match'],
  ["{ not: { fact: binary.machine, matches: 'mips(64)?' } }", 'no-match', 'match'],
  ["{ any: [{ fact: binary.level, is: 3 }, { fact: binary.machine, matches: 'mips(64)?' }] }", 'match', 'no-match'],
  [
    "{ some: binary.dependencies, as: d, where: { all: [{ fact: d.name, matches: 'mips(64)?' }] } }",
    'match',
    'no-match',
  ],
])('the pattern in `%s` can be used again', (match, forMips, forArm) => {
  const [unpackedRule] = unpackRules(packRules([rule({ match })]));
  const outcome = (word: string): string | null => {
    const facts = { machine: word, level: 1, dependencies: [{ name: word }] };
    if (unpackedRule === undefined) return null;
    return outcomeOf(unpackedRule, environmentOf({ image: { os: 'linux' }, binary: facts }, {}));
  };
  expect([outcome('mips64'), outcome('arm')]).toEqual([forMips, forArm]);
});

test('text that is no list of rules is refused', () => {
  expect(() => unpackRules('{}')).toThrow('no rules');
});
