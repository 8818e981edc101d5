import { describe, expect, test } from 'vitest';
import type { PeBinary, PeExport } from '../../src/model/binary.js';
import type { LayerEntry } from '../../src/model/layer.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { bindSymbols } from '../../src/resolve/symbols/index.js';
import { binaryContent, peBinary } from '../support/analysis-builder.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';

/** A DLL with exports `Name`, `#12` or `Name=OTHER.Function`, the ordinals counted from 1. */
function dll(exports: readonly string[], more: Partial<PeBinary> = {}): Partial<LayerEntry> {
  const all = exports.map((each, index): PeExport => {
    const [name = '', forwarder = null] = each.split('=');
    return name.startsWith('#')
      ? { name: null, ordinal: Number(name.slice(1)), forwarder }
      : { name, ordinal: index + 1, forwarder };
  });
  return { size: 1024, content: binaryContent(peBinary({ kind: 'dll', exports: all, ...more })) };
}

const KERNEL: RootfsSpec = {
  '/Windows/System32/ntdll.dll': dll([]),
  '/Windows/System32/kernel32.dll': dll(['ExitProcess']),
};

/** Missing imports of `C:\app\x.exe`, as `when dll!name`. */
function missing(imports: Readonly<Record<string, readonly string[]>>, files: RootfsSpec): readonly string[] {
  const list = Object.entries(imports).map(([name, names]) => ({
    dll: name.replace('~', ''),
    delayLoaded: name.startsWith('~'),
    names,
  }));
  const program = { size: 1024, content: binaryContent(peBinary({ imports: list })) };
  const root = rootfs({ ...KERNEL, ...files, '/app/x.exe': program }, { windows: true });
  const entry = root.entry('/app/x.exe');
  if (entry === null) throw new Error('x.exe is not there');
  const closure = resolveClosure(entry, { rootfs: root, environment: {}, workingDir: '/', secure: false });
  const found = bindSymbols(closure, { rootfs: root, environment: {}, process: null }).missing;
  return [...found.values()].flat().map(({ when, provider, name }) => `${when} ${provider ?? ''}!${name}`);
}

describe('an import', () => {
  const files: RootfsSpec = { '/app/a.dll': dll(['F', '#7']) };

  test('of a name or an ordinal that is exported is there', () => {
    expect(missing({ 'A.dll': ['F', '#1', '#7'] }, files)).toEqual([]);
  });

  test('of a name or an ordinal that is not exported is missing', () => {
    expect(missing({ 'A.dll': ['G', 'f', '#8'] }, files)).toEqual(['start A.dll!G', 'start A.dll!f', 'start A.dll!#8']);
  });

  test('of a delay-loaded DLL is missed when it is called', () => {
    expect(missing({ '~A.dll': ['G'] }, files)).toEqual(['call A.dll!G']);
  });

  test('of an API set, or of a DLL that is not there, is not looked into', () => {
    expect(missing({ 'api-ms-win-core-file-l1-1-0.dll': ['CreateFileW'], 'gone.dll': ['F'] }, files)).toEqual([]);
  });

  test('of a DLL whose exports could not be read is not told', () => {
    const gap = { part: 'export directory', error: { kind: 'truncated', at: 0, needed: 40, available: 0 } } as const;
    expect(missing({ 'a.dll': ['G'] }, { '/app/a.dll': dll([], { gaps: [gap] }) })).toEqual([]);
  });
});

describe('a forwarder', () => {
  test('leads to what another DLL exports, by name or ordinal', () => {
    const files: RootfsSpec = { '/app/a.dll': dll(['F=B.G', 'H=B.#1', 'I=b.dll.G']), '/app/b.dll': dll(['G']) };
    expect(missing({ 'a.dll': ['F', 'H', 'I'] }, files)).toEqual([]);
  });

  test('to what that DLL does not export is a missing import', () => {
    const files: RootfsSpec = { '/app/a.dll': dll(['F=B.Gone']), '/app/b.dll': dll(['G']) };
    expect(missing({ 'a.dll': ['F'] }, files)).toEqual(['start a.dll!F']);
  });

  test('to a DLL of the system is followed, to an API set or out of the image it is believed', () => {
    const files: RootfsSpec = {
      '/app/a.dll': dll(['F=KERNEL32.ExitProcess', 'G=KERNEL32.Gone', 'H=api-ms-win-core-file-l1-1-0.X', 'I=GONE.X']),
    };
    expect(missing({ 'a.dll': ['F', 'G', 'H', 'I'] }, files)).toEqual(['start a.dll!G']);
  });

  test('that leads back to itself ends', () => {
    const files: RootfsSpec = { '/app/a.dll': dll(['F=B.F']), '/app/b.dll': dll(['F=A.F']) };
    expect(missing({ 'a.dll': ['F'] }, files)).toEqual([]);
  });
});
