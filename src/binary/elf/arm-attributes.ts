import type { ArmAttributes } from '../../model/binary.js';
import type { ProgramHeader } from './program-headers.js';
import type { ElfFile } from './header.js';
import type { Section } from './sections.js';
import { badValue, decodeText, truncated, withinLimit } from '../door.js';
import { EM, MAX_ARM_ATTRIBUTE_BYTES, PT_ARM_ATTRIBUTES, SHT_ARM_ATTRIBUTES } from './constants.js';

/**
 * `.ARM.attributes` (Addenda to the ABI for the Arm Architecture, "Formal syntax of build attributes section"):
 *
 *   'A'  { length u32, vendor NUL-terminated, { tag uleb128, length u32, { attribute uleb128, value }* }* }*
 *
 * Lengths count themselves and, inside, the tag. Only Tag_File of the vendor `aeabi` describes the whole file.
 */
const FORMAT_VERSION = 0x41;
const TAG_FILE = 1;

/** "Public aeabi attribute tags". */
const TAG = {
  CPU_raw_name: 4,
  CPU_name: 5,
  CPU_arch: 6,
  CPU_arch_profile: 7,
  FP_arch: 10,
  Advanced_SIMD_arch: 12,
  ABI_VFP_args: 28,
  compatibility: 32,
} as const;

/** Values of Tag_CPU_arch. */
const CPU_ARCH: readonly string[] = [
  'pre-v4',
  'v4',
  'v4T',
  'v5T',
  'v5TE',
  'v5TEJ',
  'v6',
  'v6KZ',
  'v6T2',
  'v6K',
  'v7',
  'v6-M',
  'v6S-M',
  'v7E-M',
  'v8',
  'v8-R',
  'v8-M.baseline',
  'v8-M.mainline',
  'v8.1-A',
  'v8.2-A',
  'v8.3-A',
  'v8.1-M.mainline',
  'v9',
];

/** Values of Tag_FP_arch; 0 permits no floating-point instructions. */
const FP_ARCH: readonly (string | null)[] = [
  null,
  'VFPv1',
  'VFPv2',
  'VFPv3',
  'VFPv3-D16',
  'VFPv4',
  'VFPv4-D16',
  'FPv8',
  'FPv8-D16',
];

type Values = ReadonlyMap<number, number | string>;

/** Attributes of an Arm file; null for other machines and where a file has none. */
export function readArmAttributes(
  file: ElfFile,
  headers: readonly ProgramHeader[],
  sections: readonly Section[],
): ArmAttributes | null {
  if (file.header.e_machine !== EM.ARM) return null;
  const section = sections.find((candidate) => candidate.sh_type === SHT_ARM_ATTRIBUTES);
  const segment = headers.find((candidate) => candidate.p_type === PT_ARM_ATTRIBUTES);
  const at = section?.sh_offset ?? segment?.p_offset;
  const size = section?.sh_size ?? segment?.p_filesz ?? 0;
  if (at === undefined || size === 0) return null;
  withinLimit(size, MAX_ARM_ATTRIBUTE_BYTES, at, 'bytes of attributes');
  const cursor = new Cursor(file.reader.bytes(at, size), at, file.header.endianness === 'little');
  return attributesOf(readFileAttributes(cursor));
}

/** Walks bytes that start at `base` of the file. */
class Cursor {
  readonly bytes: Uint8Array;
  readonly base: number;
  private readonly fields: DataView;
  private readonly little: boolean;
  at = 0;

  constructor(bytes: Uint8Array, base: number, little: boolean) {
    this.bytes = bytes;
    this.base = base;
    this.little = little;
    this.fields = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    this.need(1);
    return this.fields.getUint8(this.at++);
  }

  u32(): number {
    this.need(4);
    this.at += 4;
    return this.fields.getUint32(this.at - 4, this.little);
  }

  /** Values of attributes are small; what passes 2^35 is not one. */
  uleb128(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw badValue(this.base + this.at, 'ULEB128 number', value);
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end === -1) throw truncated(this.base + this.at, this.bytes.length - this.at + 1, this.bytes.length - this.at);
    const text = decodeText(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  private need(length: number): void {
    if (this.at + length > this.bytes.length) {
      throw truncated(this.base + this.at, length, this.bytes.length - this.at);
    }
  }
}

function readFileAttributes(cursor: Cursor): Values {
  const values = new Map<number, number | string>();
  const version = cursor.u8();
  if (version !== FORMAT_VERSION) throw badValue(cursor.base, 'format-version', version);
  while (cursor.at < cursor.bytes.length) {
    const start = cursor.at;
    const end = endOf(cursor, start, cursor.u32(), cursor.bytes.length);
    if (cursor.text() === 'aeabi') readSubsection(cursor, end, values);
    cursor.at = end;
  }
  return values;
}

/** A length must lead forward and stay inside what it is part of. */
function endOf(cursor: Cursor, start: number, length: number, limit: number): number {
  if (start + length <= cursor.at || start + length > limit) throw badValue(cursor.base + start, 'length', length);
  return start + length;
}

function readSubsection(cursor: Cursor, end: number, values: Map<number, number | string>): void {
  while (cursor.at < end) {
    const start = cursor.at;
    const tag = cursor.uleb128();
    const partEnd = endOf(cursor, start, cursor.u32(), end);
    while (tag === TAG_FILE && cursor.at < partEnd) readAttribute(cursor, values);
    cursor.at = partEnd;
  }
}

/** Tags above 32 have text where they are odd, a number where they are even; below, only the two names are text. */
function readAttribute(cursor: Cursor, values: Map<number, number | string>): void {
  const tag = cursor.uleb128();
  if (tag === TAG.compatibility) {
    cursor.uleb128();
    cursor.text();
    return;
  }
  const isText = tag === TAG.CPU_raw_name || tag === TAG.CPU_name || (tag > TAG.compatibility && tag % 2 === 1);
  values.set(tag, isText ? cursor.text() : cursor.uleb128());
}

function attributesOf(values: Values): ArmAttributes {
  const number = (tag: number): number | null => {
    const value = values.get(tag);
    return typeof value === 'number' ? value : null;
  };
  const cpuArch = number(TAG.CPU_arch);
  const profile = number(TAG.CPU_arch_profile) ?? 0;
  const fpArch = number(TAG.FP_arch) ?? 0;
  const name = values.get(TAG.CPU_name);
  return {
    cpuArch: cpuArch === null ? null : (CPU_ARCH[cpuArch] ?? `other-${cpuArch}`),
    cpuProfile: profile === 0 ? null : String.fromCharCode(profile & 0x7f),
    fpArch: fpArch < FP_ARCH.length ? (FP_ARCH[fpArch] ?? null) : `other-${fpArch}`,
    hardFloat: number(TAG.ABI_VFP_args) === 1,
    simd: (number(TAG.Advanced_SIMD_arch) ?? 0) > 0,
    cpuName: typeof name === 'string' ? name : null,
  };
}
