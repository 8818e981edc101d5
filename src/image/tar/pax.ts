import { badValue } from './fault.js';
import { latin1, nameOf } from './text.js';

/** PAX records by keyword, values as latin1 bytes. An empty value takes a record back. */
export type PaxRecords = Map<string, string>;

/**
 * Records of an `x` or `g` header: `length keyword=value\n`, the length in decimal counting itself (POSIX.1-2017, pax,
 * "pax Extended Header"). The repeated keywords of the GNU sparse format 0.0 become one `GNU.sparse.map`.
 */
export function readPax(body: Uint8Array, at: number): PaxRecords {
  const text = latin1(body, 0, body.length, false);
  const records: PaxRecords = new Map();
  const sparse: string[] = [];
  let start = 0;
  while (start < text.length && text.charCodeAt(start) !== 0) {
    const space = text.indexOf(' ', start);
    const digits = space < 0 ? '' : text.slice(start, space);
    const end = start + Number(digits);
    if (!/^\d{1,7}$/u.test(digits) || end > text.length || text.charAt(end - 1) !== '\n') {
      throw badValue(at + start, 'PAX record', text.slice(start, start + 20));
    }
    const equals = text.indexOf('=', space);
    if (equals < 0 || equals >= end) throw badValue(at + start, 'PAX record', text.slice(start, start + 20));
    const keyword = text.slice(space + 1, equals);
    const value = text.slice(equals + 1, end - 1);
    if (keyword === 'GNU.sparse.offset' || keyword === 'GNU.sparse.numbytes') sparse.push(value);
    else records.set(keyword, value);
    start = end;
  }
  if (sparse.length > 0) records.set('GNU.sparse.map', sparse.join(','));
  return records;
}

const XATTR = 'SCHILY.xattr.';
const NO_XATTRS: Readonly<Record<string, string>> = {};

/** Extended attributes among the records; those longer than `limit` bytes are left out. */
export function xattrsOf(records: PaxRecords, limit: number): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const [keyword, value] of records) {
    if (keyword.startsWith(XATTR) && value.length <= limit) found.push([nameOf(keyword.slice(XATTR.length)), value]);
  }
  return found.length === 0 ? NO_XATTRS : Object.fromEntries(found);
}

/** A whole number that is not negative; null where the record is missing or something else. */
export function wholeNumber(value: string | undefined): number | null {
  if (value === undefined || !/^\d{1,16}$/u.test(value)) return null;
  const parsed = Number(value);
  return Number.isSafeInteger(parsed) ? parsed : null;
}
