import { expect, test } from 'vitest';
import { TarFault } from '../../../src/image/tar/fault.js';
import { readPax, wholeNumber, xattrsOf } from '../../../src/image/tar/pax.js';
import { paxRecord, paxRecords } from '../../support/tar-builder.js';

test('the length of a record counts its own digits', () => {
  expect([...readPax(Buffer.from('12 path=abc\n10 uid=12\n'), 0)]).toEqual([
    ['path', 'abc'],
    ['uid', '12'],
  ]);
});

test('values may hold line ends, equal signs and NUL', () => {
  const value = 'a=b\nc\0d';
  expect(readPax(paxRecords({ 'SCHILY.xattr.user.x': value }), 0).get('SCHILY.xattr.user.x')).toBe(value);
});

test('the repeated keywords of sparse format 0.0 become one map', () => {
  const body = Buffer.concat(
    ['0', '4096', '8192', '1'].map((value, index) =>
      paxRecord(index % 2 === 0 ? 'GNU.sparse.offset' : 'GNU.sparse.numbytes', value),
    ),
  );
  expect(readPax(body, 0).get('GNU.sparse.map')).toBe('0,4096,8192,1');
});

test.each(['99 path=abc\n', '12 path=abcd', 'x path=abc\n', '7 path\n', '0 a=b\n', '12path=abc\n'])(
  'record %j is refused at its offset',
  (written) => {
    const body = Buffer.concat([paxRecord('uid', '1'), Buffer.from(written)]);
    let fault: unknown = null;
    try {
      readPax(body, 1000);
    } catch (cause) {
      if (cause instanceof TarFault) fault = cause.fault;
    }
    expect(fault).toMatchObject({ kind: 'bad-value', at: 1000 + paxRecord('uid', '1').length, field: 'PAX record' });
  },
);

test('extended attributes keep their bytes, and `__proto__` is a name like any other', () => {
  const records = new Map([
    ['SCHILY.xattr.security.capability', '\u0001\u0000\u00ff'],
    ['SCHILY.xattr.__proto__', 'x'],
    ['LIBARCHIVE.xattr.user.y', 'eA=='],
    ['SCHILY.xattr.user.long', 'x'.repeat(11)],
  ]);
  expect(Object.entries(xattrsOf(records, 10))).toEqual([
    ['security.capability', '\u0001\u0000\u00ff'],
    ['__proto__', 'x'],
  ]);
});

test.each([
  ['1', 1],
  ['0', 0],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['9007199254740992', null],
  [undefined, null],
])('number %j is %j', (written, value) => {
  expect(wholeNumber(written)).toBe(value);
});
