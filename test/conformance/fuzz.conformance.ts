/** A minute of fuzzing over all targets: a seed that is always the same, and one that is new and printed. */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { workFolder } from './support/work.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

test.each([1, randomInt(2 ** 31)])('half a minute with seed %i finds nothing', (seed) => {
  const findings = workFolder('fuzz', String(seed));
  const args = [
    '--import',
    'tsx',
    join(PROJECT, 'test/fuzz/run.ts'),
    '--seconds',
    '30',
    '--seed',
    String(seed),
    '--findings',
    findings,
  ];
  const child = spawnSync(process.execPath, args, { cwd: PROJECT, encoding: 'utf8' });
  console.log(child.stdout);
  expect(child.stderr).toBe('');
  expect(child.stdout).toMatch(/, 0 findings\n$/);
});
