import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detectHost } from '../../../src/host/detect/index.js';
import type { HostIo } from '../../../src/host/detect/io.js';
import { parseProfile } from '../../../src/host/profile.js';
import { profileJson } from '../../../src/report/profile.js';

/** Whole nonsense, and answers that are nearly right. */
const answer = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'null',
    '[]',
    '{"OSType":"linux","SecurityOptions":[1]}',
    '{"OSType":"linux","DefaultRuntime":5,"Architecture":"x86_64","OperatingSystem":"Docker Desktop"}',
    'CPU architecture: 99999',
    'flags\t\t: a',
    'KernelPageSize:   999999 kB',
    'enabled\nmagic 7f454c46zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\noffset 0',
    '    UBR    REG_DWORD    zz\r\n    CurrentBuildNumber    REG_SZ    1e9\r\n',
    '9.9.999999999999999999999',
  ),
);

test('whatever a machine answers, its profile can be read again', async () => {
  const machine = fc.constantFrom('x86_64', 'armv7l', 'aarch64', 'weird', '');
  const platform = fc.constantFrom('linux', 'darwin', 'win32');
  await fc.assert(
    fc.asyncProperty(platform, machine, fc.string(), answer, answer, fc.array(fc.string()), async (...drawn) => {
      const [platformName, machineName, release, file, stdout, names] = drawn;
      const io: HostIo = {
        platform: platformName,
        machine: machineName,
        release,
        date: '2026-11-24',
        env: {},
        readFile: () => file,
        list: () => names,
        run: () => Promise.resolve({ stdout, code: 0 }),
      };
      const profile = await detectHost(io);
      expect(parseProfile(profileJson(profile), 'any.json')).toMatchObject({ ok: true });
    }),
    { numRuns: 300 },
  );
});
