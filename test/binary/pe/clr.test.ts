import { describe, expect, test } from 'vitest';
import { parsePe } from '../../../src/binary/pe/index.js';
import type { PeBinary } from '../../../src/model/binary.js';
import { memoryView } from '../../../src/model/view.js';
import { pe, type PeParts } from '../../support/pe-builder.js';

function parse(bytes: Uint8Array): PeBinary {
  const result = parsePe(memoryView(bytes));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const build = (parts: PeParts): PeBinary => parse(pe(parts));

/** COMIMAGE_FLAGS_*: ILONLY 1, 32BITREQUIRED 2, 32BITPREFERRED 0x20000. */
describe('which machine a managed assembly needs', () => {
  test.each([
    ['i386', 0x1, 'cil', { ilOnly: true, requires32Bit: false, prefers32Bit: false, anyCpu: true }],
    ['i386', 0x3, 'i386', { ilOnly: true, requires32Bit: true, prefers32Bit: false, anyCpu: false }],
    ['i386', 0x20003, 'cil', { ilOnly: true, requires32Bit: false, prefers32Bit: true, anyCpu: true }],
    ['i386', 0x0, 'i386', { ilOnly: false, requires32Bit: false, prefers32Bit: false, anyCpu: false }],
    ['x86_64', 0x1, 'x86_64', { ilOnly: true, requires32Bit: false, prefers32Bit: false, anyCpu: false }],
    ['aarch64', 0x1, 'aarch64', { ilOnly: true, requires32Bit: false, prefers32Bit: false, anyCpu: false }],
  ] as const)('%s with flags %i is %s', (machine, flags, expected, clr) => {
    expect(build({ machine, clr: { flags } })).toMatchObject({ machine: expected, clr });
  });

  test('a file without a CLI header is not managed', () => {
    expect(build({}).clr).toBeNull();
  });
});

describe('metadata', () => {
  test('names the runtime, the framework and the native modules', () => {
    const clr = {
      version: 'v2.0.50727',
      targetFramework: '.NETCoreApp,Version=v8.0',
      modules: ['libc', 'kernel32.dll'],
    };
    expect(build({ machine: 'i386', clr })).toMatchObject({
      clr: {
        metadataVersion: 'v2.0.50727',
        targetFramework: '.NETCoreApp,Version=v8.0',
        pinvokeModules: ['libc', 'kernel32.dll'],
      },
      gaps: [],
    });
  });

  test('without an attribute and modules has neither', () => {
    expect(build({ clr: {} }).clr).toMatchObject({ targetFramework: null, pinvokeModules: [] });
  });

  test('without its signature is a gap, and the flags are still read', () => {
    const bytes = pe({ machine: 'i386', clr: { modules: ['libc'] } });
    bytes[Buffer.from(bytes).indexOf('BSJB')] = 0;
    expect(parse(bytes)).toMatchObject({
      machine: 'cil',
      clr: { metadataVersion: null, pinvokeModules: [] },
      gaps: [{ part: 'CLI metadata', error: { kind: 'bad-value', field: 'Signature' } }],
    });
  });

  test('with more rows than its section has bytes is a gap', () => {
    const bytes = pe({ clr: { modules: ['libc'] } });
    const stream = Buffer.from(bytes).indexOf(Buffer.from([0, 0, 0, 0, 2, 0, 0, 1]));
    new DataView(bytes.buffer).setUint32(stream + 24, 0x00ffffff, true);
    expect(parse(bytes).gaps).toMatchObject([{ part: 'CLI metadata' }]);
  });
});
