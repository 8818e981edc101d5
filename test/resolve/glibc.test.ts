import { describe, expect, test } from 'vitest';
import type { LdCache } from '../../src/model/layer.js';
import { rootfs, textContent, type RootfsSpec } from '../support/rootfs-builder.js';
import { elfFile, textFile } from '../support/start-builder.js';
import { closureOf, GLIBC, GLIBC_LOADER, lib, needOf, paths, root } from './scenario.js';

function cache(
  ...entries: readonly (readonly [name: string, path: string, hwcap?: string | null, flags?: number])[]
): RootfsSpec[string] {
  const value: LdCache = {
    entries: entries.map(([name, path, hwcap, flags]) => ({ name, path, flags: flags ?? 0x303, hwcap: hwcap ?? null })),
  };
  return { content: { kind: 'ld-cache', cache: value }, size: 100, mode: 0o644 };
}

const A_IN = (directory: string): RootfsSpec => ({ [`${directory}/liba.so`]: lib('liba.so') });

describe('01 search order', () => {
  const everywhere = {
    ...A_IN('/rpath'),
    ...A_IN('/env'),
    ...A_IN('/cached'),
    ...A_IN('/lib64'),
    ...A_IN('/usr/lib64'),
  };
  const cached = { '/etc/ld.so.cache': cache(['liba.so', '/cached/liba.so']) };
  const environment = { LD_LIBRARY_PATH: '/env' };

  test('RPATH, LD_LIBRARY_PATH, cache, then the system directories', () => {
    const files = { ...everywhere, ...cached };
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'], rpath: '/rpath' }, files), { environment }))).toEqual([
      '/rpath/liba.so',
    ]);
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, files), { environment }))).toEqual(['/env/liba.so']);
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, files)))).toEqual(['/cached/liba.so']);
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, everywhere)))).toEqual(['/lib64/liba.so']);
  });

  test('RUNPATH comes behind LD_LIBRARY_PATH, and takes RPATH out', () => {
    const program = { needed: ['liba.so'], rpath: '/rpath', runpath: '/run' };
    const files = { ...everywhere, ...A_IN('/run') };
    expect(paths(closureOf(root(GLIBC, program, files), { environment }))).toEqual(['/env/liba.so']);
    expect(paths(closureOf(root(GLIBC, program, files)))).toEqual(['/run/liba.so']);
  });

  test('secure execution does not read LD_LIBRARY_PATH', () => {
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, everywhere), { environment, secure: true }))).toEqual([
      '/lib64/liba.so',
    ]);
  });

  test('a missing name tells every place, and whether ldconfig would help', () => {
    const conf = {
      '/etc/ld.so.conf': textFile('include conf.d/*.conf\n'),
      '/etc/conf.d/x.conf': textFile('# x\n/opt/lib\n'),
    };
    const found = needOf(closureOf(root(GLIBC, { needed: ['liba.so'] }, { ...conf, ...A_IN('/opt/lib') })), 'liba.so');
    expect(found).toMatchObject({ status: 'missing', path: null });
    expect(found?.trail).toEqual([
      { lookedIn: 'default', directory: '/lib64', saw: 'nothing' },
      { lookedIn: 'default', directory: '/usr/lib64', saw: 'nothing' },
      { lookedIn: 'ld-so-conf', directory: '/opt/lib', saw: 'match' },
    ]);
  });
});

describe('02 which directories are the system’s', () => {
  test.each([
    [
      'Debian',
      { '/lib/x86_64-linux-gnu/libc.so.6': lib('libc.so.6'), ...A_IN('/usr/lib/x86_64-linux-gnu') },
      '/usr/lib/x86_64-linux-gnu/liba.so',
    ],
    ['Debian, and not lib64', { '/lib/x86_64-linux-gnu/libc.so.6': lib('libc.so.6'), ...A_IN('/lib64') }, undefined],
    ['upstream', A_IN('/usr/lib64'), '/usr/lib64/liba.so'],
    ['upstream, and not lib', A_IN('/usr/lib'), undefined],
  ] as const)('%s', (_, files, expected) => {
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, files)))[0]).toBe(expected);
  });

  test('a loader in a directory of its own searches that directory', () => {
    const own = rootfs({
      '/nix/store/h-glibc/lib/ld-linux-x86-64.so.2': GLIBC_LOADER,
      '/nix/store/h-glibc/lib/liba.so': lib('liba.so'),
      '/bin/x': elfFile({ interpreter: '/nix/store/h-glibc/lib/ld-linux-x86-64.so.2', needed: ['liba.so'] }),
    });
    expect(needOf(closureOf(own), 'liba.so')?.path).toBe('/nix/store/h-glibc/lib/liba.so');
  });
});

describe('03 files that are not what is needed', () => {
  const two = (first: RootfsSpec[string]): RootfsSpec => ({ '/env/liba.so': first, ...A_IN('/lib64') });
  const environment = { LD_LIBRARY_PATH: '/env' };
  const found = (first: RootfsSpec[string]) =>
    needOf(closureOf(root(GLIBC, { needed: ['liba.so'] }, two(first)), { environment }), 'liba.so');

  test('another class or machine is passed over', () => {
    expect(found(elfFile({ machine: 'i386', soname: 'liba.so' }))).toMatchObject({
      path: '/lib64/liba.so',
      trail: [{ saw: 'wrong-class' }, { saw: 'match' }],
    });
    expect(found(elfFile({ machine: 'aarch64' }))).toMatchObject({
      path: '/lib64/liba.so',
      trail: [{ saw: 'wrong-machine' }, { saw: 'match' }],
    });
  });

  test('a text, an empty file, a directory or a program end the search', () => {
    const ends = [
      { content: textContent('INPUT(x)', 'text'), size: 8 },
      { size: 0 },
      null,
      elfFile({ kind: 'executable' }),
    ];
    for (const each of ends)
      expect(found(each)).toMatchObject({ status: 'missing', path: null, trail: [{ saw: 'not-a-binary' }] });
  });

  test('a broken link is nothing, and a file that could not be read is not known', () => {
    expect(found('nowhere')).toMatchObject({ path: '/lib64/liba.so', trail: [{ saw: 'nothing' }, { saw: 'match' }] });
    expect(found({ content: null, size: 10 })).toMatchObject({ status: 'unknown' });
  });
});

describe('04 what is loaded already', () => {
  test('a soname serves later needs whatever its file is called', () => {
    const files = {
      '/lib64/libz-ng.so': lib('libz.so.1'),
      '/lib64/liba.so': lib('liba.so', { needed: ['libz.so.1'] }),
    };
    const closure = closureOf(root(GLIBC, { needed: ['libz-ng.so', 'liba.so'] }, files));
    expect(paths(closure)).toEqual(['/lib64/libz-ng.so', '/lib64/liba.so']);
    expect(needOf(closure, 'libz.so.1')).toMatchObject({ status: 'found', path: '/lib64/libz-ng.so' });
  });

  test('two names of one file are one object', () => {
    const files = { '/lib64/libb.so.1': lib('libb.so.1'), '/lib64/libb.so': 'libb.so.1' };
    expect(paths(closureOf(root(GLIBC, { needed: ['libb.so', 'libb.so.1'] }, files)))).toEqual(['/lib64/libb.so']);
  });

  test('objects come breadth first', () => {
    const files = {
      '/lib64/liba.so': lib('liba.so', { needed: ['libc1.so'] }),
      '/lib64/libb.so': lib('libb.so', { needed: ['libc2.so', 'liba.so'] }),
      '/lib64/libc1.so': lib('libc1.so'),
      '/lib64/libc2.so': lib('libc2.so'),
    };
    const closure = closureOf(root(GLIBC, { needed: ['liba.so', 'libb.so'] }, files));
    expect(paths(closure)).toEqual(['/lib64/liba.so', '/lib64/libb.so', '/lib64/libc1.so', '/lib64/libc2.so']);
    expect(closure.objects.map(({ loadedBy }) => loadedBy).slice(0, 4)).toEqual([
      null,
      '/bin/x',
      '/bin/x',
      '/lib64/liba.so',
    ]);
  });

  test('libraries that need each other end', () => {
    const files = {
      '/lib64/liba.so': lib('liba.so', { needed: ['libb.so'] }),
      '/lib64/libb.so': lib('libb.so', { needed: ['liba.so'] }),
    };
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, files)))).toEqual(['/lib64/liba.so', '/lib64/libb.so']);
  });
});

describe('05 the cache is believed', () => {
  test('a path that is gone falls to the system directories', () => {
    const files = { '/etc/ld.so.cache': cache(['liba.so', '/gone/liba.so']), ...A_IN('/lib64') };
    expect(paths(closureOf(root(GLIBC, { needed: ['liba.so'] }, files)))).toEqual(['/lib64/liba.so']);
  });

  test('entries of other machines and those of some processors are not taken', () => {
    const files = {
      '/etc/ld.so.cache': cache(
        ['liba.so', '/v3/liba.so', 'x86-64-v3'],
        ['liba.so', '/i386/liba.so', null, 3],
        ['liba.so', '/base/liba.so'],
      ),
      ...A_IN('/v3'),
      ...A_IN('/base'),
      ...A_IN('/i386'),
    };
    const found = needOf(closureOf(root(GLIBC, { needed: ['liba.so'] }, files)), 'liba.so');
    expect(found).toMatchObject({
      path: '/base/liba.so',
      trail: [{ lookedIn: 'hwcaps', directory: '/v3' }, { lookedIn: 'ld-cache' }],
    });
  });
});

describe('06 symbol versions', () => {
  const needs = {
    needed: ['liba.so'],
    versionNeeds: [
      {
        file: 'liba.so',
        versions: [
          { name: 'A_1', weak: false },
          { name: 'A_2', weak: false },
          { name: 'A_3', weak: true },
        ],
      },
    ],
  };
  const defines = (...names: readonly string[]) =>
    lib('liba.so', {
      versionDefinitions: names.map((name, index) => ({ name, base: index === 0, weak: false, parents: [] })),
    });

  test('what the file that was found does not define is missing', () => {
    const closure = closureOf(root(GLIBC, needs, { '/lib64/liba.so': defines('liba.so', 'A_1') }));
    expect(closure.objects[0]?.missingVersions).toEqual([
      { provider: 'liba.so', providerPath: '/lib64/liba.so', version: 'A_2', weak: false },
      { provider: 'liba.so', providerPath: '/lib64/liba.so', version: 'A_3', weak: true },
    ]);
  });

  test('a library without versions satisfies all, and one that is missing none', () => {
    expect(closureOf(root(GLIBC, needs, A_IN('/lib64'))).objects[0]?.missingVersions).toEqual([]);
    expect(closureOf(root(GLIBC, needs)).objects[0]?.missingVersions).toEqual([]);
  });
});

describe('07 a library that is loaded into a process', () => {
  test('finds what the process has, and the RPATH of its program', () => {
    const files = root(
      GLIBC,
      { needed: ['liba.so'], rpath: '/private' },
      {
        ...A_IN('/private'),
        '/private/libq.so': lib('libq.so'),
        '/p/addon.node': lib('addon.node', { needed: ['liba.so', 'libq.so'] }),
      },
    );
    const process = closureOf(files);
    const closure = closureOf(files, { process }, '/p/addon.node');
    expect(closure.objects.map(({ path }) => path)).toContain('/private/libq.so');
    expect(closure.objects.map(({ path }) => path)).not.toContain('/private/liba.so');
    expect(needOf(closureOf(files, {}, '/p/addon.node'), 'liba.so')?.status).toBe('missing');
  });
});

describe('08 which loader it is', () => {
  test('is told by the file that PT_INTERP leads to', () => {
    const gcompat = root(
      '/lib/ld-musl-x86_64.so.1',
      {},
      { [GLIBC]: '/lib/ld-musl-x86_64.so.1', '/bin/x': elfFile({ interpreter: GLIBC, needed: ['libc.so.6'] }) },
    );
    expect(closureOf(gcompat)).toMatchObject({ loader: 'musl' });
    expect(needOf(closureOf(gcompat), 'libc.so.6')?.status).toBe('builtin');
  });

  test('gcompat’s stub hands over to musl with its library in front', () => {
    const files = root(
      '/lib/ld-musl-x86_64.so.1',
      {},
      {
        [GLIBC]: elfFile({ kind: 'static-pie', entry: 1n }),
        '/lib/libgcompat.so.0': lib('libgcompat.so.0'),
        '/bin/x': elfFile({ interpreter: GLIBC, needed: ['libc.so.6'] }),
      },
    );
    expect(paths(closureOf(files))).toEqual(['/lib/libgcompat.so.0']);
  });

  test('no interpreter is a static program, one that is not there maps nothing', () => {
    expect(closureOf(rootfs({ '/bin/x': elfFile({ kind: 'executable' }) }))).toMatchObject({
      loader: 'static',
      complete: true,
    });
    const gone = rootfs({ '/bin/x': elfFile({ interpreter: GLIBC, needed: ['liba.so'] }) });
    expect(closureOf(gone)).toMatchObject({ loader: 'unknown', complete: true, objects: [{ needed: [] }] });
  });
});

describe('09 hostile link maps', () => {
  test('a search path of a hundred thousand elements is cut, and the name is not called missing by guess', () => {
    const rpath = Array.from({ length: 100_000 }, (_, index) => `/d${index}`).join(':');
    const found = needOf(closureOf(root(GLIBC, { needed: ['liba.so'], rpath })), 'liba.so');
    expect(found?.trail.length).toBe(256);
    expect(found?.status).toBe('unknown');
  });

  test('more names than any program needs leave the closure incomplete', () => {
    const needed = Array.from({ length: 2000 }, (_, index) => `lib${index}.so`);
    expect(closureOf(root(GLIBC, { needed }))).toMatchObject({ complete: false });
  });
});
