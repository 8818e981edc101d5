import { expect, test } from 'vitest';
import { COMMAND_NAMES, withDefaultCommand } from '../../src/commands/default.js';
import { COMMANDS } from '../../src/commands/index.js';

test('every command is known by its name without being loaded', () => {
  expect([...COMMAND_NAMES]).toEqual(Object.keys(COMMANDS));
});

test('what is no command is an image', () => {
  expect(withDefaultCommand(['app.tar', '--json'])).toEqual(['check', 'app.tar', '--json']);
  expect(withDefaultCommand(['rules', 'x'])).toEqual(['rules', 'x']);
  expect(withDefaultCommand([])).toEqual([]);
});
