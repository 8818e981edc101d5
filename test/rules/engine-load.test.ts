import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRules } from '../../src/rules/load.js';
import { MAX_RULE_LENGTH } from '../../src/rules/source.js';
import { faultsOf, faultsOfText, ruleText, smallCatalog } from './support.js';

const FILE = 'rules/tests/a-rule.yaml';
const MATCH = '{ fact: binary.static, is: true }';
/** Line of `match` and of `explanation` in the text that `ruleText` makes. */
const MATCH_LINE = 10;

// The second column is where in the condition the fault is.
describe('a condition that cannot be judged is refused with its place', () => {
  test.each([
    [
      '{ fact: binary.machin, is: arm }',
      'binary.machin',
      'unknown fact `binary.machin`; did you mean `binary.machine`?',
    ],
    [
      '{ fact: binary.load-segments.index, is: 1 }',
      'binary.load-segments.index',
      '`binary.load-segments` is a list; bind its elements with `some`',
    ],
    ['{ fact: program.path, is: a }', 'program.path', '`program.path` cannot be read by a rule about a `binary`'],
    [
      '{ fact: segment.index, is: 1 }',
      'segment.index',
      'unknown fact `segment.index`; `segment` is neither a subject nor a bound name',
    ],
    ['{ fact: binary, exists: true }', 'binary', '`binary` is not a fact but a whole tree; name a fact in it'],
    ['{ fact: binary.machine, iz: arm }', 'iz', 'unknown operator `iz`; did you mean `is`?'],
    ['{ fact: binary.machine, is: arm, in: [arm] }', 'in:', '`is` and `in` are two conditions; join them with `all`'],
    [
      '{ fact: binary.machine }',
      '{ fact: binary.machine }',
      '`fact` needs one of `exists`, `is`, `in`, `contains`, `starts-with`, `ends-with`, `matches`, `below`, `at-least`, `older-than`, `newer-than`',
    ],
    ['{ fact: binary.machine, below: 3 }', 'below', '`below` does not fit `binary.machine`, which is a string'],
    ['{ fact: binary.needed, is: a }', 'is', '`is` does not fit `binary.needed`, which is a string-list'],
    ['{ fact: binary.abi-kernel, below: 3 }', 'below', '`below` does not fit `binary.abi-kernel`, which is a version'],
    ['{ fact: binary.machine, is: 3 }', '3', '`binary.machine` needs text, not `3`'],
    ['{ fact: binary.level, is: 1.5 }', '1.5', '`binary.level` needs an integer, not `1.5`'],
    ['{ fact: binary.static, is: 1 }', '1', '`binary.static` needs true or false, not `1`'],
    [
      '{ fact: binary.abi-kernel, older-than: 3.10 }',
      '3.10',
      "`binary.abi-kernel` needs a version in quotes, as in '3.17', not `3.1`",
    ],
    ['{ fact: binary.machine, is: null }', 'null', 'expected text; what is not there is `exists: false`'],
    [
      '{ fact: binary.format, is: efl }',
      'efl',
      '`binary.format` is never `efl`; it is one of `elf`, `pe`, `mach-o`; did you mean `elf`?',
    ],
    ['{ fact: binary.machine, exists: yes }', 'yes', '`exists` is true or false'],
    ['{ fact: binary.machine, in: arm }', 'arm', '`in` needs a list, `{ guest: <path> }` or `{ fact: <path> }`'],
    ['{ fact: binary.machine, in: [] }', '[]', 'an empty list holds for nothing'],
    [
      '{ fact: binary.machine, in: { guest: machine } }',
      'machine ',
      'unknown fact `guest.machine`; did you mean `guest.machines`?',
    ],
    [
      '{ fact: binary.machine, in: { guest: name } }',
      'name',
      '`in` needs a string-list or flags; `guest.name` is a string',
    ],
    [
      '{ fact: binary.machine, in: { gast: machines } }',
      '{ gast',
      'expected a literal, `{ guest: <path> }` or `{ fact: <path> }`',
    ],
    [
      '{ fact: binary.level, below: { guest: page-size-bytes } }',
      'page-size-bytes',
      'the units differ: `binary.level` is in level, `guest.page-size-bytes` in bytes',
    ],
    [
      "{ fact: binary.machine, matches: '(?=a)' }",
      "'(?=a)'",
      'the pattern is not supported: assertions, names and flags in groups are not supported',
    ],
    ['{ any: [] }', '[]', '`any` needs a list of conditions'],
    ['{ al: [] }', 'al', 'a condition needs one of `all`, `any`, `not`, `some`, `fact`; did you mean `all`?'],
    ['yes', 'yes', 'a condition is a map with one of `all`, `any`, `not`, `some`, `fact`'],
    [
      '{ not: { fact: binary.static, is: true }, fact: binary.static }',
      'fact: binary.static ',
      '`not` and `fact` are two conditions',
    ],
    [
      '{ some: binary.machine, as: m, where: { fact: m, is: a } }',
      'binary.machine',
      '`some` needs a list; `binary.machine` is a string',
    ],
    [
      '{ some: binary.needed, where: { fact: n, is: a } }',
      '{ some: binary.needed, where: { fact: n, is: a } }',
      '`some` needs `as` (a name for the element) and `where` (a condition)',
    ],
    [
      '{ some: binary.needed, as: binary, where: { fact: binary.static, is: true } }',
      'binary,',
      'the name `binary` is taken; bind another',
    ],
    [
      '{ some: binary.needed, as: N, where: { fact: binary.static, is: true } }',
      'N',
      '`as` needs a name in kebab-case',
    ],
    [
      '{ some: binary.needed, as: n, where: { fact: binary.static, is: true } }',
      'n,',
      'the name `n` is bound but never read in `where`',
    ],
  ])('%s', (match, at, message) => {
    const column = 'match: '.length + match.indexOf(at) + 1;
    expect(faultsOf({ match })[0]).toBe(`${FILE}:${MATCH_LINE}:${column}: ${message}`);
  });
});

describe('the shape of a rule', () => {
  const plain = ruleText('a-rule', { match: MATCH });
  const changed = (from: string | RegExp, to: string): readonly string[] => faultsOfText(plain.replace(from, to));

  test('is accepted as the other tests write it', () => {
    expect(faultsOfText(plain)).toEqual([]);
  });

  test.each([
    ['id: a-rule', 'id: other', ':1:5: `id` must be the name of the file, `a-rule`'],
    ['id: a-rule', 'id: A_rule', ':1:5: `id` must be in kebab-case'],
    ['area: tests', 'area: kernel', ':3:7: `area` must be the folder, `tests`'],
    [
      'severity: blocker',
      'severity: bad',
      ':4:11: `severity` is one of `blocker`, `error`, `warning`, `info`, not `bad`',
    ],
    [
      'severity: blocker',
      'severity: { start: blocker, later: blocker, present: info }',
      ':4:36: only what is on the start path can block',
    ],
    ['severity: blocker', 'severity: { start: blocker, later: error }', ':4:11: the key `present` is missing'],
    ['since: 0.1.0', 'since: 1.0', ':7:8: `since` must be text; write it in quotes'],
    [
      'status: stable',
      'status: stabel',
      ':6:9: `status` is one of `draft`, `stable`, `deprecated`, not `stabel`; did you mean `stable`?',
    ],
    ['since: 0.1.0', 'since: 0.1.0\nreplaced-by: b-rule', ':8:14: only a deprecated rule has `replaced-by`'],
    ['catalogue: [A01]', 'katalogue: [A01]', ':16:1: unknown key `katalogue`; did you mean `catalogue`?'],
    ['false-alarms: []\n', '', ':1:1: the key `false-alarms` is missing'],
    ["'It is so.'", "'It is {binary.machin}.'", ':11:14: unknown fact `binary.machin`; did you mean `binary.machine`?'],
    [
      "'It is so.'",
      "'It is {binary.interpreter}.'",
      ':11:14: `{binary.interpreter}` is a record; a text needs a value',
    ],
    ['effort: low', 'effort: huge', ':13:51: `effort` is one of `low`, `medium`, `high`, not `huge`'],
    ['https://example.org/', 'example', ':15:40: `url` must be a web address'],
    [
      'cases: []',
      'cases: [{ name: a, expect: match, facts: { binary: { machin: a } } }]',
      ':17:54: unknown fact `binary.machin`; did you mean `machine`?',
    ],
    [
      'cases: []',
      'cases: [{ name: a, expect: match, facts: { binary: { level: "3" } } }]',
      ':17:61: `binary.level` is a integer',
    ],
    [
      'cases: []',
      'cases: [{ name: a, expect: match, facts: { program: {} } }]',
      ':17:44: `program` is no tree of this rule; it reads `image`, `binary`',
    ],
    [
      'cases: []',
      'cases: [{ name: a, expect: match, facts: {}, guest: { kernel: 6.8 } }]',
      ':17:63: `guest.kernel` is a version; write it in quotes',
    ],
    [
      'cases: []',
      'cases: [{ name: a, expect: match, facts: { binary: { format: exe } } }]',
      ':17:62: `binary.format` is never `exe`; it is one of `elf`, `pe`, `mach-o`',
    ],
  ])('with %j as %j', (from, to, expected) => {
    expect(changed(from, to)).toContain(`${FILE}${expected}`);
  });

  test('has all its faults named at once, in the order of the file', () => {
    const faults = faultsOfText(
      plain
        .replace('area: tests', 'area: x')
        .replace('since: 0.1.0', 'since: y')
        .replace('binary.static', 'binary.statik'),
    );
    expect(faults.map((fault) => fault.slice(FILE.length + 1).split(':', 1)[0])).toEqual(['3', '7', '10']);
  });

  test('a name that a `not` hides cannot be used in texts', () => {
    const match = '{ not: { some: binary.needed, as: name, where: { fact: name, is: a } } }';
    expect(faultsOf({ match, explanation: 'It needs {name}.' })).toEqual([
      `${FILE}:11:14: \`{name}\` is bound under a \`not\`, so no one element stands for it`,
    ]);
  });

  test('a placeholder of a command cannot stand in quotes, where quoting its value is undone', () => {
    const remedies = (command: string): string =>
      `[{ id: a, where: image, effort: low, text: 'Do.', command: '${command}' }]`;
    expect(faultsOf({ match: MATCH, remedies: remedies('cp "{binary.path}" .') })[0]).toContain('outside of quotes');
    expect(faultsOf({ match: MATCH, remedies: remedies('echo "a" {binary.path} "b"') })).toEqual([]);
  });

  test('what a requirement says cannot come from the guest', () => {
    const extra = "requires: { kind: cpu, text: 'not {guest.name}' }";
    expect(faultsOf({ match: MATCH, extra })).toEqual([
      `${FILE}:11:11: \`requires\` is said where there is no guest, so it cannot read one`,
    ]);
  });
});

describe('YAML that a rule does not need is refused', () => {
  test.each([
    ['an anchor', 'id: &a a-rule', ':1:8: anchors are not used in rule files; write the value out'],
    ['a tag', 'id: !!binary a-rule', ':1:14: the tag'],
    ['a second document', 'id: a\n---\nid: b', ':2:1: Source contains multiple documents'],
    ['a key twice', 'id: a\nid: b', ':2:1: Map keys must be unique'],
    ['no content', '# nothing', ':1:1: the file is empty'],
    ['infinity', 'id: .inf', ':1:5: expected text, a number, true, false or null'],
    ['a map as key', '? { a: b }\n: c', ':1:3: a key must be text'],
    ['deep nesting', `id: ${'['.repeat(60)}${']'.repeat(60)}`, ':1:45: lists and maps are nested deeper than 40'],
  ])('%s', (_, text, expected) => {
    expect(faultsOfText(text)[0]).toContain(`${FILE}${expected}`);
  });

  test('an alias, also where it would grow without bound', () => {
    const bomb = ['a: &a [x, x]', 'b: &b [*a, *a]', 'c: [*b, *b]'].join('\n');
    expect(faultsOfText(bomb).some((fault) => fault.includes('aliases are not used'))).toBe(true);
  });

  test('a file that is too long', () => {
    expect(faultsOfText(`# ${'x'.repeat(MAX_RULE_LENGTH)}`)).toEqual([
      `${FILE}:1:1: the file is longer than ${MAX_RULE_LENGTH} characters`,
    ]);
  });

  test('brackets without end', () => {
    expect(faultsOfText('['.repeat(60_000)).length).toBeGreaterThan(0);
  });
});

test('an id that two files have is an error of the second', () => {
  const text = ruleText('a-rule', { match: MATCH });
  const files = [
    { path: 'own/tests/a-rule.yaml', text },
    { path: 'rules/tests/a-rule.yaml', text },
  ];
  const { rules, errors } = loadRules(files, smallCatalog);
  expect(rules).toHaveLength(1);
  expect(errors).toEqual([
    {
      file: 'rules/tests/a-rule.yaml',
      line: 1,
      column: 1,
      message: 'the id `a-rule` is that of own/tests/a-rule.yaml',
    },
  ]);
});

test('a rule that is replaced by none is an error', () => {
  const text = ruleText('a-rule', { match: MATCH, status: 'deprecated' }).replace(
    /^subject:/m,
    'replaced-by: b-rule\nsubject:',
  );
  expect(faultsOfText(text)).toEqual([`${FILE}:1:1: \`replaced-by\` names \`b-rule\`, which is no rule`]);
});

test('no text makes loading throw', () => {
  const plain = ruleText('a-rule', { match: MATCH });
  fc.assert(
    fc.property(fc.nat(plain.length), fc.nat(40), fc.string({ maxLength: 6 }), (at, length, put) => {
      const text = plain.slice(0, at) + put + plain.slice(at + length);
      const { rules, errors } = loadRules([{ path: FILE, text }], smallCatalog);
      expect(rules.length + errors.length).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
