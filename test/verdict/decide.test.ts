import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/model/rule.js';
import type { Outcome, Route, RouteRequirement } from '../../src/model/verdict.js';
import { decide } from '../../src/verdict/decide.js';
import { judgeRoute } from '../../src/verdict/judge-route.js';
import { context, emulation, finding, judged, machine, requirement, route } from './support.js';

const outcome = (...routes: Parameters<typeof decide>[0]): Outcome => decide(routes, context()).outcome;
const unknown = finding({ truth: 'unknown' });

describe('a route', () => {
  test.each<[string, boolean | null, boolean, Partial<RouteRequirement>[], Finding[]]>([
    ['with nothing against it works', true, true, [], []],
    ['is closed by a blocker that holds', false, false, [], [finding()]],
    ['is unknown with a blocker that may hold', null, true, [], [unknown]],
    ['is closed where one blocker holds and another may', false, false, [], [unknown, finding()]],
    ['is not closed by an error', true, true, [], [finding({ severity: 'error' })]],
    ['is closed by a requirement that is not met', false, false, [{ met: false }], []],
    ['is unknown where a requirement is not known', null, false, [{ met: null }], []],
    ['works but is not ready where something has to be set up', true, false, [{ met: false, setup: true }], []],
    [
      'works but is not ready where it is not known whether it is set up',
      true,
      false,
      [{ met: null, setup: true }],
      [],
    ],
    ['is ready where all is met', true, true, [{}, { setup: true }], []],
  ])('%s', (_, works, ready, requires, findings) => {
    const one = judgeRoute(route({ requires: requires.map(requirement) }), findings);
    expect([one.works, one.ready]).toEqual([works, ready]);
  });

  test('says by what it is closed, each rule once', () => {
    const one = judged({ requires: [requirement({ met: false })] }, [finding(), finding({ path: '/b' }), unknown]);
    expect(one.blockedBy).toEqual(['emulator', 'a-rule']);
  });
});

describe('the outcome', () => {
  const closed = [finding()];
  const toSetUp = { requires: [requirement({ met: false, setup: true })] };

  test.each<[Outcome, Parameters<typeof decide>[0]]>([
    ['runs', [judged()]],
    ['runs', [judged({}, [finding({ severity: 'info' })])]],
    ['runs-with-warnings', [judged({}, [finding({ severity: 'warning' })])]],
    ['runs-with-warnings', [judged({}, [finding({ severity: 'error' })])]],
    ['runs', [judged({}, [finding({ severity: 'error', truth: 'unknown' })])]],
    ['needs-emulation', [judged({}, closed), judged(emulation)]],
    ['needs-vm', [judged({}, closed), judged(machine), judged(emulation)]],
    ['needs-emulation', [judged({}, closed), judged({ ...machine, ...toSetUp }), judged(emulation)]],
    ['needs-vm', [judged({}, closed), judged({ ...machine, ...toSetUp }), judged({ ...emulation, ...toSetUp })]],
    ['needs-emulation', [judged({}, [unknown]), judged(emulation)]],
    ['unknown', [judged({}, [unknown]), judged(emulation, closed)]],
    ['blocked', [judged({}, closed), judged(emulation, closed)]],
    ['blocked', []],
  ])('%s', (expected, routes) => {
    expect(outcome(...routes)).toBe(expected);
  });

  test('names no route where none works', () => {
    expect(decide([judged({}, closed)], context())).toMatchObject({ via: null, ready: false });
    expect(decide([judged({}, [unknown])], context())).toMatchObject({ via: null, ready: false });
  });

  test('lists the routes that work first, then the unknown, then the closed', () => {
    const routes = [
      judged({}, closed),
      judged(machine, [unknown]),
      judged({ ...emulation, ...toSetUp }),
      judged({ via: 'wine' }),
    ];
    expect(decide(routes, context()).routes.map(({ via }) => via)).toEqual(['wine', 'qemu-user', 'wsl2', 'native']);
  });
});

const severity = fc.constantFrom('blocker', 'error', 'warning', 'info');
const anyFinding = fc.record({ severity, truth: fc.constantFrom('yes', 'unknown') }).map((parts) => finding(parts));
const anyRequirement = fc
  .record({ met: fc.constantFrom(true, false, null), setup: fc.boolean() })
  .map((parts) => requirement(parts));
const anyRoute = fc.record({
  parts: fc.record({
    kind: fc.constantFrom<Route['kind']>('native', 'emulation', 'vm'),
    requires: fc.array(anyRequirement, { maxLength: 2 }),
  }),
  findings: fc.array(anyFinding, { maxLength: 3 }),
});
const OPENNESS = [false, null, true];

describe('laws', () => {
  test('one more finding never opens a route', () => {
    fc.assert(
      fc.property(anyRoute, anyFinding, ({ parts, findings }, extra) => {
        const before = judged(parts, findings).works;
        const after = judged(parts, [...findings, extra]).works;
        expect(OPENNESS.indexOf(after)).toBeLessThanOrEqual(OPENNESS.indexOf(before));
      }),
    );
  });

  test('one more requirement never opens a route nor makes it ready', () => {
    fc.assert(
      fc.property(anyRoute, anyRequirement, ({ parts, findings }, extra) => {
        const before = judged(parts, findings);
        const after = judged({ ...parts, requires: [...parts.requires, extra] }, findings);
        expect(OPENNESS.indexOf(after.works)).toBeLessThanOrEqual(OPENNESS.indexOf(before.works));
        expect(Number(after.ready)).toBeLessThanOrEqual(Number(before.ready));
      }),
    );
  });

  test('one more route never makes an image that runs blocked or unknown', () => {
    fc.assert(
      fc.property(fc.array(anyRoute, { maxLength: 3 }), anyRoute, (routes, extra) => {
        const all = routes.map(({ parts, findings }) => judged(parts, findings));
        const before = outcome(...all);
        const after = outcome(...all, judged(extra.parts, extra.findings));
        if (before !== 'blocked' && before !== 'unknown') expect(['blocked', 'unknown']).not.toContain(after);
        if (before === 'unknown') expect(after).not.toBe('blocked');
      }),
    );
  });

  test('the verdict names a route exactly where one works', () => {
    fc.assert(
      fc.property(fc.array(anyRoute, { maxLength: 3 }), (routes) => {
        const all = routes.map(({ parts, findings }) => judged(parts, findings));
        const verdict = decide(all, context());
        expect(verdict.via !== null).toBe(all.some((one) => one.works === true));
        expect(verdict.summary).toMatch(/^[A-Z].*\.$/s);
      }),
    );
  });
});
