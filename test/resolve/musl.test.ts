import { describe, expect, test } from 'vitest';
import { elfFile, textFile } from '../support/start-builder.js';
import { closureOf, lib, MUSL, needOf, paths, root } from './scenario.js';

describe('musl', () => {
  test('01 the default is /lib, /usr/local/lib, /usr/lib', () => {
    const files = { '/usr/lib/liba.so': lib('liba.so'), '/usr/local/lib/liba.so': lib('liba.so') };
    expect(paths(closureOf(root(MUSL, { needed: ['liba.so'] }, files)))).toEqual(['/usr/local/lib/liba.so']);
  });

  test('02 the path file takes the place of the default, even when it is empty', () => {
    const files = { '/usr/lib/liba.so': lib('liba.so'), '/opt/liba.so': lib('liba.so') };
    const at = (text: string) =>
      needOf(
        closureOf(root(MUSL, { needed: ['liba.so'] }, { ...files, '/etc/ld-musl-x86_64.path': textFile(text) })),
        'liba.so',
      );
    expect(at('/none\n/opt\n')?.path).toBe('/opt/liba.so');
    expect(at('')).toMatchObject({ path: null });
  });

  test('03 LD_LIBRARY_PATH comes before RPATH and RUNPATH, which are inherited', () => {
    const files = {
      '/a/liba.so': lib('liba.so', { needed: ['libb.so'] }),
      '/b/libb.so': lib('libb.so'),
      '/env/libb.so': lib('libb.so'),
    };
    const rootOf = root(MUSL, { needed: ['liba.so'], runpath: '/a:/b' }, files);
    expect(paths(closureOf(rootOf))).toEqual(['/a/liba.so', '/b/libb.so']);
    expect(paths(closureOf(rootOf, { environment: { LD_LIBRARY_PATH: '/env' } }))).toEqual([
      '/a/liba.so',
      '/env/libb.so',
    ]);
  });

  test('04 names of the libc are answered by the loader itself', () => {
    const closure = closureOf(root(MUSL, { needed: ['libc.so.6', 'libpthread.so.0', 'libm.so.6', 'libmm.so'] }));
    const statuses = closure.objects[0]?.needed.map(({ status }) => status);
    expect(statuses).toEqual(['builtin', 'builtin', 'builtin', 'missing']);
  });

  test('05 the first file is final, whatever it is', () => {
    const files = { '/lib/liba.so': elfFile({ machine: 'aarch64' }), '/usr/lib/liba.so': lib('liba.so') };
    const found = needOf(closureOf(root(MUSL, { needed: ['liba.so'] }, files)), 'liba.so');
    expect(found).toMatchObject({ status: 'missing', trail: [{ directory: '/lib', saw: 'wrong-machine' }] });
  });

  test('06 sonames do not serve, names of files do', () => {
    const files = { '/lib/libx.so': lib('liba.so'), '/usr/lib/liba.so': lib('other') };
    expect(paths(closureOf(root(MUSL, { needed: ['libx.so', 'liba.so'] }, files)))).toEqual([
      '/lib/libx.so',
      '/usr/lib/liba.so',
    ]);
  });

  test('07 symbol versions are not looked at', () => {
    const needs = {
      needed: ['liba.so'],
      versionNeeds: [{ file: 'liba.so', versions: [{ name: 'A_9', weak: false }] }],
    };
    const defines = lib('liba.so', { versionDefinitions: [{ name: 'A_1', base: false, weak: false, parents: [] }] });
    expect(closureOf(root(MUSL, needs, { '/lib/liba.so': defines })).objects[0]?.missingVersions).toEqual([]);
  });
});
