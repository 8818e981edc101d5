import { XosError } from '../model/error.js';
import { WHAT_SERVES } from './reference.js';

interface Known {
  readonly at: number;
  readonly magic: string;
  readonly what: string;
  readonly advice: string;
}

/** Files that are not read here, by their magic (latin1), with what to do instead. */
const KNOWN: readonly Known[] = [
  { at: 0, magic: '\xfd7zXZ\0', what: 'compressed with xz', advice: 'xz -dc FILE | xoscheck -' },
  { at: 0, magic: 'BZh', what: 'compressed with bzip2', advice: 'bzip2 -dc FILE | xoscheck -' },
  { at: 0, magic: '\x04\x22\x4d\x18', what: 'compressed with lz4', advice: 'lz4 -dc FILE | xoscheck -' },
  {
    at: 0,
    magic: 'PK\x03\x04',
    what: 'a zip archive',
    advice: 'unpack it and name the directory: xoscheck rootfs:DIR',
  },
  { at: 0, magic: '7z\xbc\xaf', what: 'a 7z archive', advice: 'unpack it and name the directory: xoscheck rootfs:DIR' },
  { at: 0, magic: 'hsqs', what: 'a squashfs file system', advice: 'unsquashfs -d DIR FILE, then: xoscheck rootfs:DIR' },
  { at: 0, magic: 'QFI\xfb', what: 'a qcow2 disk image', advice: 'mount it, then: xoscheck rootfs:DIR' },
  { at: 0, magic: 'MSWIM\0', what: 'a Windows image (WIM)', advice: 'wimapply FILE DIR, then: xoscheck rootfs:DIR' },
  { at: 32769, magic: 'CD001', what: 'an ISO 9660 file system', advice: 'mount it, then: xoscheck rootfs:DIR' },
  { at: 1080, magic: '\x53\xef', what: 'an ext2/3/4 file system', advice: 'mount it, then: xoscheck rootfs:DIR' },
  { at: 0, magic: '\xed\xab\xee\xdb', what: 'an RPM package', advice: 'rpm2archive FILE, then name the tar' },
  {
    at: 0,
    magic: '!<arch>\n',
    what: 'an ar archive',
    advice: 'for a Debian package: dpkg-deb -x FILE DIR, then: xoscheck rootfs:DIR',
  },
];

/** Bytes of a file that {@link notAnImage} looks at. */
export const UNKNOWN_HEAD_BYTES = 33 * 1024;

/** Says what a file is that is no image, as far as its first bytes tell. */
export function notAnImage(path: string, head: Uint8Array, size: number | null): XosError {
  const text = Buffer.from(head).toString('latin1');
  const known = KNOWN.find((item) => text.startsWith(item.magic, item.at));
  const found = known?.what ?? describeHead(head, text, size);
  const own = known === undefined ? [] : [known.advice.replaceAll('FILE', path)];
  return new XosError('XOS_NOT_AN_IMAGE', `\`${path}\` is ${found}, expected an image archive, a tar or a binary`, {
    suggestions: [...own, WHAT_SERVES],
  });
}

function describeHead(head: Uint8Array, text: string, size: number | null): string {
  if (head.length === 0 || size === 0) return 'empty (0 bytes)';
  if (/^\s*[[{]/.test(text)) return 'a JSON document (name the directory or the archive that it lies in)';
  if (/^[\t\n\r\x20-\x7e]*$/.test(text.slice(0, 512)))
    return 'text without a `#!` line (if it is a script: `file:PATH`)';
  if (head.subarray(0, 512).every((byte) => byte === 0)) return 'full of zeros at its start';
  return `no known format (its first bytes are 0x${Buffer.from(head.subarray(0, 8)).toString('hex')})`;
}
