import { describe, expect, test } from 'vitest';
import { collectPrograms, decidingReaches } from '../../src/facts/program-facts.js';
import type { FactTree } from '../../src/model/rule.js';
import { analysis, binaryContent, closure, elfBinary, peBinary } from '../support/analysis-builder.js';
import type { AnalysisSpec } from '../support/analysis-builder.js';
import { textContent } from '../support/rootfs-builder.js';

function factsOf(spec: AnalysisSpec, index = 0): FactTree {
  return collectPrograms(analysis(spec))[index]?.facts ?? {};
}

describe('a program that is there', () => {
  const files = { '/app': { mode: 0o750, size: 5, content: binaryContent(elfBinary({ machine: 'aarch64' })) } };

  test('has its machine and what an installer of emulators calls it', () => {
    expect(factsOf({ files, programs: [{ requested: '/app' }] })).toMatchObject({
      found: true,
      path: '/app',
      machine: 'aarch64',
      architecture: 'arm64',
      'machine-compatible': false,
      mode: '0750',
      'size-bytes': 5,
      head: null,
    });
  });

  test('agrees with an image that declares its machine, the 32-bit mode included', () => {
    const arm = { '/app': { content: binaryContent(elfBinary({ machine: 'arm', bits: 32 })) } };
    const image = { platform: { architecture: 'arm64' } };
    expect(factsOf({ files: arm, image, programs: [{ requested: '/app' }] })).toMatchObject({
      'machine-compatible': true,
    });
  });

  test('has no machine where its header is damaged: that is unknown, not absent', () => {
    const damaged = {
      kind: 'damaged',
      format: 'elf',
      error: { kind: 'truncated', at: 0, needed: 64, available: 8 },
    } as const;
    const facts = factsOf({
      files: { '/app': { content: damaged } },
      programs: [{ requested: '/app', format: 'damaged' }],
    });
    expect(facts['machine']).toBeUndefined();
    expect(facts['format']).toBe('damaged');
  });

  test('is managed where it is a .NET assembly', () => {
    const clr = {
      metadataVersion: null,
      ilOnly: true,
      requires32Bit: false,
      prefers32Bit: false,
      anyCpu: true,
      targetFramework: null,
      pinvokeModules: [],
    };
    const pe = { '/app.exe': { content: binaryContent(peBinary({ clr })) } };
    expect(factsOf({ files: pe, programs: [{ requested: '/app.exe' }] })).toMatchObject({ managed: true });
  });
});

describe('a program that is not found', () => {
  test('is absent, with the place where the walk ended', () => {
    const facts = factsOf({ files: { '/bin': null }, programs: [{ requested: '/bin/run' }] });
    expect(facts).toMatchObject({ found: false, path: null, format: null, machine: null });
    expect(facts['not-found']).toMatchObject({ reason: 'absent', hidden: false });
  });

  test('is unknown where a layer could not be read', () => {
    const facts = factsOf({ complete: false, programs: [{ requested: '/bin/run' }] });
    expect(facts['found']).toBeUndefined();
    expect(facts['path']).toBeUndefined();
    expect(facts['not-found']).toBeUndefined();
  });
});

describe('a program that the Windows base may bring', () => {
  const image = { platform: { os: 'windows' } };
  const factsOfWord = (requested: string, files = {}): FactTree => factsOf({ files, image, programs: [{ requested }] });

  test('is neither found nor missing where the layers of the base are not in the archive', () => {
    const ofBase = { found: null, format: 'pe', 'not-found': null };
    expect(factsOfWord('cmd')).toMatchObject({ ...ofBase, 'base-program': 'every-base' });
    expect(factsOfWord('C:\\Windows\\System32\\CMD.exe')).toMatchObject({ ...ofBase, 'base-program': 'every-base' });
    expect(factsOfWord('powershell')).toMatchObject({ ...ofBase, 'base-program': 'some-bases' });
  });

  test('is missing where they are', () => {
    const files = { '/Windows/System32/ntdll.dll': {} };
    expect(factsOfWord('powershell', files)).toMatchObject({ found: false, 'base-program': null });
  });

  test('does not lie in a folder of the application', () => {
    expect(factsOfWord('C:\\app\\run.exe')).toMatchObject({ found: false, 'base-program': null, 'has-slash': true });
  });
});

describe('what the user may do', () => {
  const spec = (mode: number, uid: number | null): FactTree =>
    factsOf({
      files: { '/run': { mode, uid: 1, gid: 2, content: textContent('#!/bin/sh\n') } },
      start: { user: { written: 'x', uid, gids: [2] } },
      programs: [{ requested: '/run' }],
    });

  test('reading is judged by the bits of the owner, then of the group, then of the others', () => {
    expect(spec(0o700, 1)['readable']).toBe(true);
    expect(spec(0o077, 1)['readable']).toBe(false);
    expect(spec(0o740, 5)['readable']).toBe(true);
    expect(spec(0o711, 5)['readable']).toBe(false);
    expect(spec(0o000, 0)['readable']).toBe(true);
    expect(spec(0o777, null)['readable']).toBeUndefined();
  });
});

describe('a carriage return on the first line', () => {
  const shebang = { interpreter: '/bin/bash\r', argument: null, carriageReturn: true, tooLong: false };
  const files = { '/run': { content: textContent('#!/bin/bash\r\n', 'script-crlf') } };

  test('belongs to the interpreter where there is no argument, and is shown', () => {
    expect(factsOf({ files, programs: [{ requested: '/run', shebang }] })['shebang']).toMatchObject({
      'interpreter-shown': '/bin/bash\\r',
      'carriage-return-in': 'interpreter',
      relative: false,
    });
  });

  test('belongs to the argument where there is one', () => {
    const withArgument = { ...shebang, interpreter: '/usr/bin/env', argument: 'bash\r' };
    const facts = factsOf({ files, programs: [{ requested: '/run', shebang: withArgument }] });
    expect(facts['shebang']).toMatchObject({ argument: 'bash\\r', 'carriage-return-in': 'argument' });
    expect(facts['shell-script']).toBe(true);
  });
});

describe('carriage returns behind the first line', () => {
  const factsOfText = (content: ReturnType<typeof textContent>): FactTree =>
    factsOf({ files: { '/run': { content } }, programs: [{ requested: '/run' }] });

  test('are seen', () => {
    expect(factsOfText(textContent('#!/bin/sh\necho a\r\n'))).toMatchObject({ 'body-carriage-returns': true });
  });

  test('are not those of the first line', () => {
    expect(factsOfText(textContent('#!/bin/sh\r\necho a\n'))).toMatchObject({ 'body-carriage-returns': false });
  });

  test('are unknown in a text that was cut', () => {
    const cut = { kind: 'text', head: 'script', text: '#!/bin/sh\necho', truncated: true, references: [] } as const;
    expect(factsOfText(cut)['body-carriage-returns']).toBeUndefined();
  });
});

describe('a file without a first line', () => {
  const files = {
    '/run': { content: textContent('echo hi\n', 'text') },
    '/sbin/tini': { content: binaryContent(elfBinary()) },
  };
  const fallbackUnder = (requested: string, loader: 'glibc' | 'musl'): unknown =>
    factsOf(
      {
        files,
        programs: [
          { requested, closure: closure(loader, []) },
          { requested: '/run', executedAs: 'wrapped', from: 0 },
        ],
      },
      1,
    )['enoexec-fallback'];

  test('is refused when the runtime executes it', () => {
    expect(factsOf({ files, programs: [{ requested: '/run' }] })).toMatchObject({ 'enoexec-fallback': false });
  });

  test('is run by a shell, and by execvp of glibc but not of musl', () => {
    expect(fallbackUnder('/bin/bash', 'musl')).toBe(true);
    expect(fallbackUnder('/sbin/tini', 'glibc')).toBe(true);
    expect(fallbackUnder('/sbin/tini', 'musl')).toBe(false);
  });

  test('may or may not be run by a program that is not known', () => {
    expect(fallbackUnder('/bin/custom-init', 'glibc')).toBeUndefined();
  });
});

test('a command of a script never decides the start, nor does what it executes', () => {
  const { start } = analysis({
    programs: [
      { requested: '/entry.sh' },
      { requested: '/bin/sh', executedAs: 'shebang', from: 0 },
      { requested: 'mkdir', executedAs: 'command', from: 0 },
      { requested: '/lib/ld.so', executedAs: 'interpreter', from: 2 },
      { requested: 'curl', executedAs: 'command', certainty: 'likely', from: 0 },
      { requested: '/app', executedAs: 'wrapped', certainty: 'likely', from: 0 },
      { requested: '/app2', executedAs: 'wrapped', from: 0 },
    ],
  });
  expect(decidingReaches(start.programs)).toEqual(['start', 'start', 'later', 'later', 'present', 'later', 'start']);
});
