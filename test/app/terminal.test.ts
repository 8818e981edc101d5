import { describe, expect, test } from 'vitest';
import type { Terminal } from '../../src/app/terminal.js';
import { inCi, styleFor, wantsColour, wantsUnicode } from '../../src/app/terminal.js';

function terminal(env: Terminal['env'], over: Partial<Terminal> = {}): Terminal {
  return { isTty: true, columns: 80, platform: 'linux', env, ...over };
}

describe('colour', () => {
  test('the flag beats the environment', () => {
    expect(wantsColour('never', terminal({ FORCE_COLOR: '1' }))).toBe(false);
    expect(wantsColour('always', terminal({ NO_COLOR: '1' }, { isTty: false }))).toBe(true);
  });

  test('FORCE_COLOR beats NO_COLOR, which beats CLICOLOR_FORCE', () => {
    expect(wantsColour('auto', terminal({ FORCE_COLOR: '1', NO_COLOR: '1' }))).toBe(true);
    expect(wantsColour('auto', terminal({ FORCE_COLOR: '0' }))).toBe(false);
    expect(wantsColour('auto', terminal({ NO_COLOR: '1', CLICOLOR_FORCE: '1' }))).toBe(false);
    expect(wantsColour('auto', terminal({ CLICOLOR_FORCE: '1' }, { isTty: false }))).toBe(true);
  });

  test('an empty NO_COLOR says nothing, and a pipe has no colour', () => {
    expect(wantsColour('auto', terminal({ NO_COLOR: '' }))).toBe(true);
    expect(wantsColour('auto', terminal({}, { isTty: false }))).toBe(false);
    expect(wantsColour('auto', terminal({ TERM: 'dumb' }))).toBe(false);
  });
});

test('CI is set unless it says false', () => {
  expect(inCi({ env: { CI: 'true' } })).toBe(true);
  expect(inCi({ env: { CI: '1' } })).toBe(true);
  expect(inCi({ env: { CI: 'false' } })).toBe(false);
  expect(inCi({ env: { CI: '' } })).toBe(false);
  expect(inCi({ env: {} })).toBe(false);
});

test('symbols beyond ASCII need a locale that has them', () => {
  expect(wantsUnicode(terminal({ LANG: 'C' }))).toBe(false);
  expect(wantsUnicode(terminal({ LANG: 'de_DE.UTF-8' }))).toBe(true);
  expect(wantsUnicode(terminal({ TERM: 'linux' }))).toBe(false);
});

test('a pipe gets a fixed width', () => {
  expect(styleFor('auto', false, terminal({}, { isTty: false, columns: undefined })).width).toBe(100);
});
