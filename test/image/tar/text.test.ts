import fc from 'fast-check';
import { expect, test } from 'vitest';
import { absolutePath, nameOf } from '../../../src/image/tar/text.js';

test.each([
  ['usr/bin/node', '/usr/bin/node'],
  ['./usr/bin/node', '/usr/bin/node'],
  ['/usr/bin/', '/usr/bin'],
  ['.', '/'],
  ['./', '/'],
  ['', '/'],
  ['/', '/'],
  ['a//b/./c', '/a/b/c'],
  ['a/../b', '/b'],
  ['../../etc/passwd', '/etc/passwd'],
  ['/../x/..', '/'],
  ['.hidden/..data', '/.hidden/..data'],
  ['Files/C:\\x', '/Files/C:\\x'],
])('name %j stands at %j', (name, path) => {
  expect(absolutePath(name)).toBe(path);
});

test('every name stands inside the root, and stands there again when it is read twice', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '.', '..', '', '...', '.x')), (parts) => {
      const path = absolutePath(parts.join('/'));
      expect(path).toMatch(/^\//u);
      expect(path.split('/')).not.toContain('..');
      expect(path === '/' || !path.endsWith('/')).toBe(true);
      expect(absolutePath(path)).toBe(path);
    }),
  );
});

test('a name is UTF-8 where its bytes are, and one character a byte where they are not', () => {
  expect(nameOf('na\u00c3\u00afve')).toBe('na\u00efve');
  expect(nameOf('lat\u00e9')).toBe('lat\u00e9');
  expect(nameOf('\u00ef\u00bb\u00bfbom')).toBe('\ufeffbom');
});
