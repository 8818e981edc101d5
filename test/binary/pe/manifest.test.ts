import { describe, expect, test } from 'vitest';
import { parsePe } from '../../../src/binary/pe/index.js';
import { parseManifest } from '../../../src/binary/pe/manifest.js';
import type { PeManifest } from '../../../src/model/binary.js';
import { memoryView } from '../../../src/model/view.js';
import { pe } from '../../support/pe-builder.js';

const parse = (text: string): PeManifest => parseManifest(new TextEncoder().encode(text));

const COMMON_CONTROLS = `<?xml version="1.0" encoding="UTF-8"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity name="My.Program" version="1.0.0.0" type="win32"/>
  <!-- <supportedOS Id="{commented-out}"/> -->
  <dependency>
    <dependentAssembly>
      <assemblyIdentity type='win32' name='Microsoft.Windows.Common-Controls' version='6.0.0.0'
        processorArchitecture='*' publicKeyToken='6595b64144ccf1df'/>
    </dependentAssembly>
  </dependency>
  <asmv3:trustInfo><security><requestedPrivileges>
    <asmv3:requestedExecutionLevel level="requireAdministrator" uiAccess="false"></asmv3:requestedExecutionLevel>
  </requestedPrivileges></security></asmv3:trustInfo>
  <compatibility><application><supportedOS Id="{one}"/><supportedOS Id = "{two}" /></application></compatibility>
</assembly>`;

const EXPECTED: PeManifest = {
  dependencies: [{ name: 'Microsoft.Windows.Common-Controls', version: '6.0.0.0', architecture: '*' }],
  executionLevel: 'requireAdministrator',
  supportedOs: ['{one}', '{two}'],
};

describe('an application manifest', () => {
  test('has dependencies, level and systems; its own identity is no dependency, a comment is nothing', () => {
    expect(parse(COMMON_CONTROLS)).toEqual(EXPECTED);
  });

  test('may be UTF-16 with a mark', () => {
    expect(parseManifest(Buffer.from(`\ufeff${COMMON_CONTROLS}`, 'utf16le'))).toEqual(EXPECTED);
  });

  test('says null for what it does not say', () => {
    const text =
      '<dependentAssembly><assemblyIdentity name="A &amp; B"/></dependentAssembly><assemblyIdentity name="C"/>';
    expect(parse(text)).toEqual({
      dependencies: [{ name: 'A & B', version: null, architecture: null }],
      executionLevel: null,
      supportedOs: [],
    });
  });

  test.each(['', '<', '<assembly', '<!-- ', '<a b="c', '<dependentAssembly/><assemblyIdentity name="x"/>'])(
    'that reads %j says nothing',
    (text) => {
      expect(parse(text)).toEqual({ dependencies: [], executionLevel: null, supportedOs: [] });
    },
  );

  test('of a megabyte of open tags ends', () => {
    expect(parse('<a b="'.repeat(170_000)).supportedOs).toEqual([]);
    expect(parse(`<a${' b'.repeat(500_000)}`).supportedOs).toEqual([]);
    expect(parse('<!--'.repeat(250_000)).supportedOs).toEqual([]);
  });
});

describe('the manifest of a file', () => {
  test.each([true, false])('is found in its resources (DLL: %s)', (dll) => {
    expect(parsePe(memoryView(pe({ dll, manifest: COMMON_CONTROLS })))).toMatchObject({
      ok: true,
      value: { manifest: EXPECTED, gaps: [] },
    });
  });

  test('is null where the file has none', () => {
    expect(parsePe(memoryView(pe()))).toMatchObject({ ok: true, value: { manifest: null, gaps: [] } });
  });

  test('that is larger than the limit is a gap', () => {
    const bytes = pe({ manifest: '<assembly/>' });
    new DataView(bytes.buffer).setUint32(0x600 + 76, 0x7fffffff, true);
    expect(parsePe(memoryView(bytes))).toMatchObject({
      value: { manifest: null, gaps: [{ part: 'resources', error: { kind: 'limit', field: 'bytes of manifest' } }] },
    });
  });
});
