import { badValue, decodeText, truncated, withinLimit, ByteReader } from '../door.js';
import { readGoBlob } from '../go-blob.js';
import type { GoBuildInfo, MachoSlice } from '../../model/binary.js';
import type { FileView } from '../../model/view.js';
import {
  KINDS,
  GO_SECTION,
  LC_BUILD_VERSION,
  LC_SEGMENT,
  LC_SEGMENT_64,
  LOADS_DYLIB,
  MACHINES,
  MAX_GO_SECTION_BYTES,
  MAX_LOAD_COMMANDS,
  MAX_LOAD_COMMAND_BYTES,
  MAX_NAME_BYTES,
  PLATFORMS,
  VERSION_MIN,
} from './constants.js';
import { MACHO_MAGIC } from './magic.js';

/**
 * Mach header (mach-o/loader.h): magic 0, cputype 4, cpusubtype 8, filetype 12, ncmds 16, sizeofcmds 20, flags 24;
 * load commands follow at 28 (32-bit) or 32 (64-bit): cmd 0, cmdsize 4.
 *
 *   dylib_command           name offset 8 (from the command)
 *   version_min_command     version 8
 *   build_version_command   platform 8, minos 12
 *
 * Versions are x.y.z in bytes: 16 bits, 8, 8.
 */
const HEADER_BYTES = { 32: 28, 64: 32 } as const;
/** cpusubtype without its capability bits. */
const SUBTYPE_MASK = 0x00ffffff;

export interface ReadSlice {
  readonly slice: MachoSlice;
  readonly endianness: 'little' | 'big';
  readonly go: GoBuildInfo | null;
}

type Platform = NonNullable<MachoSlice['platform']>;

interface Commands {
  readonly dylibs: string[];
  platform: Platform | null;
  /** Section of Go's build information, from the start of the slice. */
  goSection: { readonly offset: number; readonly size: number } | null;
}

/** Reads the Mach-O file that starts at `offset`; `asPart` runs what reads its load commands, which may be broken. */
export function readSlice(view: FileView, offset: number, asPart: (part: string, body: () => void) => void): ReadSlice {
  const { endianness, bits } = readMagic(view, offset);
  const reader = new ByteReader(view, endianness);
  const cpuType = reader.u32(offset + 4);
  const commands: Commands = { dylibs: [], platform: null, goSection: null };
  const slice = {
    machine: MACHINES.get(cpuType) ?? (`other-${cpuType}` as const),
    cpuType,
    cpuSubtype: reader.u32(offset + 8) & SUBTYPE_MASK,
    bits,
    kind: KINDS.get(reader.u32(offset + 12)) ?? 'other',
  };
  asPart('load commands', () => readCommands(reader, offset, HEADER_BYTES[bits], commands));
  let go: GoBuildInfo | null = null;
  const { goSection } = commands;
  if (goSection !== null) {
    asPart('Go build information', () => (go = readGoBlob(reader, offset + goSection.offset, goSection.size)));
  }
  return {
    go,
    endianness,
    slice: { ...slice, platform: commands.platform, dylibs: commands.dylibs, offset },
  };
}

function readMagic(view: FileView, offset: number): { readonly endianness: 'little' | 'big'; readonly bits: 32 | 64 } {
  const magic = new ByteReader(view, 'big').u32(offset);
  switch (magic) {
    case MACHO_MAGIC.MH_MAGIC:
      return { endianness: 'big', bits: 32 };
    case MACHO_MAGIC.MH_CIGAM:
      return { endianness: 'little', bits: 32 };
    case MACHO_MAGIC.MH_MAGIC_64:
      return { endianness: 'big', bits: 64 };
    case MACHO_MAGIC.MH_CIGAM_64:
      return { endianness: 'little', bits: 64 };
    default:
      throw badValue(offset, 'magic', magic);
  }
}

/** What was read before a broken command is kept. */
function readCommands(reader: ByteReader, offset: number, headerBytes: number, commands: Commands): void {
  const count = withinLimit(reader.u32(offset + 16), MAX_LOAD_COMMANDS, offset + 16, 'load commands');
  const size = withinLimit(reader.u32(offset + 20), MAX_LOAD_COMMAND_BYTES, offset + 20, 'bytes of load commands');
  const end = offset + headerBytes + size;
  let at = offset + headerBytes;
  for (let index = 0; index < count; index += 1) {
    if (at + 8 > end) throw truncated(at, 8, end - at);
    const cmdsize = reader.u32(at + 4);
    if (cmdsize < 8) throw badValue(at + 4, 'cmdsize', cmdsize);
    if (at + cmdsize > end) throw truncated(at, cmdsize, end - at);
    readCommand(reader, at, cmdsize, commands);
    at += cmdsize;
  }
}

function readCommand(reader: ByteReader, at: number, cmdsize: number, commands: Commands): void {
  const cmd = reader.u32(at);
  if (cmd === LC_SEGMENT || cmd === LC_SEGMENT_64) findGoSection(reader, at, cmdsize, commands);
  if (LOADS_DYLIB.has(cmd)) {
    commands.dylibs.push(readDylib(reader, at, cmdsize));
    return;
  }
  const oldPlatform = VERSION_MIN.get(cmd);
  if (oldPlatform !== undefined) commands.platform ??= { name: oldPlatform, minimum: version(reader.u32(at + 8)) };
  if (cmd !== LC_BUILD_VERSION) return;
  const platform = reader.u32(at + 8);
  const name = PLATFORMS.get(platform) ?? `other-${platform}`;
  commands.platform ??= { name, minimum: version(reader.u32(at + 12)) };
}

/**
 * Sections of a segment command: 68 bytes each from 56 (32-bit), 80 from 72 (64-bit); name 0, then address and size
 * of 4 or 8 bytes from 32, and the offset in the file.
 */
function findGoSection(reader: ByteReader, at: number, cmdsize: number, commands: Commands): void {
  const is64 = reader.u32(at) === LC_SEGMENT_64;
  const step = is64 ? 80 : 68;
  for (let section = at + (is64 ? 72 : 56); section + step <= at + cmdsize; section += step) {
    if (decodeText(reader.bytes(section, GO_SECTION.length)) !== GO_SECTION) continue;
    const offset = reader.u32(section + (is64 ? 48 : 40));
    const size = is64 ? reader.safe64(section + 40, 'size') : reader.u32(section + 36);
    commands.goSection ??= { offset, size: Math.min(size, MAX_GO_SECTION_BYTES) };
  }
}

/** The name ends at a NUL or at the end of the command. */
function readDylib(reader: ByteReader, at: number, cmdsize: number): string {
  const from = reader.u32(at + 8);
  if (from >= cmdsize) throw badValue(at + 8, 'offset of the library name', from);
  const room = withinLimit(cmdsize - from, MAX_NAME_BYTES, at, 'bytes of library name');
  const bytes = reader.bytes(at + from, room);
  const nul = bytes.indexOf(0);
  return new TextDecoder().decode(nul === -1 ? bytes : bytes.subarray(0, nul));
}

/** `11.0`, `10.13.4`: a third part of zero is left out, as Apple's tools print it. */
function version(value: number): string {
  const patch = value & 0xff;
  return `${value >>> 16}.${(value >>> 8) & 0xff}${patch === 0 ? '' : `.${patch}`}`;
}
