import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { StreamFault } from '../../src/image/layer.js';
import { ChunkReader } from '../../src/source/chunks.js';
import { gunzip } from '../../src/source/gzip.js';
import { pieces } from './loading.js';

const CONTENT = Buffer.concat([randomBytes(700_000), Buffer.alloc(900_000, 'text ')]);

async function inflate(bytes: Uint8Array, size = 65_536): Promise<{ output: Buffer; notes: string[] }> {
  const notes: string[] = [];
  const parts: Uint8Array[] = [];
  for await (const part of gunzip(new ChunkReader(pieces(bytes, size)), (text) => notes.push(text))) parts.push(part);
  return { output: Buffer.concat(parts), notes };
}

async function faultOf(bytes: Uint8Array): Promise<StreamFault['fault']> {
  const cause: unknown = await inflate(bytes).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (cause instanceof StreamFault) return cause.fault;
  throw new Error(`no fault of the stream: ${String(cause)}`);
}

describe('gunzip', () => {
  test.each([1, 7, 1000, 65_536, 10_000_000])('gives the content back in pieces of %i bytes', async (size) => {
    const content = size < 1000 ? CONTENT.subarray(699_000, 703_000) : CONTENT;
    expect((await inflate(gzipSync(content), size)).output.equals(content)).toBe(true);
  });

  test('joins members, also more than are walked one by one', async () => {
    const members = Array.from({ length: 200 }, (_, index) => gzipSync(`member ${index};`));
    const expected = Array.from({ length: 200 }, (_, index) => `member ${index};`).join('');
    expect((await inflate(Buffer.concat(members))).output.toString()).toBe(expected);
  });

  test('takes zeros behind more members than are walked one by one', async () => {
    const members = Array.from({ length: 100 }, (_, index) => gzipSync(`member ${index};`));
    for (const size of [1, 100, 100_000]) {
      const { output } = await inflate(Buffer.concat([...members, Buffer.alloc(3000)]), size);
      expect(output.toString().endsWith('member 98;member 99;')).toBe(true);
    }
  });

  test('takes zeros behind the last member without a word', async () => {
    const { output, notes } = await inflate(Buffer.concat([gzipSync(CONTENT), Buffer.alloc(5000)]));
    expect(output.equals(CONTENT)).toBe(true);
    expect(notes).toEqual([]);
  });

  test('keeps all output when something else follows, and notes it with its offset', async () => {
    const stored = gzipSync(CONTENT);
    const { output, notes } = await inflate(Buffer.concat([stored, Buffer.from('garbage')]));
    expect(output.equals(CONTENT)).toBe(true);
    expect(notes).toEqual([`7 bytes behind the end of the gzip stream (offset ${stored.length}) ignored`]);
  });

  test('reads headers with an extra field, a name, a comment and a header checksum', async () => {
    const plain = gzipSync('content');
    const header = Buffer.from(plain.subarray(0, 10));
    header[3] = 2 | 4 | 8 | 16;
    const fields = Buffer.from('\x03\x00abcname\0comment\0\x12\x34', 'latin1');
    const { output } = await inflate(Buffer.concat([header, fields, plain.subarray(10)]));
    expect(output.toString()).toBe('content');
  });

  test('every cut is a truncation with the offset where the bytes end', async () => {
    const stored = gzipSync(CONTENT.subarray(699_900, 700_400));
    for (let length = 2; length < stored.length; length++) {
      const fault = await faultOf(stored.subarray(0, length));
      expect(fault.kind).toBe('truncated');
      expect(fault.at).toBeLessThanOrEqual(length);
    }
  });

  test.each([
    ['checksum', -8, 'CRC-32'],
    ['size', -4, 'size'],
  ])('a wrong %s of the content is found', async (_, at, field) => {
    const stored = Buffer.from(gzipSync('content'));
    stored[stored.length + at] = (stored[stored.length + at] ?? 0) ^ 1;
    expect(await faultOf(stored)).toMatchObject({ kind: 'bad-value', field, at: stored.length + at });
  });

  test('a flipped bit in the data is a fault', async () => {
    const stored = Buffer.from(gzipSync(CONTENT));
    stored[1_000] = (stored[1_000] ?? 0) ^ 0x10;
    expect((await faultOf(stored)).kind).toBe('bad-value');
  });

  test('bytes that are no gzip are named', async () => {
    expect(await faultOf(Buffer.from('plain text'))).toMatchObject({ field: 'gzip magic', value: '0x706c' });
  });
});
