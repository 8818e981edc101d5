import { describe, expect, test } from 'vitest';
import { decide } from '../../src/verdict/decide.js';
import { exitCodeFor, FAIL_ON, gateHolds } from '../../src/verdict/gate.js';
import { context, emulation, finding, judged, machine, requirement } from './support.js';

const verdictOf = (...routes: Parameters<typeof decide>[0]) => decide(routes, context());
const toSetUp = (met: false | null) => ({ requires: [requirement({ met, setup: true })] });
const unknown = finding({ truth: 'unknown' });

const VERDICTS = {
  runs: verdictOf(judged()),
  'runs, a warning is unknown': verdictOf(judged({}, [finding({ severity: 'warning', truth: 'unknown' })])),
  'runs with warnings': verdictOf(judged({}, [finding({ severity: 'warning' })])),
  'emulation is there': verdictOf(judged({}, [finding()]), judged(emulation)),
  'a machine is there': verdictOf(judged(machine)),
  'emulation has to be set up': verdictOf(judged({ ...emulation, ...toSetUp(false) })),
  'emulation may have to be set up': verdictOf(judged({ ...emulation, ...toSetUp(null) })),
  'native is unknown, emulation has to be set up': verdictOf(
    judged({}, [unknown]),
    judged({ ...emulation, ...toSetUp(false) }),
  ),
  unknown: verdictOf(judged({}, [unknown])),
  blocked: verdictOf(judged({}, [finding()])),
};

/** One letter a level of `--fail-on`, in its order: holds, fails, unknown. */
const TABLE: Readonly<Record<keyof typeof VERDICTS, string>> = {
  runs: 'hhhhhh',
  'runs, a warning is unknown': 'hhhhhu',
  'runs with warnings': 'hhhhhf',
  'emulation is there': 'hhhhff',
  'a machine is there': 'hhhfff',
  'emulation has to be set up': 'hhffff',
  'emulation may have to be set up': 'hhuuuu',
  'native is unknown, emulation has to be set up': 'hhuuuu',
  unknown: 'huuuuu',
  blocked: 'hfffff',
};

test.each(Object.entries(TABLE))('%s: the gate is %s', (name, expected) => {
  const verdict = Object.entries(VERDICTS).find(([key]) => key === name)?.[1];
  expect(verdict).toBeDefined();
  if (verdict === undefined) return;
  const letters = FAIL_ON.map((level) => ({ true: 'h', false: 'f', null: 'u' })[`${gateHolds(verdict, level)}`]);
  expect(letters.join('')).toBe(expected);
});

describe('the exit code', () => {
  const { runs, blocked, unknown: open } = VERDICTS;
  test.each([
    [0, [], false],
    [0, [runs], false],
    [1, [runs, blocked], false],
    [3, [runs, open], false],
    [3, [open, blocked], false],
    [0, [open], true],
    [1, [open, blocked], true],
  ] as const)('is %i', (code, verdicts, allowUnknown) => {
    expect(exitCodeFor(verdicts, 'not-ready', allowUnknown)).toBe(code);
  });

  test('is 0 where the gate never closes', () => {
    expect(exitCodeFor([blocked, open], 'never', false)).toBe(0);
  });
});
