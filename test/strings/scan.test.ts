import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../src/strings/knowledge.js';
import { KNOWLEDGE_FILES, parseKnowledge } from '../../src/strings/knowledge.js';
import { scanReferences } from '../../src/strings/scan.js';
import { memoryView } from '../../src/model/view.js';

const read = (name: string): string => readFileSync(new URL(`../../rules/knowledge/${name}`, import.meta.url), 'utf8');

function knowledge(): Knowledge {
  const parsed = parseKnowledge({
    linuxPaths: read(KNOWLEDGE_FILES.linuxPaths),
    registryKeys: read(KNOWLEDGE_FILES.registryKeys),
    linuxApis: read(KNOWLEDGE_FILES.linuxApis),
    windowsApis: read(KNOWLEDGE_FILES.windowsApis),
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const known = knowledge();

function scan(bytes: Uint8Array): readonly (readonly [string, string, number | null, string])[] {
  const references = scanReferences(memoryView(bytes), [{ from: 0, to: bytes.length }], known);
  return references.map((found) => [found.value, found.class, found.offset, found.encoding]);
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('scanReferences', () => {
  test('a device is found at its offset in ASCII and in UTF-16', () => {
    expect(scan(latin('x\0/dev/kvm\0'))).toEqual([['/dev/kvm', 'needs-device', 2, 'ascii']]);
    expect(scan(Buffer.concat([Buffer.from([1, 0]), wide('/dev/kvm'), Buffer.from([0, 0])]))).toEqual([
      ['/dev/kvm', 'needs-device', 2, 'utf-16le'],
    ]);
  });

  test('a path inside a longer path is not one of the kernel', () => {
    expect(scan(latin('\0/usr/lib/dev/kvm\0/chroot/proc/kcore\0'))).toEqual([]);
  });

  test('the process number in /proc does not matter', () => {
    const hits = scan(latin('\0/proc/%d/stat\0/proc/self/ns/time\0'));
    expect(hits.map(([value, cls]) => [value, cls])).toEqual([
      ['/proc/%d/stat', 'always'],
      ['/proc/self/ns/time', 'needs-kernel'],
    ]);
  });

  test('what is below a directory of a class has its class', () => {
    expect(scan(latin('\0/proc/sys/net/ipv4/no_such_key\0'))[0]?.[1]).toBe('read-only');
    expect(scan(latin('\0/dev/no-such-node\0'))[0]?.[1]).toBe('other');
  });

  test('registry keys are found with and without a hive, in any spelling', () => {
    expect(scan(latin('\0HKLM\\SOFTWARE\\Microsoft\\Cryptography\0'))[0]?.slice(0, 2)).toEqual([
      'HKLM\\SOFTWARE\\Microsoft\\Cryptography',
      scan(wide('Software\\Microsoft\\Cryptography\0'))[0]?.[1],
    ]);
    expect(scan(wide('HKEY_LOCAL_MACHINE\\Foo\0'))).toEqual([['HKEY_LOCAL_MACHINE\\Foo', 'registry', 0, 'utf-16le']]);
  });

  test('devices and pipes of Windows are told apart', () => {
    expect(scan(latin('\0\\\\.\\pipe\\docker_engine\0'))[0]?.slice(0, 2)).toEqual([
      '\\\\.\\pipe\\docker_engine',
      'named-pipe',
    ]);
    expect(scan(latin('\0\\\\.\\PhysicalDrive0\0'))[0]?.[1]).toBe('device-io');
  });

  test('a string that crosses the border of a window is seen whole and once', () => {
    const bytes = Buffer.alloc((1 << 20) + 64);
    latin('/dev/net/tun').copy(bytes, (1 << 20) - 5);
    expect(scan(bytes)).toEqual([['/dev/net/tun', 'needs-device', (1 << 20) - 5, 'ascii']]);
  });

  test('a file full of paths keeps a bounded number', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `/proc/file${index}`).join('\0');
    expect(scan(latin(`\0${text}`)).length).toBe(256);
  });
});
