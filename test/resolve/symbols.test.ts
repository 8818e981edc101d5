import { describe, expect, test } from 'vitest';
import type { Closure, MissingSymbol } from '../../src/model/resolution.js';
import type { Rootfs } from '../../src/model/rootfs.js';
import { withMissingSymbols } from '../../src/resolve/index.js';
import { bindSymbols, MAX_MISSING_SYMBOLS } from '../../src/resolve/symbols/index.js';
import type { ElfOptions, ElfSymbolSpec } from '../support/elf-builder.js';
import { elfFile } from '../support/start-builder.js';
import type { RootfsSpec } from '../support/rootfs-builder.js';
import { closureOf, GLIBC, lib, MUSL, root } from './scenario.js';

/** Numbers of the x86-64 psABI. */
const COPY = 5;
const GLOB_DAT = 6;
const JUMP_SLOT = 7;

/** A file that calls functions: lazily bound unless it says otherwise. */
function calls(...symbols: readonly (string | ElfSymbolSpec)[]): ElfOptions {
  const specs = symbols.map((each) => (typeof each === 'string' ? { name: each } : each));
  return { symbols: specs, relocations: specs.map(({ name }) => ({ symbol: name, type: JUMP_SLOT, lazy: true })) };
}

/** A file that takes addresses. */
function uses(...symbols: readonly (string | ElfSymbolSpec)[]): ElfOptions {
  const specs = symbols.map((each) => (typeof each === 'string' ? { name: each } : each));
  return { symbols: specs, relocations: specs.map(({ name }) => ({ symbol: name, type: GLOB_DAT })) };
}

function defines(...names: readonly string[]): ElfOptions {
  return { symbols: names.map((name) => ({ name, defined: true })) };
}

const definition = (name: string) => ({ name, base: false, weak: false, parents: [] });
/** A library with one version of each symbol: `f@@V1`, or `f@V1` for one that is not the default. */
function versioned(...symbols: readonly string[]): ElfOptions {
  const specs = symbols.map((each) => {
    const [name = '', version = ''] = each.split(/@+/u);
    return { name, version, defined: true, versionHidden: !each.includes('@@') };
  });
  return { symbols: specs, versionDefinitions: [...new Set(specs.map(({ version }) => version))].map(definition) };
}

/** A reference to a version of libx.so. */
function asks(name: string, version: string): ElfOptions {
  return {
    ...calls({ name, version }),
    versionNeeds: [{ file: 'libx.so', versions: [{ name: version, weak: false }] }],
  };
}

interface Bound {
  readonly missing: Readonly<Record<string, readonly string[]>>;
  readonly complete: boolean;
}

/** Missing symbols by the file that uses them, as `when name`. */
function bound(files: Rootfs, environment: Readonly<Record<string, string>> = {}): Bound {
  const closure = closureOf(files, { environment });
  const { complete, missing } = bindSymbols(closure, { rootfs: files, environment, process: null });
  return { complete, missing: Object.fromEntries([...missing].map(([{ path }, each]) => [path, each.map(words)])) };
}

function words({ when, name, version }: MissingSymbol): string {
  return `${when} ${name}${version === null ? '' : `@${version}`}`;
}

function program(loader: string, options: ElfOptions, x: ElfOptions, more: RootfsSpec = {}): Rootfs {
  return root(
    loader,
    { needed: ['libx.so'], ...options },
    { [`${loader === MUSL ? '/lib' : '/lib64'}/libx.so`]: lib('libx.so', x), ...more },
  );
}

const glibc = (options: ElfOptions, x: ElfOptions, more: RootfsSpec = {}): Rootfs => program(GLIBC, options, x, more);

describe('glibc', () => {
  test('nothing is missing where a needed library defines it', () => {
    expect(bound(glibc(calls('f'), defines('f')))).toEqual({ complete: true, missing: {} });
  });

  test('a call waits, an address does not', () => {
    expect(bound(glibc(calls('f'), {})).missing).toEqual({ '/bin/x': ['call f'] });
    expect(bound(glibc(uses('f'), {})).missing).toEqual({ '/bin/x': ['start f'] });
  });

  test.each<[string, ElfOptions, Record<string, string>]>([
    ['DT_BIND_NOW', { bindNowTag: true }, {}],
    ['DF_BIND_NOW', { dtFlags: 8 }, {}],
    ['DF_1_NOW', { dtFlags1: 1 }, {}],
    ['LD_BIND_NOW', {}, { LD_BIND_NOW: '1' }],
  ])('a call does not wait with %s', (_name, options, environment) => {
    expect(bound(glibc({ ...calls('f'), ...options }, {}), environment).missing).toEqual({ '/bin/x': ['start f'] });
  });

  test('an empty LD_BIND_NOW is none', () => {
    expect(bound(glibc(calls('f'), {}), { LD_BIND_NOW: '' }).missing).toEqual({ '/bin/x': ['call f'] });
  });

  test('a weak reference and an unused one may be missing', () => {
    const options = { ...uses({ name: 'weak', binding: 'weak' }) };
    const files = glibc({ ...options, symbols: [...(options.symbols ?? []), { name: 'unused' }] }, {});
    expect(bound(files)).toEqual({ complete: true, missing: {} });
  });

  test('a library may use what the program defines, or another library beside it', () => {
    const y = lib('liby.so', defines('of_y'));
    const files = glibc(
      { needed: ['libx.so', 'liby.so'], ...defines('of_program') },
      { ...calls('of_program', 'of_y', 'of_nobody') },
      { '/lib64/liby.so': y },
    );
    expect(bound(files).missing).toEqual({ '/lib64/libx.so': ['call of_nobody'] });
  });

  test('the bytes of a copy come from another file', () => {
    const copy: ElfOptions = {
      symbols: [{ name: 'v', defined: true, type: 'object' }],
      relocations: [{ symbol: 'v', type: COPY }],
    };
    expect(bound(glibc(copy, {})).missing).toEqual({ '/bin/x': ['start v'] });
    expect(bound(glibc(copy, { symbols: [{ name: 'v', defined: true, type: 'object' }] })).missing).toEqual({});
  });

  test('what is preloaded defines it', () => {
    const files = glibc(calls('f'), {}, { '/lib64/libp.so': lib('libp.so', defines('f')) });
    expect(bound(files, { LD_PRELOAD: '/lib64/libp.so' }).missing).toEqual({});
    // The same program was bound with it: without it, it is missing.
    expect(bound(files).missing).toEqual({ '/bin/x': ['call f'] });
  });

  test.each<[string, ElfOptions, boolean]>([
    ['that version', versioned('f@@V1', 'g@@V2'), true],
    ['that version, not the default', versioned('f@V1', 'f@@V2'), true],
    ['another version', versioned('g@@V1', 'f@@V2'), false],
    [
      'no version, among others that have one',
      { ...versioned('g@@V1'), symbols: [{ name: 'f', defined: true }] },
      true,
    ],
  ])('a version is satisfied by %s: %s', (_name, x, isThere) => {
    expect(bound(glibc(asks('f', 'V1'), x)).missing).toEqual(isThere ? {} : { '/bin/x': ['call f@V1'] });
  });

  test('a version that is to come from a file without any is not satisfied by it', () => {
    expect(bound(glibc(asks('f', 'V1'), defines('f'))).missing).toEqual({ '/bin/x': ['call f@V1'] });
  });

  test.each<[string, ElfOptions, boolean]>([
    ['the first, though not the default', versioned('f@V1'), true],
    ['the default', versioned('g@@V1', 'f@@V2'), true],
    ['a later one that is not the default', versioned('g@@V1', 'f@V2'), false],
    ['two later ones, one the default', versioned('g@@V1', 'f@V2', 'f@@V3'), true],
  ])('a reference without version is satisfied by %s: %s', (_name, x, isThere) => {
    expect(bound(glibc(calls('f'), x)).missing).toEqual(isThere ? {} : { '/bin/x': ['call f'] });
  });

  test('a PLT entry of the program stands for an address, not for a call', () => {
    const plt: ElfOptions = { needed: ['libx.so'], symbols: [{ name: 'f', value: 0x1000 }], hash: 'sysv' };
    expect(bound(glibc(plt, uses('f'))).missing).toEqual({});
    expect(bound(glibc(plt, calls('f'))).missing).toEqual({ '/lib64/libx.so': ['call f'] });
  });

  test('the loader is searched only where something needs it', () => {
    const loader = elfFile({ soname: 'ld-linux-x86-64.so.2', ...versioned('__tls_get_addr@@GLIBC_2.3') });
    const files = (needed: readonly string[]): Rootfs =>
      glibc({ ...calls('__tls_get_addr'), needed }, {}, { [GLIBC]: loader });
    expect(bound(files(['libx.so'])).missing).toEqual({ '/bin/x': ['call __tls_get_addr'] });
    expect(bound(files(['libx.so', 'ld-linux-x86-64.so.2'])).missing).toEqual({});
  });

  test('tells whose version it is, and the file that was found for it', () => {
    const files = glibc(asks('f', 'V1'), versioned('g@@V1', 'f@@V2'));
    const { missing } = bindSymbols(closureOf(files), { rootfs: files, environment: {}, process: null });
    expect([...missing.values()]).toEqual([
      [{ name: 'f', version: 'V1', provider: 'libx.so', providerPath: '/lib64/libx.so', when: 'call' }],
    ]);
  });

  test('keeps a bounded number, those of the start first', () => {
    const names = Array.from({ length: MAX_MISSING_SYMBOLS }, (_, index) => `f${index}`);
    const all = calls(...names);
    const files = glibc(
      {
        symbols: [...(all.symbols ?? []), { name: 'data' }],
        relocations: [...(all.relocations ?? []), { symbol: 'data', type: GLOB_DAT }],
      },
      {},
    );
    const list = bound(files).missing['/bin/x'] ?? [];
    expect([list.length, list[0], list[1]]).toEqual([MAX_MISSING_SYMBOLS, 'start data', 'call f0']);
  });
});

describe('musl', () => {
  const musl = (options: ElfOptions, x: ElfOptions, libc: ElfOptions = {}): Rootfs =>
    program(MUSL, { needed: ['libx.so', 'libc.so'], ...options }, x, {
      [MUSL]: elfFile({ soname: 'libc.musl-x86_64.so.1', ...libc }),
    });

  test('binds calls before the program runs', () => {
    expect(bound(musl(calls('f'), {})).missing).toEqual({ '/bin/x': ['start f'] });
  });

  test('does not look at versions, but passes over one that is not the default', () => {
    expect(bound(musl(asks('f', 'V1'), versioned('g@@V1', 'f@@V2'))).missing).toEqual({});
    expect(bound(musl(asks('f', 'V1'), versioned('f@V1'))).missing).toEqual({ '/bin/x': ['start f@V1'] });
  });

  test('has no indirect functions', () => {
    const indirect: ElfOptions = { symbols: [{ name: 'f', defined: true, type: 'ifunc' }] };
    expect(bound(musl(calls('f'), indirect)).missing).toEqual({ '/bin/x': ['start f'] });
  });

  test('does not bind a file to an old version of its own', () => {
    const own: ElfOptions = {
      ...versioned('old@V1'),
      relocations: [{ symbol: 'old', type: GLOB_DAT }],
    };
    expect(bound(musl({}, own)).missing).toEqual({ '/lib/libx.so': ['start old@V1'] });
    expect(bound(glibc({}, own)).missing).toEqual({});
  });

  test('finds names of large files without their 64, up to 16 characters', () => {
    const libc = defines('stat', 'readdir_r', 'posix_fallocate', 'fcntl');
    const names = ['stat64', 'readdir64_r', 'posix_fallocate64', 'fcntl64'];
    expect(bound(musl(calls(...names), {}, libc)).missing).toEqual({
      '/bin/x': ['start posix_fallocate64', 'start fcntl64'],
    });
  });

  test('has its libc in the process only where something needs it', () => {
    const files = root(
      MUSL,
      { needed: ['libx.so'], ...calls('malloc') },
      { '/lib/libx.so': lib('libx.so'), [MUSL]: elfFile({ soname: 'libc.musl-x86_64.so.1', ...defines('malloc') }) },
    );
    expect(bound(files).missing).toEqual({ '/bin/x': ['start malloc'] });
  });
});

describe('a library that a process loads', () => {
  const files = glibc({ ...defines('of_program') }, defines('of_x'), {
    '/plugin.so': lib('plugin.so', { needed: ['liby.so'], ...calls('of_program', 'of_x', 'of_y', 'of_nobody') }),
    '/lib64/liby.so': lib('liby.so', defines('of_y')),
  });

  test('finds what the process has, then what it brings', () => {
    const process = closureOf(files);
    const context = { rootfs: files, environment: {}, process };
    const closure = withMissingSymbols(closureOf(files, { process }, '/plugin.so'), context);
    const missing = closure.objects.map(({ path, missingSymbols }) => [path, missingSymbols?.map(words)]);
    expect(missing.filter(([path]) => path === '/plugin.so')).toEqual([['/plugin.so', ['call of_nobody']]]);
  });
});

describe('what cannot be told is not told', () => {
  const told = (closure: Closure, files: Rootfs): boolean =>
    withMissingSymbols(closure, { rootfs: files, environment: {}, process: null }).objects.every(
      ({ missingSymbols }) => missingSymbols !== undefined,
    );

  test('where a library is missing', () => {
    const files = glibc({ needed: ['libx.so', 'libgone.so'], ...calls('f') }, {});
    expect(bound(files).complete).toBe(false);
    expect(told(closureOf(files), files)).toBe(false);
  });

  test('where the loader ends at a missing version', () => {
    const files = glibc(asks('f', 'V9'), versioned('f@@V1'));
    expect(bound(files)).toEqual({ complete: true, missing: { '/bin/x': ['call f@V9'] } });
    expect(told(closureOf(files), files)).toBe(false);
  });

  test('where the symbols of a library could not be read', () => {
    const broken = lib('libx.so', defines('f'));
    const { content } = broken;
    if (content?.kind !== 'binary') throw new Error('no binary');
    const gap = { part: 'symbols', error: { kind: 'bad-value', at: 0, field: 'st_name', value: '0x0' } } as const;
    const damaged = { ...broken, content: { ...content, binary: { ...content.binary, gaps: [gap] } } };
    const files = glibc(calls('g'), {}, { '/lib64/libx.so': damaged });
    expect(told(closureOf(files), files)).toBe(false);
  });

  test('for a static program', () => {
    const files = root(GLIBC, {}, { '/bin/static': elfFile({ kind: 'executable' }) });
    const closure = closureOf(files, {}, '/bin/static');
    expect(bindSymbols(closure, { rootfs: files, environment: {}, process: null })).toMatchObject({ complete: false });
  });
});
