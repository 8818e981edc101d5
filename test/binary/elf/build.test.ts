import { describe, expect, test } from 'vitest';
import { parseElf } from '../../../src/binary/elf/index.js';
import { memoryView } from '../../../src/model/view.js';
import { elf, type ElfOptions } from '../../support/elf-builder.js';

function parse(options: ElfOptions) {
  const result = parseElf(memoryView(elf(options)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('Go build information', () => {
  const modinfo = [
    'path\texample.org/tool/cmd/x',
    'mod\texample.org/tool\tv1.2.3\th1:abc=',
    'dep\tgolang.org/x/sys\tv0.20.0\th1:def=',
    'build\t-buildmode=pie',
    'build\tCGO_ENABLED=0',
    'build\tGOARCH=amd64',
    'build\tGOAMD64=v3',
    'build\t-ldflags="-X \\"main.v=1 2\\""',
    '',
  ].join('\n');
  const expected = {
    version: 'go1.21.4',
    module: 'example.org/tool',
    settings: {
      '-buildmode': 'pie',
      CGO_ENABLED: '0',
      GOARCH: 'amd64',
      GOAMD64: 'v3',
      '-ldflags': '-X "main.v=1 2"',
    },
  };

  test.each<[string, ElfOptions]>([
    ['inline, as Go 1.18 writes it', { go: { version: 'go1.21.4', modinfo } }],
    ['by pointers, as Go 1.13 wrote it', { go: { version: 'go1.21.4', modinfo, form: 'pointers' } }],
    ['by pointers of four bytes', { machine: 'i386', go: { version: 'go1.21.4', modinfo, form: 'pointers' } }],
    ['by pointers, big endian', { machine: 's390x', go: { version: 'go1.21.4', modinfo, form: 'pointers' } }],
  ])('is read %s, with and without section headers', (_name, options) => {
    for (const sections of [true, false]) {
      expect(parse({ kind: 'executable', ...options, sections })).toMatchObject({ go: expected, gaps: [] });
    }
  });

  test('without modules has a version only', () => {
    const go = { version: 'go1.10', modinfo: '' };
    expect(parse({ kind: 'executable', go }).go).toEqual({ version: 'go1.10', module: null, settings: {} });
  });

  test('with a pointer out of the file is a gap', () => {
    const bytes = elf({ kind: 'executable', go: { version: 'go1.13', modinfo: '', form: 'pointers' } });
    const blob = Buffer.from(bytes).indexOf(' Go buildinf:') - 1;
    new DataView(bytes.buffer).setBigUint64(blob + 16, 0x7fff_ffffn, true);
    const result = parseElf(memoryView(bytes));
    expect(result).toMatchObject({
      ok: true,
      value: {
        go: null,
        gaps: [
          {
            part: 'go build information',
            error: { kind: 'bad-value', at: blob + 16, field: 'pointer to a Go string', value: '0x7fffffff' },
          },
        ],
      },
    });
  });
});

describe('what rustc leaves', () => {
  const path = '/rustc/82e1608dfa6e0b5569232559e3d385fea5a93112/library/core/src/fmt/mod.rs';

  test('is its version in .comment', () => {
    const comment = 'GCC: (Debian 12.2.0-14) 12.2.0\0rustc version 1.75.0 (82e1608df 2023-12-21)';
    expect(parse({ needed: ['libc.so.6'], comment }).rust).toEqual({ version: '1.75.0' });
  });

  test('is a path of its sources where the comment was stripped', () => {
    const traces: ElfOptions = { needed: ['libc.so.6'], symbols: [{ name: '_Unwind_Backtrace' }], rodata: path };
    expect(parse(traces).rust).toEqual({ version: null });
    expect(parse({ ...traces, needed: ['libstdc++.so.6'] }).rust).toBeNull();
  });

  test('is nothing in a C program', () => {
    expect(parse({ needed: ['libc.so.6'], comment: 'GCC: (Debian 12.2.0-14) 12.2.0' }).rust).toBeNull();
  });
});

describe('Arm attributes', () => {
  test('of a hard-float ARMv7 file', () => {
    const arm = { cpuName: '7-A', cpuArch: 10, cpuProfile: 'A', fpArch: 4, simdArch: 1, vfpArgs: 1 };
    expect(parse({ machine: 'arm', arm }).arm).toEqual({
      cpuName: '7-A',
      cpuArch: 'v7',
      cpuProfile: 'A',
      fpArch: 'VFPv3-D16',
      simd: true,
      hardFloat: true,
    });
  });

  test('of a soft-float ARMv5 file', () => {
    expect(parse({ machine: 'arm', arm: { cpuArch: 4 } }).arm).toEqual({
      cpuName: null,
      cpuArch: 'v5TE',
      cpuProfile: null,
      fpArch: null,
      simd: false,
      hardFloat: false,
    });
  });

  test('are read of big-endian files', () => {
    expect(parse({ machine: 'arm', endianness: 'big', arm: { cpuArch: 6 } }).arm).toMatchObject({ cpuArch: 'v6' });
  });

  test('of another format are a gap', () => {
    const bytes = elf({ machine: 'arm', arm: { cpuArch: 6 } });
    const at = Buffer.from(bytes).indexOf('aeabi') - 5;
    bytes[at] = 0x42;
    expect(parseElf(memoryView(bytes))).toMatchObject({
      ok: true,
      value: {
        arm: null,
        gaps: [{ part: 'arm attributes', error: { kind: 'bad-value', at, field: 'format-version', value: '0x42' } }],
      },
    });
  });

  test('of other machines are not looked at', () => {
    expect(parse({ arm: { cpuArch: 6 } }).arm).toBeNull();
  });
});

describe('UPX', () => {
  test('is known by its magic behind the program headers', () => {
    const bytes = elf({ kind: 'executable', sections: false, executableStack: null, textBytes: 200 });
    const end = 64 + 56 * 2;
    bytes.set(new TextEncoder().encode('UPX!'), end + 4);
    expect(parseElf(memoryView(bytes))).toMatchObject({ ok: true, value: { packer: 'upx' } });
  });

  test('is known by its header at the end of the file', () => {
    const bytes = elf({ kind: 'executable', sections: false, textBytes: 200 });
    bytes.set(new TextEncoder().encode('UPX!'), bytes.length - 36);
    expect(parseElf(memoryView(bytes))).toMatchObject({ ok: true, value: { packer: 'upx' } });
  });

  test('is not seen in a file that speaks of it and has sections', () => {
    expect(parse({ kind: 'executable', comment: 'UPX!', data: 'UPX!' }).packer).toBeNull();
  });
});
