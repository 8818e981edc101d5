import { badValue, truncated, withinLimit, ByteReader } from '../door.js';
import type { FileView } from '../../model/view.js';
import { MAX_DATA_DIRECTORIES, MAX_SECTIONS, PE32, PE32_PLUS } from './constants.js';

/**
 * MS-DOS stub, COFF header and optional header (PE Format, "MS-DOS Stub", "COFF File Header", "Optional Header").
 *
 *   field               from the start of     PE32  PE32+  size
 *   e_lfanew            the file                60     60  4
 *   Machine             the COFF header          0      0  2     (4 bytes behind e_lfanew, after `PE\0\0`)
 *   NumberOfSections                             2      2  2
 *   SizeOfOptionalHeader                        16     16  2
 *   Characteristics                             18     18  2
 *   Magic               the optional header      0      0  2
 *   ImageBase                                   28     24  4 / 8
 *   SectionAlignment                            32     32  4
 *   OperatingSystemVersion                      40     40  2 + 2
 *   SubsystemVersion                            48     48  2 + 2
 *   SizeOfHeaders                               60     60  4
 *   Subsystem                                   68     68  2
 *   DllCharacteristics                          70     70  2
 *   NumberOfRvaAndSizes                         92    108  4
 *   data directories                            96    112  8 each
 */
export interface PeHeader {
  readonly Machine: number;
  readonly Characteristics: number;
  readonly NumberOfSections: number;
  readonly isPe32Plus: boolean;
  readonly ImageBase: bigint;
  readonly SectionAlignment: number;
  readonly SizeOfHeaders: number;
  readonly Subsystem: number;
  readonly DllCharacteristics: number;
  readonly osVersion: string;
  readonly subsystemVersion: string;
  readonly directories: readonly DataDirectory[];
  /** File offset of the section table. */
  readonly sectionTableAt: number;
}

export interface DataDirectory {
  readonly rva: number;
  readonly size: number;
  /** File offset of the entry itself, for gaps. */
  readonly at: number;
}

const MZ = 0x5a4d;
const PE_SIGNATURE = 0x4550;
const COFF_HEADER_BYTES = 20;
/** Optional header up to its data directories. */
const FIXED_BYTES = { pe32: 96, pe32Plus: 112 } as const;

export function isMz(head: Uint8Array): boolean {
  return head[0] === 0x4d && head[1] === 0x5a;
}

export function readHeader(reader: ByteReader): PeHeader {
  const coffAt = readPeOffset(reader) + 4;
  const optionalAt = coffAt + COFF_HEADER_BYTES;
  const SizeOfOptionalHeader = reader.u16(coffAt + 16);
  const NumberOfSections = withinLimit(reader.u16(coffAt + 2), MAX_SECTIONS, coffAt + 2, 'sections');
  const Magic = reader.u16(optionalAt);
  if (Magic !== PE32 && Magic !== PE32_PLUS) throw badValue(optionalAt, 'Magic', Magic);
  const isPe32Plus = Magic === PE32_PLUS;
  const fixed = isPe32Plus ? FIXED_BYTES.pe32Plus : FIXED_BYTES.pe32;
  if (SizeOfOptionalHeader < fixed) throw truncated(optionalAt, fixed, SizeOfOptionalHeader);
  return {
    Machine: reader.u16(coffAt),
    Characteristics: reader.u16(coffAt + 18),
    NumberOfSections,
    isPe32Plus,
    ImageBase: isPe32Plus ? reader.u64(optionalAt + 24) : BigInt(reader.u32(optionalAt + 28)),
    SectionAlignment: reader.u32(optionalAt + 32),
    SizeOfHeaders: reader.u32(optionalAt + 60),
    Subsystem: reader.u16(optionalAt + 68),
    DllCharacteristics: reader.u16(optionalAt + 70),
    osVersion: readVersion(reader, optionalAt + 40),
    subsystemVersion: readVersion(reader, optionalAt + 48),
    directories: readDirectories(reader, optionalAt + fixed, SizeOfOptionalHeader - fixed),
    sectionTableAt: optionalAt + SizeOfOptionalHeader,
  };
}

/** Data directories stop at NumberOfRvaAndSizes and at the end of the optional header, whichever comes first. */
function readDirectories(reader: ByteReader, at: number, room: number): readonly DataDirectory[] {
  const count = Math.min(reader.u32(at - 4), Math.floor(room / 8), MAX_DATA_DIRECTORIES);
  return Array.from({ length: count }, (_, index) => ({
    rva: reader.u32(at + index * 8),
    size: reader.u32(at + index * 8 + 4),
    at: at + index * 8,
  }));
}

/** File offset of `PE\0\0`. A DOS, 16-bit Windows or OS/2 program has another word there, or nothing. */
function readPeOffset(reader: ByteReader): number {
  if (reader.u16(0) !== MZ) throw badValue(0, 'e_magic', reader.u16(0));
  const e_lfanew = reader.u32(60);
  if (e_lfanew + 4 > reader.size) throw badValue(60, 'e_lfanew', e_lfanew);
  const signature = reader.u32(e_lfanew);
  if (signature !== PE_SIGNATURE) throw badValue(e_lfanew, 'Signature', signature);
  return e_lfanew;
}

function readVersion(reader: ByteReader, at: number): string {
  return `${reader.u16(at)}.${reader.u16(at + 2)}`;
}

export function peReader(view: FileView): ByteReader {
  return new ByteReader(view, 'little');
}
