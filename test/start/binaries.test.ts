import { describe, expect, test } from 'vitest';
import type { Reach } from '../../src/model/start.js';
import { analyseBinaries } from '../../src/start/binaries.js';
import { followStart } from '../../src/start/index.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';
import { elfFile, imageOf, script, staticProgram } from '../support/start-builder.js';

const LOADER = '/lib/ld-musl-x86_64.so.1';

/** Reach of every binary, and the names that are missing for it. */
function analysed(
  files: RootfsSpec,
  cmd: readonly string[],
): Map<string, { reach: Reach; missing: readonly string[] | null }> {
  const root = rootfs({ [LOADER]: elfFile({ soname: 'libc.musl-x86_64.so.1' }), '/bin/sh': staticProgram(), ...files });
  const binaries = analyseBinaries(followStart(imageOf({ cmd }), root), root);
  return new Map(
    binaries.map(({ entry, reach, closure }) => {
      const needed = closure?.objects.flatMap((object) => object.needed) ?? [];
      const missing = needed.filter(({ status }) => status === 'missing').map((each) => each.needed);
      return [entry.path, { reach, missing: closure === null ? null : missing }];
    }),
  );
}

const program = (needed: readonly string[] = []) => elfFile({ interpreter: LOADER, needed });
const library = (soname: string, needed: readonly string[] = []) => elfFile({ soname, needed });

describe('how a binary is reached', () => {
  test('the program, its loader and its libraries are the start, the rest is only there', () => {
    const found = analysed(
      { '/bin/x': program(['liba.so']), '/lib/liba.so': library('liba.so'), '/bin/y': program() },
      ['x'],
    );
    const reaches = [...found].map(([path, { reach }]) => `${path} ${reach}`);
    expect(reaches).toEqual([
      '/bin/sh present',
      '/bin/x start',
      '/bin/y present',
      `${LOADER} start`,
      '/lib/liba.so start',
    ]);
  });

  test('a command on the way is later, and so is what it leads to', () => {
    const files = {
      '/run.sh': script('#!/bin/sh', 'y', 'exec x'),
      '/bin/x': program(),
      '/bin/y': program(['libb.so']),
      '/lib/libb.so': library('libb.so'),
    };
    const found = analysed(files, ['/run.sh']);
    expect([found.get('/bin/x')?.reach, found.get('/bin/y')?.reach, found.get('/lib/libb.so')?.reach]).toEqual([
      'start',
      'later',
      'later',
    ]);
  });

  test('addons are later where node is started, and only there', () => {
    const files = {
      '/bin/node': program(),
      '/bin/x': program(),
      '/app/node_modules/a/build/a.node': library('a.node', ['libz.so']),
    };
    expect(analysed(files, ['node', 'x.js']).get('/app/node_modules/a/build/a.node')).toEqual({
      reach: 'later',
      missing: ['libz.so'],
    });
    expect(analysed(files, ['x']).get('/app/node_modules/a/build/a.node')?.reach).toBe('present');
  });

  test('an addon finds what the process that loads it has', () => {
    const files = {
      '/opt/lib/libpriv.so': library('libpriv.so'),
      '/bin/node': elfFile({ interpreter: LOADER, needed: ['libpriv.so'], runpath: '/opt/lib' }),
      '/app/node_modules/a/a.node': library('a.node', ['libpriv.so']),
    };
    expect(analysed(files, ['node', 'x.js']).get('/app/node_modules/a/a.node')?.missing).toEqual([]);
  });

  test('libraries of a JDK find the virtual machine that the launcher loads', () => {
    const files = {
      '/opt/jdk/bin/java': program(),
      '/opt/jdk/lib/server/libjvm.so': library('libjvm.so'),
      '/opt/jdk/lib/libnet.so': library('libnet.so', ['libjvm.so']),
      '/usr/bin/java': '/opt/jdk/bin/java',
    };
    expect(analysed(files, ['java', '-jar', 'x.jar']).get('/opt/jdk/lib/libnet.so')).toEqual({
      reach: 'later',
      missing: [],
    });
  });

  test('libraries beside wheels are later where python is started', () => {
    const files = {
      '/usr/bin/python3': program(),
      '/usr/lib/python3/dist-packages/numpy/core.so': library('core.so', ['libblas-1.so']),
      '/usr/lib/python3/dist-packages/numpy.libs/libblas-1.so': library('libblas-1.so'),
    };
    expect(
      analysed(files, ['python3', 'x.py']).get('/usr/lib/python3/dist-packages/numpy.libs/libblas-1.so')?.reach,
    ).toBe('later');
  });
});
