import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { StreamFault } from '../../src/image/layer.js';
import { ChunkReader } from '../../src/source/chunks.js';
import { unzstd } from '../../src/source/zstd.js';
import { zstdFrame, zstdSkippable } from '../support/image-builder.js';
import { pieces } from './loading.js';

const CONTENT = randomBytes(600_000);

async function decode(bytes: Uint8Array, size = 65_536): Promise<{ output: Buffer; notes: string[] }> {
  const notes: string[] = [];
  const parts: Uint8Array[] = [];
  for await (const part of unzstd(new ChunkReader(pieces(bytes, size)), (text) => notes.push(text))) parts.push(part);
  return { output: Buffer.concat(parts), notes };
}

async function faultOf(bytes: Uint8Array): Promise<StreamFault['fault']> {
  const cause: unknown = await decode(bytes).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (cause instanceof StreamFault) return cause.fault;
  throw new Error(`no fault of the stream: ${String(cause)}`);
}

describe('unzstd', () => {
  test.each([1, 7, 1000, 65_536, 10_000_000])('gives the content back in pieces of %i bytes', async (size) => {
    const content = size < 1000 ? CONTENT.subarray(0, 5000) : CONTENT;
    expect((await decode(zstdFrame(content), size)).output.equals(content)).toBe(true);
  });

  test('joins frames and passes over skippable ones, also the first', async () => {
    const [head, tail] = [CONTENT.subarray(0, 1000), CONTENT.subarray(1000)];
    const skip = zstdSkippable(Buffer.alloc(300_000, 1));
    const stored = Buffer.concat([skip, zstdFrame(head), skip, skip, zstdFrame(tail), skip]);
    expect((await decode(stored)).output.equals(CONTENT)).toBe(true);
  });

  test('reads an RLE block', async () => {
    const stored = zstdFrame(Buffer.from('x'), { rle: { byte: 0x79, length: 100_000 } });
    expect((await decode(stored)).output.toString()).toBe(`x${'y'.repeat(100_000)}`);
  });

  test('reads an empty frame', async () => {
    expect((await decode(zstdFrame(new Uint8Array(0)))).output.length).toBe(0);
  });

  test('notes bytes behind the last frame', async () => {
    const stored = zstdFrame(Buffer.from('content'));
    const { output, notes } = await decode(Buffer.concat([stored, Buffer.from('garbage')]));
    expect(output.toString()).toBe('content');
    expect(notes).toEqual([`7 bytes behind the last zstd frame (offset ${stored.length}) ignored`]);
  });

  test('every cut is a truncation', async () => {
    const stored = zstdFrame(CONTENT.subarray(0, 100), { blockBytes: 40 });
    for (let length = 4; length < stored.length; length++) {
      const fault = await faultOf(stored.subarray(0, length));
      expect(fault).toMatchObject({ kind: 'truncated' });
      expect(fault.at).toBeLessThanOrEqual(length);
    }
  });

  test('a cut skippable frame is a truncation', async () => {
    expect(await faultOf(zstdSkippable(Buffer.alloc(100)).subarray(0, 50))).toMatchObject({ kind: 'truncated', at: 8 });
  });

  test('a window over 128 MiB is refused before anything is decoded', async () => {
    const stored = zstdFrame(Buffer.from('content'), { window: 18 << 3 });
    expect(await faultOf(stored)).toMatchObject({ kind: 'limit', field: 'bytes of window', limit: 134_217_728 });
  });

  test('a window of 128 MiB is taken', async () => {
    expect((await decode(zstdFrame(Buffer.from('content'), { window: 17 << 3 }))).output.toString()).toBe('content');
  });

  test('a reserved block type is refused', async () => {
    const stored = Buffer.from(zstdFrame(Buffer.from('content')));
    stored[6] = (stored[6] ?? 0) | 6;
    expect(await faultOf(stored)).toMatchObject({ field: 'block type', at: 6 });
  });

  test('a compressed block of nonsense ends with a fault', async () => {
    const stored = Buffer.from(zstdFrame(randomBytes(1000)));
    stored[6] = (stored[6] ?? 0) | 4;
    expect(await faultOf(stored)).toMatchObject({ field: 'frame content' });
  });

  test('a frame that needs a dictionary is refused', async () => {
    const stored = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x40, 0x07, 0x01, 0x00, 0x00]);
    expect(await faultOf(stored)).toMatchObject({ field: 'dictionary', at: 6 });
  });

  test('bytes that are no zstd are named', async () => {
    expect(await faultOf(Buffer.from('plain text'))).toMatchObject({ field: 'zstd magic', value: '0x706c6169' });
  });
});
