import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkReader, chunksOf, drain } from '../../src/source/chunks.js';
import { pieces } from './loading.js';

const BYTES = Buffer.from('0123456789');

async function textOf(reader: ChunkReader): Promise<string> {
  const parts: Uint8Array[] = [];
  for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* pieces(BYTES, 4);
  throw new Error('gone');
}

describe('a reader of chunks', () => {
  test('looks ahead without taking, whatever the pieces are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(12), async (size, ahead, take) => {
        const reader = new ChunkReader(pieces(BYTES, size));
        expect(Buffer.from(await reader.peek(ahead)).toString()).toBe('0123456789'.slice(0, ahead));
        expect(Buffer.from(await reader.take(take)).toString()).toBe('0123456789'.slice(0, take));
        expect(reader.offset).toBe(Math.min(take, 10));
        expect(await textOf(reader)).toBe('0123456789'.slice(take));
        expect(reader.offset).toBe(10);
      }),
    );
  });

  test('takes back what it gave', async () => {
    const reader = new ChunkReader(chunksOf(BYTES));
    const chunk = await reader.next();
    reader.unread(chunk?.subarray(7) ?? new Uint8Array(0));
    expect(reader.offset).toBe(7);
    expect(await textOf(reader)).toBe('789');
  });

  test('skips as much as there is', async () => {
    const reader = new ChunkReader(pieces(BYTES, 3));
    expect(await reader.skip(4)).toBe(4);
    expect(await reader.skip(100)).toBe(6);
  });

  test('gives the bytes before a failure first, then the failure once', async () => {
    const reader = new ChunkReader(failing());
    expect(await reader.peek(100)).toHaveLength(10);
    expect(await reader.skip(10)).toBe(10);
    await expect(reader.next()).rejects.toThrow('gone');
    expect(await reader.next()).toBeNull();
  });

  test('refuses to take more than there is before a failure', async () => {
    await expect(new ChunkReader(failing()).take(100)).rejects.toThrow('gone');
  });

  test('a walk over the rest that breaks off leaves what it did not see', async () => {
    const reader = new ChunkReader(pieces(BYTES, 4));
    for await (const chunk of reader.rest()) {
      expect(chunk).toHaveLength(4);
      break;
    }
    expect(await textOf(reader)).toBe('456789');
    await drain(reader.rest());
    expect(reader.offset).toBe(10);
  });
});
