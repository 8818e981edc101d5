import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TarEntry } from '../../../src/image/tar/entry.js';
import type { TarEnd } from '../../../src/image/tar/steps.js';
import { streamTar, StreamFault } from '../../../src/image/tar/stream.js';
import { entryView, MAX_SPARSE_READ, sparseView, walkTar } from '../../../src/image/tar/walk.js';
import { memoryView, NotRetained } from '../../../src/model/view.js';
import { inChunks } from '../../support/layer-limits.js';
import {
  extension,
  filled,
  header,
  paxRecords,
  sealed,
  tar,
  type TarFormat,
  type TarSpec,
} from '../../support/tar-builder.js';

interface Walked {
  readonly entries: readonly TarEntry[];
  readonly end: TarEnd;
}

function walked(bytes: Uint8Array): Walked {
  const entries: TarEntry[] = [];
  const end = walkTar(memoryView(bytes), (entry) => entries.push(entry) > 0);
  return { entries, end };
}

async function streamed(
  bytes: Uint8Array,
  sizes: readonly number[],
): Promise<Walked & { readonly bodies: readonly string[] }> {
  const entries: TarEntry[] = [];
  const bodies: string[] = [];
  const end = await streamTar(inChunks(bytes, sizes), (entry) => {
    entries.push(entry);
    let body = '';
    const write = (part: Uint8Array): boolean => {
      body += Buffer.from(part).toString('latin1');
      return true;
    };
    return { write, end: (whole) => bodies.push(whole ? body : `${body}…`) };
  });
  return { entries, end, bodies };
}

const LONG = `${'d'.repeat(80)}/${'e'.repeat(80)}/${'f'.repeat(200)}`;

describe('names and numbers', () => {
  test.each<TarFormat>(['gnu', 'pax'])('%s: long names and links, large owners', (format) => {
    const spec: TarSpec[] = [
      { path: LONG, data: 'x', uid: 3_000_000, gid: 4_000_000 },
      { path: 'link', type: 'symlink', link: `../${LONG}` },
      { path: 'hard', type: 'hardlink', link: `./${LONG}` },
      { path: 'after', data: 'y' },
    ];
    const { entries, end } = walked(tar(spec, { format }));
    expect(end.error).toBeNull();
    expect(entries.map(({ path, linkTarget }) => [path, linkTarget])).toEqual([
      [`/${LONG}`, null],
      ['/link', `../${LONG}`],
      ['/hard', `/${LONG}`],
      ['/after', null],
    ]);
    expect(entries[0]).toMatchObject({ uid: 3_000_000, gid: 4_000_000, size: 1 });
  });

  test('global PAX records hold for all that follow, and the entry’s own win', () => {
    const bytes = tar([{ path: 'a' }, { path: 'b', pax: { uid: '7' } }], { global: { uid: '5', mtime: '12.9' } });
    expect(walked(bytes).entries.map(({ uid, mtime }) => [uid, mtime])).toEqual([
      [5, 12],
      [7, 12],
    ]);
  });

  test('a PAX size over that of the header says where the next header is', () => {
    const bytes = tar([{ path: 'a', data: 'x'.repeat(700), size: 0, pax: { size: '700' } }, { path: 'b' }]);
    expect(walked(bytes).entries.map(({ path, size }) => [path, size])).toEqual([
      ['/a', 700],
      ['/b', 0],
    ]);
  });

  test('links and directories have no body, whatever their size says', () => {
    const bytes = tar([
      { path: 'd/', type: 'directory', size: 4096 },
      { path: 'h', type: 'hardlink', link: 'd/x', size: 99 },
      { path: 'f', data: 'x' },
    ]);
    expect(walked(bytes).entries.map(({ path, size }) => [path, size])).toEqual([
      ['/d', 0],
      ['/h', 0],
      ['/f', 1],
    ]);
  });

  test('a type flag that nobody knows is passed over with its body', () => {
    const bytes = tar([{ path: 'a', flag: 'Z', data: 'x'.repeat(600) }, { path: 'b' }]);
    expect(walked(bytes).entries.map(({ path, type }) => [path, type])).toEqual([
      ['/a', 'other'],
      ['/b', 'file'],
    ]);
  });
});

describe('sparse files', () => {
  const content = `${'\0'.repeat(1000)}abc${'\0'.repeat(2000)}xyz${'\0'.repeat(10)}`;
  const map = [1000, 3, 3003, 3];

  test('PAX 0.0 and 0.1: the map is in records', () => {
    const pax = {
      'GNU.sparse.size': String(content.length),
      'GNU.sparse.map': map.join(','),
      'GNU.sparse.name': 'real',
    };
    expect(sparseFile(tar([{ path: 'GNUSparseFile.1/real', data: 'abcxyz', pax }]))).toEqual(['/real', content]);
  });

  test('PAX 1.0: the map is at the start of the body', () => {
    const pax = {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.realsize': String(content.length),
      'GNU.sparse.name': 'real',
    };
    const data = Buffer.concat([filled(Buffer.from(`2\n${map.join('\n')}\n`)), Buffer.from('abcxyz')]);
    expect(sparseFile(tar([{ path: 'GNUSparseFile.1/real', data, pax }]))).toEqual(['/real', content]);
  });

  test('GNU old format: the map is in the header and in blocks behind it', () => {
    const length = 30;
    const block = header({ ...fields('real'), flag: 'S', size: length }, 'gnu');
    const numbers = Array.from({ length }, (_, index) => [index * 100 + 50, 1]);
    const pair = ([offset = 0, size = 0]: number[]): string => `${oct(offset)}${oct(size)}`;
    block.write(numbers.slice(0, 4).map(pair).join(''), 386, 'latin1');
    block[482] = 1;
    block.write(oct(3000), 483, 'latin1');
    const first = Buffer.alloc(512);
    first.write(numbers.slice(4, 25).map(pair).join(''), 0, 'latin1');
    first[504] = 1;
    const second = Buffer.alloc(512);
    second.write(numbers.slice(25).map(pair).join(''), 0, 'latin1');
    const bytes = Buffer.concat([sealed(block), first, second, filled(Buffer.alloc(length, 'z')), Buffer.alloc(1024)]);
    expect(sparseFile(bytes)).toEqual(['/real', `${'\0'.repeat(50)}z${'\0'.repeat(49)}`.repeat(length)]);
  });

  test.each([
    ['regions that overlap', '0,10,5,10'],
    ['a region behind the end', '0,10,4000,1000'],
    ['more bytes than are stored', '0,100'],
    ['something that is no number', '0,x'],
  ])('%s are refused', (_name, written) => {
    const pax = { 'GNU.sparse.size': '4500', 'GNU.sparse.map': written };
    const { end } = walked(tar([{ path: 'a', data: 'abcxyz'.repeat(4), pax }]));
    expect(end.error).toMatchObject({ kind: 'bad-value', field: expect.stringMatching(/^sparse/u) as string });
  });

  test('a huge hole costs no memory: reading it at once is refused', () => {
    const view = sparseView(memoryView(Buffer.from('a')), [{ offset: 0, length: 1 }], 2 ** 52);
    expect(view.read(0, 3)).toEqual(Uint8Array.from([0x61, 0, 0]));
    expect(view.read(2 ** 52 - 1, 100)).toHaveLength(1);
    expect(() => view.read(0, MAX_SPARSE_READ + 1)).toThrow(NotRetained);
  });
});

describe('the end', () => {
  test('an archive may end without its mark', () => {
    expect(walked(tar([{ path: 'a', data: 'x' }], { end: false })).end.error).toBeNull();
  });

  test('what follows the mark is not read', () => {
    const bytes = Buffer.concat([tar([{ path: 'a' }]), Buffer.from('garbage'.repeat(100))]);
    expect(walked(bytes)).toMatchObject({ entries: [{ path: '/a' }], end: { error: null, end: 512 + 1024 } });
  });

  test('one block of zeros alone is damage', () => {
    const bytes = Buffer.concat([tar([{ path: 'a' }], { end: false }), Buffer.alloc(512), tar([{ path: 'b' }])]);
    expect(walked(bytes)).toMatchObject({ entries: [{ path: '/a' }], end: { error: { kind: 'bad-value', at: 512 } } });
  });

  test('a damaged header keeps what came before and names its place', () => {
    const bytes = Buffer.from(tar([{ path: 'a', data: 'x' }, { path: 'b' }]));
    bytes[1024] = 0xff;
    expect(walked(bytes)).toMatchObject({
      entries: [{ path: '/a' }],
      end: { error: { kind: 'bad-value', at: 1024 + 148 } },
    });
  });

  test('a body that is cut off is given before the error', () => {
    const bytes = tar([{ path: 'a', data: 'x'.repeat(1000) }]).subarray(0, 700);
    const error = { kind: 'truncated', at: 512, needed: 1000, available: 188 };
    expect(walked(bytes)).toMatchObject({ entries: [{ path: '/a' }], end: { error } });
  });

  test('an extended header longer than a mebibyte is refused', () => {
    const block = header({ ...fields('x'), flag: 'x', size: 1024 * 1024 + 1 }, 'pax');
    expect(walked(block).end.error).toMatchObject({ kind: 'limit', at: 0 });
  });

  test('a fault of the stream ends the archive with that fault, other errors fly on', async () => {
    const fault = { kind: 'truncated', at: 5, needed: 1, available: 0 } as const;
    const failing = async function* (cause: Error): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(tar([{ path: 'a' }], { end: false }));
      throw cause;
    };
    expect((await streamTar(failing(new StreamFault(fault)), () => null)).error).toEqual(fault);
    await expect(streamTar(failing(new Error('bug')), () => null)).rejects.toThrow('bug');
  });

  test('a stream is drained after the end, after damage and after a stop', async () => {
    const bytes = Buffer.concat([tar([{ path: 'a' }]), Buffer.alloc(5000, 1)]);
    for (const answer of [null, 'stop'] as const) {
      let taken = 0;
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of inChunks(bytes, [100])) {
          taken += chunk.length;
          yield chunk;
        }
      };
      await streamTar(counted(), () => answer);
      expect(taken).toBe(bytes.length);
    }
  });
});

const spec: fc.Arbitrary<TarSpec> = fc.record({
  path: fc.oneof(fc.stringMatching(/^[a-c./]{1,12}$/u), fc.constant(LONG)),
  type: fc.constantFrom('file', 'directory', 'symlink', 'hardlink'),
  data: fc.string({ maxLength: 1500 }),
  link: fc.constantFrom('x', LONG),
});
const archive = fc
  .tuple(fc.array(spec, { maxLength: 6 }), fc.constantFrom<TarFormat>('gnu', 'pax'), fc.boolean())
  .map(([specs, format, end]) => tar(specs, { format, end }));
const damaged = fc.tuple(archive, fc.nat(), fc.nat(255), fc.nat()).map(([bytes, at, byte, cut]) => {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) copy[at % copy.length] = byte;
  return cut % 3 === 0 ? copy.subarray(0, cut % (copy.length + 1)) : copy;
});
const chunkSizes = fc.array(fc.integer({ min: 1, max: 1200 }), { minLength: 1, maxLength: 8 });

test('a stream in any chunks gives what positioned reads give, damaged or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(archive, damaged), chunkSizes, async (bytes, sizes) => {
      const positioned = walked(bytes);
      const stream = await streamed(bytes, sizes);
      expect(stream.entries).toEqual(positioned.entries);
      expect(stream.end).toEqual(positioned.end);
      const bodies = positioned.entries.map(({ dataOffset, storedSize }) => {
        const body = Buffer.from(bytes.subarray(dataOffset, dataOffset + storedSize)).toString('latin1');
        return body.length === storedSize ? body : `${body}…`;
      });
      expect(stream.bodies).toEqual(bodies);
    }),
    { numRuns: 300 },
  );
});

test('no bytes make the reader throw', () => {
  const seeded = fc.tuple(fc.uint8Array({ maxLength: 512 }), fc.constantFrom('0', 'x', 'g', 'L', 'K', 'S', '\0'));
  const blocks = fc.array(seeded, { maxLength: 4 }).map((parts) =>
    Buffer.concat(
      parts.map(([bytes, flag]) => {
        const block = Buffer.alloc(512);
        block.set(bytes);
        block.write(flag, 156, 'latin1');
        block.write('00000000700', 124, 'latin1');
        return sealed(block);
      }),
    ),
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 3000 }), blocks), (bytes) => {
      expect(walked(bytes).end.end).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

function sparseFile(bytes: Uint8Array): [string, string] {
  const { entries, end } = walked(bytes);
  const entry = entries[0];
  expect(end.error).toBeNull();
  if (entry === undefined) throw new Error('no entry');
  const view = entryView(memoryView(bytes), entry);
  expect(view.size).toBe(entry.size);
  let content = '';
  for (let at = 0; at < view.size; at += 700) content += Buffer.from(view.read(at, 700)).toString('latin1');
  return [entry.path, content];
}

function fields(name: string): Parameters<typeof header>[0] {
  return { name, prefix: '', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, flag: '0', link: '', major: 0, minor: 0 };
}

function oct(value: number): string {
  return `${value.toString(8).padStart(11, '0')}\0`;
}

test('a PAX header that nothing follows is no entry', () => {
  expect(walked(extension('x', paxRecords({ path: 'a' })))).toMatchObject({ entries: [], end: { error: null } });
});
