import { describe, expect, test } from 'vitest';
import type { PeBinary, PeImport } from '../../src/model/binary.js';
import type { LayerEntry } from '../../src/model/layer.js';
import type { Closure, Resolution } from '../../src/model/resolution.js';
import { resolveClosure } from '../../src/resolve/index.js';
import { rootfs, type RootfsSpec } from '../support/rootfs-builder.js';

/** A PE file as the layer reader keeps it; a name that begins with `~` is delay-loaded. */
function pe(dlls: readonly string[] = [], more: Partial<PeBinary> = {}): Partial<LayerEntry> {
  const imports = dlls.map((name): PeImport => {
    const delayLoaded = name.startsWith('~');
    return { dll: name.replace('~', ''), delayLoaded, names: [] };
  });
  const binary: PeBinary = {
    format: 'pe',
    machine: 'x86_64',
    bits: 64,
    endianness: 'little',
    gaps: [],
    go: null,
    rust: null,
    kind: 'dll',
    hybrid: null,
    Machine: 0x8664,
    subsystem: 'windows-console',
    subsystemVersion: '6.0',
    osVersion: '6.0',
    imports,
    exports: [],
    exportName: null,
    clr: null,
    manifest: null,
    isUefi: false,
    ...more,
  };
  return { content: { kind: 'binary', binary, references: [] }, size: 1024 };
}

const SYSTEM: RootfsSpec = {
  '/Windows/System32/ntdll.dll': pe(),
  '/Windows/System32/kernel32.dll': pe(['ntdll.dll', 'api-ms-win-core-file-l1-1-0.dll']),
  '/Windows/System32/secur32.dll': pe(['KERNEL32.dll']),
};

function closureOf(files: RootfsSpec, environment: Readonly<Record<string, string>> = {}, workingDir = '/'): Closure {
  const root = rootfs(files, { windows: true });
  const lookup = root.lookup('C:\\app\\x.exe');
  if (!lookup.found) throw new Error('x.exe is not there');
  return resolveClosure(lookup.entry, { rootfs: root, environment, workingDir, secure: false });
}

function need(closure: Closure, name: string): Resolution | undefined {
  return closure.objects.flatMap(({ needed }) => needed).find((each) => each.needed === name);
}

describe('the loader of Windows', () => {
  test('01 names have no case, and dependencies of dependencies are followed', () => {
    const closure = closureOf({ ...SYSTEM, '/app/x.exe': pe(['SECUR32.DLL']) });
    expect(closure.loader).toBe('windows');
    expect(closure.objects.map(({ path }) => path.toLowerCase())).toEqual([
      '/app/x.exe',
      '/windows/system32/secur32.dll',
      '/windows/system32/kernel32.dll',
      '/windows/system32/ntdll.dll',
    ]);
  });

  test('02 the program’s directory comes before System32, but not for known DLLs', () => {
    const files = {
      ...SYSTEM,
      '/app/secur32.dll': pe(),
      '/app/kernel32.dll': pe(),
      '/app/x.exe': pe(['secur32.dll', 'kernel32.dll']),
    };
    expect(need(closureOf(files), 'secur32.dll')?.path).toBe('/app/secur32.dll');
    expect(need(closureOf(files), 'kernel32.dll')).toMatchObject({
      path: '/Windows/System32/kernel32.dll',
      trail: [{ lookedIn: 'known-dll' }],
    });
  });

  test('03 the working directory and PATH come last', () => {
    const files = { ...SYSTEM, '/cwd/a.dll': pe(), '/tools/b.dll': pe(), '/app/x.exe': pe(['a.dll', 'b.dll', 'c']) };
    const closure = closureOf(files, { Path: 'C:\\Windows;C:\\tools\\' }, '/cwd');
    expect(need(closure, 'a.dll')?.trail.at(-1)).toEqual({
      lookedIn: 'current-directory',
      directory: '/cwd',
      saw: 'match',
    });
    expect(need(closure, 'b.dll')?.trail.at(-1)).toEqual({ lookedIn: 'path', directory: '/tools', saw: 'match' });
    expect(need(closure, 'c')).toMatchObject({ status: 'missing', path: null });
  });

  test('04 API sets are contracts, not files', () => {
    const closure = closureOf({
      ...SYSTEM,
      '/app/x.exe': pe(['api-ms-win-crt-heap-l1-1-0.dll', 'ext-ms-win-gdi-draw-l1-1-1.dll']),
    });
    expect(closure.objects[0]?.needed.map(({ status }) => status)).toEqual(['builtin', 'builtin']);
  });

  test('05 without the base layers a name that is not beside the program is not known to be missing', () => {
    const closure = closureOf({
      '/app/x.exe': pe(['kernel32.dll', 'vcruntime140.dll', 'own.dll']),
      '/app/own.dll': pe(),
    });
    expect(closure.objects[0]?.needed.map(({ status }) => status)).toEqual(['builtin', 'unknown', 'found']);
    expect(closure.complete).toBe(false);
  });

  test('06 delay-loaded names are flagged and not followed', () => {
    const closure = closureOf({
      ...SYSTEM,
      '/app/late.dll': pe(['nothing.dll']),
      '/app/x.exe': pe(['~late.dll', '~gone.dll']),
    });
    expect(closure.objects.length).toBe(1);
    expect(closure.objects[0]?.needed).toMatchObject([
      { needed: 'late.dll', status: 'found', delayLoaded: true },
      { needed: 'gone.dll', status: 'missing', delayLoaded: true },
    ]);
  });

  test('07 the first file of that name is final', () => {
    const wrong = pe([], { machine: 'i386', bits: 32 });
    const closure = closureOf({ ...SYSTEM, '/app/a.dll': wrong, '/Windows/a.dll': pe(), '/app/x.exe': pe(['a.dll']) });
    expect(need(closure, 'a.dll')).toMatchObject({ status: 'missing', trail: [{ saw: 'wrong-class' }] });
  });

  test('08 a 32-bit program is shown SysWOW64', () => {
    const narrow = { machine: 'i386', bits: 32 } as const;
    const files = { ...SYSTEM, '/Windows/SysWOW64/ntdll.dll': pe([], narrow), '/app/x.exe': pe(['ntdll.dll'], narrow) };
    expect(need(closureOf(files), 'ntdll.dll')?.path).toBe('/Windows/SysWOW64/ntdll.dll');
  });

  test('09 Nano Server has desktop DLLs as forwarders', () => {
    const files = {
      '/Windows/System32/ntdll.dll': pe(),
      '/Windows/System32/forwarders/advapi32.dll': pe(),
      '/app/x.exe': pe(['advapi32.dll']),
    };
    expect(need(closureOf(files), 'advapi32.dll')?.path).toBe('/Windows/System32/forwarders/advapi32.dll');
  });

  test('10 assemblies of the manifest lie beside the program or in WinSxS', () => {
    const manifest = {
      dependencies: [{ name: 'Microsoft.VC90.CRT', version: '9.0.1', architecture: 'amd64' }],
      executionLevel: null,
      supportedOs: [],
    };
    const dll = '/Windows/WinSxS/amd64_microsoft.vc90.crt_1fc8b3b9a1e18e3b_9.0.1_none/msvcr90.dll';
    const files = { ...SYSTEM, [dll]: pe(), '/app/x.exe': pe(['msvcr90.dll'], { manifest }) };
    expect(need(closureOf(files), 'msvcr90.dll')).toMatchObject({ path: dll, trail: [{ lookedIn: 'side-by-side' }] });
  });
});
