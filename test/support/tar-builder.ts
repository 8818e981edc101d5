import type { EntryType } from '../../src/model/layer.js';

/**
 * Writes tar archives from the specifications (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic
 * Tar Format"), without the reader's code. Odd things can be said on purpose: any flag, any name, any size.
 */
export interface TarSpec {
  readonly path: string;
  /** `file` where not said. */
  readonly type?: EntryType;
  /** Overrides the type flag. */
  readonly flag?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly data?: string | Uint8Array;
  /** Size in the header where it is not the length of the data. */
  readonly size?: number;
  readonly link?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs?: Readonly<Record<string, string>>;
  /** PAX records written as they are; only for format `pax`. */
  readonly pax?: Readonly<Record<string, string>>;
}

export interface TarOptions {
  /** `pax` where not said. Long names need `pax` or `gnu`; large numbers are PAX records or base 256. */
  readonly format?: TarFormat;
  /** Global PAX records before the first entry. */
  readonly global?: Readonly<Record<string, string>>;
  /** False leaves out the two blocks of zeros at the end. */
  readonly end?: boolean;
}

export type TarFormat = 'v7' | 'ustar' | 'gnu' | 'pax';

const FLAGS: Readonly<Record<EntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

/** An archive with the entries in order. */
export function tar(entries: readonly TarSpec[], options: TarOptions = {}): Uint8Array {
  const format = options.format ?? 'pax';
  const parts: Buffer[] = [];
  if (options.global !== undefined) parts.push(extension('g', paxRecords(options.global)));
  for (const entry of entries) parts.push(...member(entry, format));
  if (options.end !== false) parts.push(Buffer.alloc(1024));
  return new Uint8Array(Buffer.concat(parts));
}

/** A header block alone, with a right checksum. */
export function header(fields: HeaderFields, format: TarFormat): Buffer {
  const block = Buffer.alloc(512);
  const put = (at: number, length: number, text: string): void => {
    Buffer.from(text).copy(block, at, 0, length);
  };
  put(0, 100, fields.name);
  octal(block, 100, 8, fields.mode, format);
  octal(block, 108, 8, fields.uid, format);
  octal(block, 116, 8, fields.gid, format);
  octal(block, 124, 12, fields.size, format);
  octal(block, 136, 12, fields.mtime, format);
  put(156, 1, fields.flag);
  put(157, 100, fields.link);
  if (format !== 'v7') {
    put(257, 8, format === 'gnu' ? 'ustar  \0' : 'ustar\x0000');
    octal(block, 329, 8, fields.major, format);
    octal(block, 337, 8, fields.minor, format);
  }
  put(345, 155, fields.prefix);
  return sealed(block);
}

export interface HeaderFields {
  readonly name: string;
  readonly prefix: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly flag: string;
  readonly link: string;
  readonly major: number;
  readonly minor: number;
}

/** The block with its checksum filled in. */
export function sealed(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** `length keyword=value\n`, the length counting itself. */
export function paxRecords(records: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(Object.entries(records).map(([keyword, value]) => paxRecord(keyword, value)));
}

export function paxRecord(keyword: string, value: string): Buffer {
  const body = Buffer.from(` ${keyword}=${value}\n`);
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

/** A header of its own kind (`x`, `g`, `L`, `K`) with its body. */
export function extension(flag: string, body: Buffer): Buffer {
  const name = flag === 'L' || flag === 'K' ? '././@LongLink' : 'PaxHeaders/entry';
  const fields = { name, prefix: '', mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0 };
  return Buffer.concat([header({ ...fields, flag, size: body.length }, flag === 'x' ? 'pax' : 'gnu'), filled(body)]);
}

/** Filled up to whole blocks with zeros. */
export function filled(body: Uint8Array): Buffer {
  return Buffer.concat([body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

function member(spec: TarSpec, format: TarFormat): Buffer[] {
  const type = spec.type ?? 'file';
  const entry = { ...UNSAID, mode: type === 'directory' ? 0o755 : 0o644, ...spec };
  const data = Buffer.from(entry.data);
  const size = spec.size ?? data.length;
  const flag = spec.flag ?? (format === 'v7' && type === 'file' ? '\0' : FLAGS[type]);
  const names = format === 'ustar' ? splitName(entry.path) : { name: entry.path, prefix: '' };
  const { mode, uid, gid, mtime, link, major, minor } = entry;
  return [
    ...(format === 'gnu' ? longNames(entry.path, link) : []),
    ...(format === 'pax' ? paxHeader({ ...entry, size }) : []),
    header({ ...names, mode, uid, gid, size, mtime, flag, link, major, minor }, format),
    filled(data),
  ];
}

const UNSAID = { uid: 0, gid: 0, mtime: 0, data: '', link: '', major: 0, minor: 0, xattrs: {}, pax: {} };

function longNames(path: string, link: string): Buffer[] {
  const parts: Buffer[] = [];
  if (Buffer.byteLength(link) > 100) parts.push(extension('K', Buffer.from(`${link}\0`)));
  if (Buffer.byteLength(path) > 100) parts.push(extension('L', Buffer.from(`${path}\0`)));
  return parts;
}

function paxHeader(
  entry: Required<Pick<TarSpec, 'path' | 'link' | 'uid' | 'gid' | 'size' | 'xattrs' | 'pax'>>,
): Buffer[] {
  const records: Record<string, string> = {};
  if (Buffer.byteLength(entry.path) > 100) records['path'] = entry.path;
  if (Buffer.byteLength(entry.link) > 100) records['linkpath'] = entry.link;
  if (entry.uid >= 8 ** 7) records['uid'] = String(entry.uid);
  if (entry.gid >= 8 ** 7) records['gid'] = String(entry.gid);
  if (entry.size >= 8 ** 11) records['size'] = String(entry.size);
  for (const [key, value] of Object.entries(entry.xattrs)) records[`SCHILY.xattr.${key}`] = value;
  const body = paxRecords({ ...records, ...entry.pax });
  return body.length > 0 ? [extension('x', body)] : [];
}

function splitName(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  const slash = path.lastIndexOf('/', 155);
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

function octal(block: Buffer, at: number, length: number, value: number, format: TarFormat): void {
  const digits = Math.max(0, value).toString(8);
  if (digits.length < length && value >= 0) block.write(`${digits.padStart(length - 1, '0')}\0`, at, 'latin1');
  else if (format === 'gnu') base256(block, at, length, value);
  else block.write('0'.repeat(length - 1), at, 'latin1');
}

function base256(block: Buffer, at: number, length: number, value: number): void {
  let rest = BigInt.asUintN(length * 8, BigInt(value));
  for (let index = length - 1; index >= 0; index -= 1) {
    block[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[at] = (block[at] ?? 0) | 0x80;
}
