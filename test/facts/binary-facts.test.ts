import { describe, expect, test } from 'vitest';
import { collectBinaries } from '../../src/facts/binary-facts.js';
import type { PartGap } from '../../src/model/gap.js';
import type { FactTree, SubjectFacts } from '../../src/model/rule.js';
import {
  analysis,
  binaryContent,
  closure,
  elfBinary,
  machoBinary,
  peBinary,
  resolution,
} from '../support/analysis-builder.js';
import type { AnalysisSpec } from '../support/analysis-builder.js';

function subject(spec: AnalysisSpec, path = '/app'): SubjectFacts | undefined {
  return collectBinaries(analysis(spec)).find((each) => each.path === path);
}

function factsOf(spec: AnalysisSpec, path = '/app'): FactTree {
  return subject(spec, path)?.facts ?? {};
}

const gap = (part: string): PartGap => ({ part, error: { kind: 'truncated', at: 64, needed: 16, available: 0 } });

describe('parts that could not be read leave their facts out', () => {
  const withGap = (part: string): FactTree => {
    const binary = elfBinary({ gaps: [gap(part)], interpreter: '/lib/ld.so.1', loadSegments: [] });
    return factsOf({ files: { '/app': { content: binaryContent(binary) } } });
  };

  test('the dynamic section: what it needs, but not its machine', () => {
    const facts = withGap('dynamic section');
    expect(facts['needed']).toBeUndefined();
    // One element of which nothing is known that matters, so that one rule says so and not each of its siblings.
    expect(facts['dependencies']).toEqual([
      { 'delay-loaded': false, 'other-machine-in': null, injected: false, family: 'other' },
    ]);
    expect(facts['missing-versions']).toEqual([{ family: 'glibc' }]);
    expect(facts).toMatchObject({ machine: 'x86_64', interpreter: { path: '/lib/ld.so.1' } });
  });

  test('program headers: the segments that were read and one more of which nothing is known', () => {
    const facts = withGap('program headers');
    expect(facts['load-segments']).toEqual([{}]);
    expect(facts['interpreter']).toBeUndefined();
    expect(facts['abi-tag']).toBeUndefined();
  });

  test('notes: the kernel and the processor level', () => {
    const facts = withGap('notes');
    expect(facts['abi-tag']).toBeUndefined();
    expect(facts['x86-isa-needed']).toBeUndefined();
    expect(facts['needed']).toEqual([]);
  });

  test('a part with a name that nobody knows: everything behind the header', () => {
    const facts = withGap('thaumaturgy');
    expect(facts['interpreter']).toBeUndefined();
    expect(facts['kind']).toBeUndefined();
    expect(facts['machine']).toBe('x86_64');
  });

  test('bytes that segments want beyond the end of the file are a fact, not a gap', () => {
    const segment = {
      index: 2,
      offset: 4096,
      vaddr: elfBinary().entry,
      fileSize: 1000,
      memorySize: 1000,
      alignBytes: 4096,
      readable: true,
      writable: false,
      executable: true,
    };
    const binary = elfBinary({ gaps: [gap('segments')], loadSegments: [segment] });
    const segmentsOf = (size: number): unknown =>
      factsOf({ files: { '/app': { size, content: binaryContent(binary) } } })['load-segments'];
    const facts = { index: 2, 'align-bytes': 4096, 'end-bytes': 5096 };
    expect(segmentsOf(4096)).toEqual([{ ...facts, 'in-file': false }]);
    // The rest of a page that the file begins is zeros.
    expect(segmentsOf(5000)).toEqual([{ ...facts, 'in-file': true }]);
  });
});

describe('the interpreter', () => {
  const files = { '/app': { content: binaryContent(elfBinary({ interpreter: '/lib64/ld-linux-x86-64.so.2' })) } };

  test('that is not there is null, in an image that was read to its end', () => {
    expect(factsOf({ files })['interpreter']).toMatchObject({ entry: null, libc: 'glibc' });
  });

  test('that is not there is unknown in one that was not', () => {
    expect(factsOf({ files, complete: false })['interpreter']).toMatchObject({ entry: undefined });
  });

  test('is followed through links, and must be of the same machine', () => {
    const other = binaryContent(elfBinary({ kind: 'shared-object', machine: 'aarch64' }));
    const linked = { ...files, '/lib64': 'usr/lib64', '/usr/lib64/ld-linux-x86-64.so.2': { content: other } };
    expect(factsOf({ files: linked })['interpreter']).toMatchObject({
      entry: '/usr/lib64/ld-linux-x86-64.so.2',
      links: ['/lib64 -> usr/lib64'],
      'entry-machine': 'aarch64',
      'entry-agrees': false,
    });
  });
});

describe('libraries', () => {
  const files = {
    '/app': { content: binaryContent(elfBinary({ needed: ['libx.so.1'] })) },
    '/opt/libx.so.1': { content: binaryContent(elfBinary({ kind: 'shared-object' })) },
  };
  const trail = [
    { lookedIn: 'runpath', directory: '/opt/32', saw: 'wrong-machine' },
    { lookedIn: 'default', directory: '/lib', saw: 'nothing' },
  ] as const;
  const missing = closure('glibc', [{ path: '/app', needed: [resolution('libx.so.1', { trail })] }]);

  test('that are missing say where the loader looked and where the image has one', () => {
    const facts = factsOf({ files, programs: [{ requested: '/app', closure: missing }] });
    expect(facts['loader']).toBe('glibc');
    expect(facts['dependencies']).toEqual([
      {
        name: 'libx.so.1',
        status: 'missing',
        entry: null,
        readable: null,
        searched: ['/opt/32', '/lib'],
        'delay-loaded': false,
        'other-machine-in': '/opt/32',
        elsewhere: '/opt/libx.so.1',
        injected: false,
        family: 'other',
      },
    ]);
  });

  test('of a program whose interpreter is surely not there are mapped by no loader', () => {
    const unknown = closure('unknown', [{ path: '/app' }]);
    const interpreted = { '/app': { content: binaryContent(elfBinary({ interpreter: '/lib/ld.so' })) } };
    const loaderIn = (extra: object): unknown =>
      factsOf({ files: { ...interpreted, ...extra }, programs: [{ requested: '/app', closure: unknown }] })['loader'];
    expect(loaderIn({})).toBeNull();
    expect(loaderIn({ '/lib/ld.so': {} })).toBeUndefined();
  });

  test('are readable by their owner, by their group, or by everyone, and by root always', () => {
    const found = closure('glibc', [
      {
        path: '/app',
        needed: [resolution('libx.so.1', { status: 'found', path: '/lib/libx.so.1', realPath: '/lib/libx.so.1' })],
      },
    ]);
    const content = binaryContent(elfBinary({ kind: 'shared-object' }));
    const readableAs = (uid: number, mode: number): unknown => {
      const library = { content, mode, uid: 7, gid: 8 };
      const facts = factsOf({
        files: { '/app': { content: binaryContent(elfBinary()) }, '/lib/libx.so.1': library },
        programs: [{ requested: '/app', closure: found }],
        start: { user: { written: String(uid), uid, gids: [uid + 1] } },
      });
      const [dependency] = facts['dependencies'] as readonly { readonly readable: unknown }[];
      return dependency?.readable;
    };
    expect(readableAs(7, 0o600)).toBe(true);
    expect(readableAs(0, 0o000)).toBe(true);
    expect(readableAs(65534, 0o600)).toBe(false);
    expect(readableAs(65534, 0o644)).toBe(true);
  });

  test('that may be there have no status', () => {
    const unknown = closure('glibc', [{ path: '/app', needed: [resolution('libx.so.1', { status: 'unknown' })] }]);
    const facts = factsOf({ files, programs: [{ requested: '/app', closure: unknown }] });
    expect(facts['dependencies']).toMatchObject([{ status: undefined, entry: null }]);
  });

  test('of the GPU driver and of OpenSSL 1 are recognised by their names', () => {
    const needed = ['libcuda.so.1', 'libnvidia-ml.so.1', 'libssl.so.1.1', 'libcudart.so.12'].map((name) =>
      resolution(name),
    );
    const facts = factsOf({
      files,
      programs: [{ requested: '/app', closure: closure('glibc', [{ path: '/app', needed }]) }],
    });
    expect(facts['dependencies']).toMatchObject([
      { injected: true },
      { injected: true },
      { injected: false, family: 'openssl-1' },
      { injected: false, family: 'other' },
    ]);
  });

  test('DLL names are folded to lower case', () => {
    const pe = { '/app': { content: binaryContent(peBinary()) } };
    const needed = [resolution('VCRUNTIME140.dll')];
    const programs = [{ requested: '/app', closure: closure('windows', [{ path: '/app', needed }]) }];
    const facts = factsOf({ files: pe, image: { platform: { os: 'windows' } }, programs });
    expect(facts['dependencies']).toMatchObject([{ name: 'vcruntime140.dll', family: 'vc-runtime' }]);
  });

  test('a missing version names the highest that the found file has, by number and not as text', () => {
    const versions = ['GLIBC_2.9', 'GLIBC_2.31', 'GLIBC_PRIVATE'].map((name) => ({
      name,
      base: false,
      weak: false,
      parents: [],
    }));
    const libc = binaryContent(elfBinary({ kind: 'shared-object', versionDefinitions: versions }));
    const missingVersions = [
      { provider: 'libc.so.6', providerPath: '/lib/libc.so.6', version: 'GLIBC_2.34', weak: false },
    ];
    const facts = factsOf({
      files: { ...files, '/lib/libc.so.6': { content: libc } },
      programs: [{ requested: '/app', closure: closure('glibc', [{ path: '/app', missingVersions }]) }],
    });
    expect(facts['missing-versions']).toMatchObject([{ family: 'glibc', 'provider-has': 'GLIBC_2.31' }]);
  });
});

describe('missing symbols', () => {
  const missing = (name: string, when: 'start' | 'call', version: string | null = null) => ({
    name,
    version,
    provider: version === null ? null : 'libx.so.1',
    providerPath: null,
    when,
  });
  const files = { '/app': { content: binaryContent(elfBinary()) } };
  const symbolsOf = (...missingSymbols: readonly ReturnType<typeof missing>[]) =>
    factsOf({
      files,
      programs: [{ requested: '/app', closure: closure('glibc', [{ path: '/app', missingSymbols }]) }],
    })['missing-symbols'];

  test('are told as the loader prints them, those of the start first', () => {
    expect(symbolsOf(missing('late', 'call'), missing('f', 'start', 'X_2'))).toEqual([
      { name: 'f', text: 'f, version X_2', provider: 'libx.so.1', 'provider-path': null, when: 'start' },
      { name: 'late', text: 'late', provider: null, 'provider-path': null, when: 'call' },
    ]);
  });

  test('of one name are those of the start where one process needs it there', () => {
    const both = [missing('f', 'call'), missing('f', 'start'), missing('f', 'call')];
    expect(symbolsOf(...both)).toMatchObject([{ name: 'f', when: 'start' }]);
  });

  test('are none where symbols were not bound', () => {
    expect(symbolsOf()).toEqual([]);
  });
});

describe('reach', () => {
  const files = { '/app': { content: binaryContent(elfBinary()) } };
  const own = closure('glibc', [{ path: '/app', needed: [resolution('libx.so.1')] }]);

  test('of a file that only a command of a script maps is not the start', () => {
    const spec: AnalysisSpec = {
      files,
      reach: { '/app': 'start' },
      programs: [{ requested: '/entry' }, { requested: '/app', executedAs: 'command', from: 0, closure: own }],
    };
    expect(subject(spec)?.reach).toBe('later');
  });

  test('of a file that both kinds of programs map is the start', () => {
    const spec: AnalysisSpec = {
      files,
      reach: { '/app': 'start' },
      programs: [
        { requested: '/app', closure: closure('glibc', [{ path: '/app' }]) },
        { requested: '/app', executedAs: 'command', from: 0, closure: own },
      ],
    };
    expect(subject(spec)?.reach).toBe('start');
    expect(factsOf(spec)['dependencies']).toEqual([]);
  });

  test('of a file that no program maps is what the analysis says, with its own closure', () => {
    const facts = factsOf({ files, reach: { '/app': 'later' }, closures: { '/app': own } });
    expect(facts).toMatchObject({ reach: 'later', program: null, dependencies: [{ status: 'missing' }] });
  });
});

describe('foreign files', () => {
  const program = { '/app': { content: binaryContent(elfBinary()) } };
  const foreign = (path: string, content: ReturnType<typeof binaryContent>): unknown =>
    factsOf({ files: { ...program, [path]: { content } }, programs: [{ requested: '/app' }] }, path)['foreign'];

  test('are those of another system or machine', () => {
    expect(foreign('/mac', binaryContent(machoBinary()))).toBe(true);
    expect(foreign('/win.dll', binaryContent(peBinary()))).toBe(true);
    expect(foreign('/arm', binaryContent(elfBinary({ machine: 'aarch64' })))).toBe(true);
  });

  test('are not those of the 32-bit mode of the declared architecture', () => {
    expect(foreign('/old', binaryContent(elfBinary({ machine: 'i386', bits: 32 })))).toBe(false);
  });
});
