import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJar, parseManifest } from '../../src/binary/jar.js';
import type { JarContent } from '../../src/model/layer.js';
import { memoryView } from '../../src/model/view.js';
import { zip, type ZipPart } from '../support/zip-builder.js';

function read(parts: readonly ZipPart[], options?: Parameters<typeof zip>[1]): JarContent {
  const result = parseJar(memoryView(zip(parts, options)));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

const manifest = (text: string): ZipPart => ({ name: 'META-INF/MANIFEST.MF', content: text });

describe('a Java archive', () => {
  test('names its main class and class path, over broken lines', () => {
    const text =
      'Manifest-Version: 1.0\r\nMain-Class: org.example.a.very.long.na\r\n me.Main\r\nClass-Path: lib/a.jar \r\n lib/b.jar\r\n\r\nName: x\r\nMain-Class: other\r\n';
    expect(read([manifest(text)])).toEqual({
      mainClass: 'org.example.a.very.long.name.Main',
      classPath: ['lib/a.jar', 'lib/b.jar'],
      natives: [],
    });
  });

  test('without a manifest has neither', () => {
    expect(read([{ name: 'a.class', content: 'x' }])).toEqual({ mainClass: null, classPath: [], natives: [] });
  });

  test('lists native libraries, sorted', () => {
    const names = ['z/libz.so', 'a/native.dll', 'b/libx.so.1.2', 'c/libc.jnilib', 'd/libd.dylib', 'e/notes.sot', 'so'];
    const content = read(names.map((name) => ({ name, content: '' })));
    expect(content.natives).toEqual(['a/native.dll', 'b/libx.so.1.2', 'c/libc.jnilib', 'd/libd.dylib', 'z/libz.so']);
  });

  test('may be stored, deflated, behind a script, or in zip64', () => {
    const part = manifest('Main-Class: A\n');
    expect(read([{ ...part, stored: true }]).mainClass).toBe('A');
    expect(read([part], { prefix: '#!/bin/sh\nexec java -jar "$0"\n' }).mainClass).toBe('A');
    expect(read([part], { zip64: true }).mainClass).toBe('A');
    expect(read([part], { comment: 'PK and more' }).mainClass).toBe('A');
  });
});

describe('a broken archive', () => {
  test('without an end record is an error', () => {
    expect(parseJar(memoryView(new Uint8Array(100)))).toMatchObject({
      ok: false,
      error: { kind: 'bad-value', field: 'end of central directory' },
    });
  });

  test('whose manifest inflates beyond the limit is an error, not memory', () => {
    const bomb = deflateRawSync(Buffer.alloc(20 << 20));
    const bytes = zip([{ name: 'META-INF/MANIFEST.MF', deflated: bomb, size: 100 }]);
    expect(parseJar(memoryView(bytes))).toMatchObject({
      ok: false,
      error: { kind: 'bad-value', field: 'deflated data' },
    });
  });

  test('whose directory says more entries than it has is an error', () => {
    const bytes = zip([manifest('Main-Class: A\n')]);
    new DataView(bytes.buffer).setUint16(bytes.length - 22 + 10, 2, true);
    expect(parseJar(memoryView(bytes))).toMatchObject({ ok: false });
  });

  test('changed bytes never throw', () => {
    const seed = zip([manifest('Main-Class: A\nClass-Path: b\n'), { name: 'libx.so', content: 'x' }], { zip64: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = seed.slice();
          for (const [at, value] of changes) bytes[at] = value;
          expect(parseJar(memoryView(bytes))).toHaveProperty('ok');
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('names of attributes have no case', () => {
  expect(parseManifest('MAIN-class: X').get('main-class')).toBe('X');
});
