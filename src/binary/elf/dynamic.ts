import type { AddressMap, ProgramHeader } from './program-headers.js';
import type { ElfFile } from './header.js';
import { badValue, decodeText, truncated, withinLimit } from '../door.js';
import {
  DF_1_NOW,
  DF_BIND_NOW,
  DT,
  MAX_DYNAMIC_ENTRIES,
  MAX_INTERPRETER_BYTES,
  MAX_STRING_TABLE_BYTES,
  PT_DYNAMIC,
  PT_INTERP,
} from './constants.js';

/** Entry of the dynamic section (gABI 4.1, Figure 5-9): two words, d_tag and d_val or d_ptr. */
export interface DynamicEntry {
  /** File offset of the entry. */
  readonly at: number;
  readonly tag: bigint;
  readonly value: bigint;
}

/** What the loader reads in the dynamic section. */
export interface DynamicSection {
  readonly entries: readonly DynamicEntry[];
  readonly strings: StringTable | null;
}

/** PT_DYNAMIC up to DT_NULL; null where there is none. */
export function readDynamicEntries(file: ElfFile, headers: readonly ProgramHeader[]): readonly DynamicEntry[] | null {
  const header = headers.find((candidate) => candidate.p_type === PT_DYNAMIC);
  if (header === undefined) return null;
  const entrySize = 2 * file.word;
  const count = Math.floor(header.p_filesz / entrySize);
  const entries: DynamicEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    withinLimit(index, MAX_DYNAMIC_ENTRIES, header.at, 'dynamic entries');
    const at = header.p_offset + index * entrySize;
    const value = file.address(at + file.word);
    const tag = file.address(at);
    if (tag === DT.NULL) break;
    entries.push({ at, tag, value });
  }
  return entries;
}

/** The last entry of a tag, as glibc keeps it; null where there is none. */
export function entryOf(entries: readonly DynamicEntry[], tag: bigint): DynamicEntry | null {
  return entries.findLast((entry) => entry.tag === tag) ?? null;
}

/** A flag word; 0 where the tag is absent. */
export function flagsOf(entries: readonly DynamicEntry[], tag: bigint): number {
  return Number((entryOf(entries, tag)?.value ?? 0n) & 0xffffffffn);
}

/** DT_BIND_NOW, DF_BIND_NOW of DT_FLAGS or DF_1_NOW of DT_FLAGS_1. */
export function bindsNow(entries: readonly DynamicEntry[]): boolean {
  return (
    entryOf(entries, DT.BIND_NOW) !== null ||
    (flagsOf(entries, DT.FLAGS) & DF_BIND_NOW) !== 0 ||
    (flagsOf(entries, DT.FLAGS_1) & DF_1_NOW) !== 0
  );
}

/** Names share their ends, so all together may be longer than the table, but not many times. */
const TABLE_READINGS = 4;
const SMALL_TABLE_BYTES = 2 ** 20;

/** DT_STRTAB, read as a whole: names are looked up in it by offset. */
export class StringTable {
  private readonly bytes: Uint8Array;
  private readonly from: number;
  private readonly limit: number;
  private used = 0;

  constructor(bytes: Uint8Array, from: number) {
    this.bytes = bytes;
    this.from = from;
    this.limit = TABLE_READINGS * bytes.length + SMALL_TABLE_BYTES;
  }

  /** Text at an offset of the table; `at` is the place of the field that holds it. */
  text(offset: number, at: number, field: string): string {
    return decodeText(this.name(offset, at, field));
  }

  /** The same as bytes of the table. */
  name(offset: number, at: number, field: string): Uint8Array {
    if (offset >= this.bytes.length) throw badValue(at, field, offset);
    const end = this.bytes.indexOf(0, offset);
    if (end === -1) {
      const left = this.bytes.length - offset;
      throw truncated(this.from + offset, left + 1, left);
    }
    this.used += end - offset;
    withinLimit(this.used, this.limit, at, 'bytes of names');
    return this.bytes.subarray(offset, end);
  }
}

/** Reads DT_STRTAB by its address; null where the section has none. */
export function readStringTable(file: ElfFile, map: AddressMap, entries: readonly DynamicEntry[]): StringTable | null {
  const table = entryOf(entries, DT.STRTAB);
  const size = entryOf(entries, DT.STRSZ);
  if (table === null || size === null) return null;
  const from = map.offset(table.value, table.at, 'DT_STRTAB');
  if (size.value > BigInt(MAX_STRING_TABLE_BYTES)) {
    withinLimit(Number(size.value), MAX_STRING_TABLE_BYTES, size.at, 'bytes of dynamic strings');
  }
  // What the file does not have is missed where a name leads there.
  return new StringTable(file.reader.bytesUpTo(from, Number(size.value)), from);
}

/** Texts of every entry of a tag, in the file's order. */
export function textsOf(dynamic: DynamicSection, tag: bigint, field: string): readonly string[] {
  return dynamic.entries.filter((entry) => entry.tag === tag).map((entry) => textOf(dynamic, entry, field));
}

/** Text of the last entry of a tag; null where there is none. */
export function lastTextOf(dynamic: DynamicSection, tag: bigint, field: string): string | null {
  const entry = entryOf(dynamic.entries, tag);
  return entry === null ? null : textOf(dynamic, entry, field);
}

function textOf(dynamic: DynamicSection, entry: DynamicEntry, field: string): string {
  if (dynamic.strings === null || entry.value > BigInt(MAX_STRING_TABLE_BYTES)) {
    throw badValue(entry.at, field, entry.value);
  }
  return dynamic.strings.text(Number(entry.value), entry.at, field);
}

/**
 * PT_INTERP up to its first NUL (s390x libc has two at the end). Without one the kernel refuses the file
 * (fs/binfmt_elf.c, ENOEXEC).
 */
export function readInterpreter(file: ElfFile, headers: readonly ProgramHeader[]): string | null {
  const header = headers.find((candidate) => candidate.p_type === PT_INTERP);
  if (header === undefined || header.p_filesz === 0) return null;
  withinLimit(header.p_filesz, MAX_INTERPRETER_BYTES, header.at, 'bytes of interpreter');
  const bytes = file.reader.bytes(header.p_offset, header.p_filesz);
  const end = bytes.indexOf(0);
  if (end === -1) throw truncated(header.p_offset, bytes.length + 1, bytes.length);
  return decodeText(bytes.subarray(0, end));
}
