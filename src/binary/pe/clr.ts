import { badValue, decodeText, withinLimit, type PartReader } from '../door.js';
import type { ClrHeader } from '../../model/binary.js';
import { decodeIndex, MetadataTables, TABLE } from './clr-tables.js';
import { DIRECTORY, IMAGE_FILE_MACHINE } from './constants.js';
import type { PeImage } from './sections.js';

/**
 * CLI header (ECMA-335, II.25.3.3) and metadata root (II.24.2.1).
 *
 *   CLI header                     metadata root
 *   MetaData (RVA, size)    8      signature `BSJB`      0
 *   Flags                  16      version length       12
 *                                  version              16, then flags (2), number of streams (2), stream headers
 */
const CLI_HEADER_BYTES = 20;
const METADATA_SIGNATURE = 0x424a5342;
const ROOT_BYTES = 16;
const MAX_VERSION_BYTES = 255;
const MAX_STREAMS = 64;
/** A stream name has at most 32 characters with its NUL (ECMA-335, II.24.2.2). */
const MAX_STREAM_NAME = 32;
const MAX_MODULES = 1 << 16;
/** Prolog of a custom attribute's value (ECMA-335, II.23.3). */
const ATTRIBUTE_PROLOG = 1;
const MAX_FRAMEWORK_BYTES = 1024;

const COMIMAGE_FLAGS_ILONLY = 0x1;
const COMIMAGE_FLAGS_32BITREQUIRED = 0x2;
/** Set together with 32BITREQUIRED: any machine, 32-bit where there is a choice (.NET 4.5, corhdr.h). */
const COMIMAGE_FLAGS_32BITPREFERRED = 0x20000;

const HAS_CUSTOM_ATTRIBUTE_ASSEMBLY = 14;
const MEMBER_REF_PARENT_TYPE_REF = 1;
const CUSTOM_ATTRIBUTE_TYPE_MEMBER_REF = 3;

/** A stream of the metadata, by RVA. */
export interface MetadataStream {
  readonly name: string;
  readonly rva: number;
  readonly size: number;
}

interface MetadataRoot {
  readonly version: string;
  readonly streams: readonly MetadataStream[];
}

export function readClr(image: PeImage, parts: PartReader): ClrHeader | null {
  const header = readCliHeader(image);
  if (header === null) return null;
  const { flags } = header;
  const prefers32Bit = (flags & COMIMAGE_FLAGS_32BITPREFERRED) !== 0;
  const requires32Bit = (flags & COMIMAGE_FLAGS_32BITREQUIRED) !== 0 && !prefers32Bit;
  const ilOnly = (flags & COMIMAGE_FLAGS_ILONLY) !== 0;
  const root = parts.read('CLI metadata', null, () => readMetadataRoot(image, header.metadataRva));
  const isI386 = !image.header.isPe32Plus && image.header.Machine === IMAGE_FILE_MACHINE.I386;
  return {
    metadataVersion: root?.version ?? null,
    ilOnly,
    requires32Bit,
    prefers32Bit,
    anyCpu: ilOnly && !requires32Bit && isI386,
    ...parts.read('CLI metadata', { targetFramework: null, pinvokeModules: [] }, () => readReferences(image, root)),
  };
}

/** Streams of the metadata; empty where the file is not managed. */
export function metadataStreams(image: PeImage): readonly MetadataStream[] {
  const header = readCliHeader(image);
  return header === null ? [] : readMetadataRoot(image, header.metadataRva).streams;
}

function readCliHeader(image: PeImage): { readonly metadataRva: number; readonly flags: number } | null {
  const directory = image.header.directories[DIRECTORY.clr];
  if (directory === undefined || directory.rva === 0) return null;
  const fields = image.fields(directory.rva, CLI_HEADER_BYTES, 'CLI header');
  return { metadataRva: fields.getUint32(8, true), flags: fields.getUint32(16, true) };
}

function readMetadataRoot(image: PeImage, root: number): MetadataRoot {
  const fields = image.fields(root, ROOT_BYTES, 'metadata root');
  const signature = fields.getUint32(0, true);
  if (signature !== METADATA_SIGNATURE)
    throw badValue(image.offsetOf(root, 4, 'metadata root'), 'Signature', signature);
  const length = withinLimit(fields.getUint32(12, true), MAX_VERSION_BYTES + 1, root, 'bytes of version');
  const version = upToNul(image.bytes(root + ROOT_BYTES, length, 'metadata version'));
  const headersAt = root + ROOT_BYTES + length;
  const count = image.fields(headersAt, 4, 'metadata root').getUint16(2, true);
  withinLimit(count, MAX_STREAMS, root, 'streams');
  return { version, streams: readStreams(image, root, headersAt + 4, count) };
}

/** Offset (from the root), size, and the name padded with NULs to four bytes. */
function readStreams(image: PeImage, root: number, start: number, count: number): readonly MetadataStream[] {
  let at = start;
  return Array.from({ length: count }, () => {
    const fields = image.fields(at, 8, 'stream header');
    const name = image.name(at + 8, 'stream name').slice(0, MAX_STREAM_NAME);
    at += 8 + 4 * (Math.floor(name.length / 4) + 1);
    return { name, rva: root + fields.getUint32(0, true), size: fields.getUint32(4, true) };
  });
}

type References = Pick<ClrHeader, 'targetFramework' | 'pinvokeModules'>;

function readReferences(image: PeImage, root: MetadataRoot | null): References {
  const stream = root?.streams.find(({ name }) => name === '#~' || name === '#-');
  const strings = root?.streams.find(({ name }) => name === '#Strings');
  if (stream === undefined || strings === undefined) return { targetFramework: null, pinvokeModules: [] };
  const tables = new MetadataTables((at, length) => image.fields(stream.rva + at, length, 'metadata table'));
  const text = (index: number | undefined): string => image.name(strings.rva + (index ?? 0), 'metadata string');
  withinLimit(tables.rows(TABLE.ModuleRef), MAX_MODULES, 0, 'modules');
  // An assembly with native code has a reference without a name, to itself.
  const pinvokeModules = [...tables.all(TABLE.ModuleRef)].map(([name]) => text(name)).filter((name) => name !== '');
  const blobs = root?.streams.find(({ name }) => name === '#Blob');
  if (blobs === undefined) return { targetFramework: null, pinvokeModules };
  const blob = frameworkBlob(tables, text);
  return { targetFramework: blob === null ? null : readFramework(image, blobs.rva + blob), pinvokeModules };
}

/** Index of the value of the assembly's TargetFrameworkAttribute, whose constructor is a member of a TypeRef. */
function frameworkBlob(tables: MetadataTables, text: (index: number | undefined) => string): number | null {
  for (const [parent = 0, type = 0, value = 0] of tables.all(TABLE.CustomAttribute)) {
    if (decodeIndex('HasCustomAttribute', parent).tag !== HAS_CUSTOM_ATTRIBUTE_ASSEMBLY) continue;
    const constructor = decodeIndex('CustomAttributeType', type);
    if (constructor.tag !== CUSTOM_ATTRIBUTE_TYPE_MEMBER_REF) continue;
    const owner = decodeIndex('MemberRefParent', tables.row(TABLE.MemberRef, constructor.row)?.[0] ?? 0);
    if (owner.tag !== MEMBER_REF_PARENT_TYPE_REF) continue;
    const typeRef = tables.row(TABLE.TypeRef, owner.row);
    if (typeRef !== null && text(typeRef[1]) === 'TargetFrameworkAttribute') return value;
  }
  return null;
}

/** A blob of length, prolog and one SerString: `.NETFramework,Version=v4.8`. Null where it is another thing. */
function readFramework(image: PeImage, rva: number): string | null {
  const head = image.fields(rva, Math.min(16, image.available(rva, 'blob')), 'blob');
  const blob = packedLength(head, 0);
  if (head.byteLength < 8 || blob.length < 3 || head.getUint16(blob.bytes, true) !== ATTRIBUTE_PROLOG) return null;
  const text = packedLength(head, blob.bytes + 2);
  const from = blob.bytes + 2 + text.bytes;
  if (text.length > MAX_FRAMEWORK_BYTES || text.length > blob.length) return null;
  return decodeText(image.bytes(rva + from, text.length, 'TargetFrameworkAttribute'));
}

/** ECMA-335, II.23.2: 1, 2 or 4 bytes, big endian, the top bits say how many. */
function packedLength(fields: DataView, at: number): { readonly length: number; readonly bytes: number } {
  const first = at < fields.byteLength ? fields.getUint8(at) : 0;
  if (first < 0x80) return { length: first, bytes: 1 };
  if (first < 0xc0 && at + 2 <= fields.byteLength) return { length: fields.getUint16(at) & 0x3fff, bytes: 2 };
  if (at + 4 <= fields.byteLength) return { length: fields.getUint32(at) & 0x1fffffff, bytes: 4 };
  return { length: 0, bytes: 4 };
}

function upToNul(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return decodeText(nul === -1 ? bytes : bytes.subarray(0, nul));
}
