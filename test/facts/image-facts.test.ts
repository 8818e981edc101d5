import { describe, expect, test } from 'vitest';
import { collectFacts } from '../../src/facts/collect.js';
import { collectImage } from '../../src/facts/image-facts.js';
import type { FactTree } from '../../src/model/rule.js';
import { analysis, binaryContent, closure, elfBinary } from '../support/analysis-builder.js';
import type { AnalysisSpec } from '../support/analysis-builder.js';
import { textContent } from '../support/rootfs-builder.js';

function imageOf(spec: AnalysisSpec): FactTree {
  const from = analysis(spec);
  return collectImage(from, from.gaps, () => 'present');
}

describe('the machine of an image', () => {
  test('is that of the first binary on the start path, whatever is declared', () => {
    const files = {
      '/run.sh': { content: textContent('#!/bin/sh\n') },
      '/bin/sh': { content: binaryContent(elfBinary({ machine: 'aarch64' })) },
    };
    const programs = [{ requested: '/run.sh' }, { requested: '/bin/sh', executedAs: 'shebang', from: 0 } as const];
    expect(imageOf({ files, programs })['machine']).toBe('aarch64');
  });

  test('is null where there is no binary and unknown where there may be one', () => {
    const files = { '/run.sh': { content: textContent('#!/bin/sh\n') } };
    expect(imageOf({ files, programs: [{ requested: '/run.sh' }] })['machine']).toBeNull();
    expect(imageOf({ complete: false, programs: [{ requested: '/bin/sh' }] })['machine']).toBeUndefined();
  });
});

describe('the libc of an image', () => {
  test('is known by its loaders; a link to the loader of musl is musl', () => {
    const files = { '/lib/ld-musl-x86_64.so.1': {}, '/lib64/ld-linux-x86-64.so.2': '../lib/ld-musl-x86_64.so.1' };
    expect(imageOf({ files })['libcs']).toEqual(['musl']);
    expect(imageOf({ files: { '/lib64/ld-linux-x86-64.so.2': {} } })['libcs']).toEqual(['glibc']);
    expect(imageOf({ files: {} })['libcs']).toEqual([]);
    expect(imageOf({ complete: false })['libcs']).toBeUndefined();
  });

  test('of glibc has the highest version of its own definitions', () => {
    const names = ['GLIBC_2.2.5', 'GLIBC_2.36', 'GLIBC_2.9', 'GLIBC_ABI_DT_RELR', 'GLIBC_PRIVATE'];
    const versionDefinitions = names.map((name) => ({ name, base: false, weak: false, parents: [] }));
    const libc = { content: binaryContent(elfBinary({ versionDefinitions })) };
    expect(imageOf({ files: { '/lib/x86_64-linux-gnu/libc.so.6': libc } })['glibc']).toEqual({
      path: '/lib/x86_64-linux-gnu/libc.so.6',
      version: '2.36',
    });
    expect(imageOf({ files: {} })['glibc']).toBeNull();
  });

  test('of glibc is named by its file up to 2.33, where no new symbol may have come with the release', () => {
    const versionDefinitions = [{ name: 'GLIBC_2.30', base: false, weak: false, parents: [] }];
    const libc = { content: binaryContent(elfBinary({ versionDefinitions })) };
    const files = { '/lib64/libc-2.31.so': libc, '/lib64/libc.so.6': 'libc-2.31.so' };
    expect(imageOf({ files })['glibc']).toMatchObject({ version: '2.31' });
  });

  test('of glibc is the one that the start path maps, if it maps one', () => {
    const libc = { content: binaryContent(elfBinary()) };
    const mapped = closure('glibc', [{ path: '/opt/lib/libc.so.6' }]);
    const spec = {
      files: { '/lib64/libc.so.6': libc, '/app': libc },
      programs: [{ requested: '/app', closure: mapped }],
    };
    expect(imageOf(spec)['glibc']).toMatchObject({ path: '/opt/lib/libc.so.6' });
  });
});

describe('what the config says', () => {
  test('a user that is not in the image is not found; in one that was not read to its end it is unknown', () => {
    const start = { user: { written: 'app', uid: null, gids: [] } };
    expect(imageOf({ start })['user']).toEqual({ written: 'app', found: false, 'group-found': null });
    expect(imageOf({ start, complete: false })['user']).toEqual({
      written: 'app',
      found: undefined,
      'group-found': null,
    });
  });

  test('a group that is not in the image is not found; in one that was not read to its end it is unknown', () => {
    const start = { user: { written: 'app:web', uid: 1000, gids: [] } };
    expect(imageOf({ start })['user']).toEqual({ written: 'app:web', found: true, 'group-found': false });
    expect(imageOf({ start, complete: false })['user']).toMatchObject({ found: true, 'group-found': undefined });
    const with0 = { user: { written: '', uid: 0, gids: [0] } };
    expect(imageOf({ start: with0 })['user']).toMatchObject({ 'group-found': true });
  });

  test('LD_PRELOAD is split at blanks and colons, and names without a path are not looked up', () => {
    const start = { environment: { LD_PRELOAD: '/a.so:/b.so c.so' } };
    expect(imageOf({ files: { '/a.so': {} }, start })['preload']).toEqual([
      { path: '/a.so', found: true },
      { path: '/b.so', found: false },
      { path: 'c.so', found: null },
    ]);
  });

  test('a variant that only one of index and config names is no disagreement', () => {
    const indexPlatform = { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: null, osFeatures: [] };
    const platform = { architecture: 'arm64' };
    expect(imageOf({ image: { indexPlatform, platform } })['index-platform-agrees']).toBe(true);
    expect(imageOf({ image: { indexPlatform } })['index-platform-agrees']).toBe(false);
    expect(imageOf({})['index-platform-agrees']).toBeNull();
  });

  test('the build of a Windows image is the third number of its version', () => {
    const platform = { os: 'windows', osVersion: '10.0.20348.2582' };
    expect(imageOf({ image: { platform } })['windows']).toEqual({
      'os-version': '10.0.20348.2582',
      build: 20348,
      revision: 2582,
      'base-in-archive': false,
      base: 'unknown',
    });
    expect(imageOf({ image: { platform: { os: 'windows' } } })['windows']).toMatchObject({ build: null });
  });

  test('Nano Server is known by its forwarders, Server Core by its PowerShell', () => {
    const image = { platform: { os: 'windows' } };
    const nano = { '/Windows/System32/ntdll.dll': {}, '/Windows/System32/forwarders': null };
    const core = { ...nano, '/Windows/System32/WindowsPowerShell/v1.0/powershell.exe': {} };
    expect(imageOf({ image, files: nano })['windows']).toMatchObject({ base: 'nanoserver', 'base-in-archive': true });
    expect(imageOf({ image, files: core })['windows']).toMatchObject({ base: 'servercore' });
  });

  test('os-release is read with and without quotes', () => {
    const text = 'ID=alpine\nVERSION_ID=3.20.1\r\nPRETTY_NAME="Alpine Linux v3.20"\n';
    expect(imageOf({ files: { '/etc/os-release': { content: textContent(text, 'text') } } })['distribution']).toEqual({
      id: 'alpine',
      version: '3.20.1',
      title: 'Alpine Linux v3.20',
    });
    expect(imageOf({ files: { '/etc/os-release': {} } })['distribution']).toBeUndefined();
    expect(imageOf({})['distribution']).toBeNull();
  });
});

test('what could not be read of files is listed, that of the start path first', () => {
  const error = { kind: 'truncated', at: 64, needed: 16, available: 0 } as const;
  const facts = collectFacts(
    analysis({
      files: {
        '/a/damaged': { content: { kind: 'damaged', format: 'elf', error } },
        '/app': {
          content: binaryContent(
            elfBinary({
              gaps: [
                { part: 'dynamic section', error },
                { part: 'segments', error },
              ],
            }),
          ),
        },
      },
      reach: { '/app': 'start' },
      gaps: [{ path: 'sha256:1', layer: 0, part: 'blob', error }],
    }),
  );
  expect(facts.image['gaps']).toMatchObject([
    { path: 'sha256:1', reach: 'start' },
    { path: '/app', part: 'dynamic section', reach: 'start' },
    { path: '/a/damaged', part: 'elf header', reach: 'present' },
  ]);
  expect(facts.gaps).toHaveLength(3);
});
