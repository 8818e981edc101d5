import { describe, expect, test } from 'vitest';
import { atDoor, ByteReader } from '../../src/binary/door.js';
import { readGoBlob } from '../../src/binary/go-blob.js';
import type { GoBuildInfo } from '../../src/model/binary.js';
import { memoryView } from '../../src/model/view.js';

const SENTINEL = '0123456789abcdef';
const MODULE =
  'path\texample.org/tool\nmod\texample.org/tool\tv1.2.3\th1:x\nbuild\tGOARCH=arm64\nbuild\tCGO_ENABLED=0\n';

/** Magic, pointer size, flags, padding to 32; then strings of less than 128 bytes each with their length in front. */
function blob(version: string, module: string, flags = 2): Buffer {
  const header = Buffer.alloc(32);
  header.set([0xff, ...Buffer.from(' Go buildinf:'), 8, flags]);
  const framed = Buffer.from(`${SENTINEL}${module}${SENTINEL}`);
  const lengths = [version.length, 0x80 | (framed.length & 0x7f), framed.length >> 7];
  return Buffer.concat([
    header,
    Buffer.from([lengths[0] ?? 0]),
    Buffer.from(version),
    Buffer.from(lengths.slice(1)),
    framed,
  ]);
}

const read = (bytes: Uint8Array): GoBuildInfo | null =>
  readGoBlob(new ByteReader(memoryView(bytes), 'little'), 0, bytes.length);

describe("Go's build information with inline strings", () => {
  test('is found at a multiple of 16', () => {
    expect(read(Buffer.concat([Buffer.alloc(48), blob('go1.23.5', MODULE)]))).toEqual({
      version: 'go1.23.5',
      module: 'example.org/tool',
      settings: { GOARCH: 'arm64', CGO_ENABLED: '0' },
    });
  });

  test('is not looked for elsewhere', () => {
    expect(read(Buffer.concat([Buffer.alloc(8), blob('go1.23.5', MODULE)]))).toBeNull();
  });

  test('of older Go, with pointers, is not read', () => {
    expect(read(blob('go1.17', MODULE, 0))).toBeNull();
  });

  test('that ends too early is a fault', () => {
    const whole = blob('go1.23.5', MODULE);
    for (let length = 33; length < whole.length; length += 1) {
      expect(atDoor(() => read(whole.subarray(0, length)))).toMatchObject({ ok: false, error: { kind: 'truncated' } });
    }
  });

  test('with a length beyond the limit is a fault', () => {
    const bytes = blob('go1.23.5', MODULE);
    bytes.fill(0xff, 32, 44);
    expect(atDoor(() => read(bytes))).toMatchObject({ ok: false, error: { kind: 'limit' } });
  });
});
