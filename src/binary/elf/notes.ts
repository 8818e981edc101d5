import type { ElfFile } from './header.js';
import type { ProgramHeader } from './program-headers.js';
import type { Section } from './sections.js';
import { type PartReader, truncated, withinLimit } from '../door.js';
import {
  ET_CORE,
  GNU_PROPERTY_X86_ISA_1_NEEDED,
  GNU_PROPERTY_X86_ISA_1_USED,
  MAX_NOTE_AREAS,
  MAX_NOTE_BYTES,
  MAX_NOTES,
  NT_GNU_ABI_TAG,
  NT_GNU_BUILD_ID,
  NT_GNU_PROPERTY_TYPE_0,
  PT_GNU_PROPERTY,
  PT_NOTE,
  SHT_NOTE,
} from './constants.js';

export type IsaLevel = 1 | 2 | 3 | 4;

/** Facts of notes whose owner is `GNU`. */
export interface NoteFacts {
  abiTag: { readonly os: string; readonly kernel: string } | null;
  buildId: string | null;
  x86IsaNeeded: IsaLevel | null;
  x86IsaUsed: IsaLevel | null;
}

interface NoteArea {
  readonly at: number;
  readonly size: number;
  /** 8 for areas of that alignment, else 4 (Linux Extensions to gABI, "Note Section"). */
  readonly align: 4 | 8;
}

/**
 * Notes of PT_NOTE and PT_GNU_PROPERTY, which loaders read, then of sections outside them: objects have no program
 * headers, and Go's linker leaves `.note.gnu.build-id` out of its PT_NOTE. What comes first counts.
 */
export function readNotes(
  file: ElfFile,
  headers: readonly ProgramHeader[],
  sections: readonly Section[],
  parts: PartReader,
): NoteFacts {
  const facts: NoteFacts = { abiTag: null, buildId: null, x86IsaNeeded: null, x86IsaUsed: null };
  if (file.header.e_type === ET_CORE) return facts;
  parts.read('notes', null, () => {
    let left = MAX_NOTES;
    const areas = noteAreas(headers, sections);
    for (const area of areas) left -= readArea(file, area, facts, left);
    withinLimit(areas.length, MAX_NOTE_AREAS, areas.at(-1)?.at ?? 0, 'areas of notes');
    return null;
  });
  return facts;
}

function noteAreas(headers: readonly ProgramHeader[], sections: readonly Section[]): NoteArea[] {
  const fromSegments = headers
    .filter(({ p_type, p_filesz }) => (p_type === PT_NOTE || p_type === PT_GNU_PROPERTY) && p_filesz > 0)
    .slice(0, MAX_NOTE_AREAS + 1)
    .map(({ p_offset, p_filesz, p_align }) => areaOf(p_offset, p_filesz, p_align));
  const fromSections = sections
    .filter(({ sh_type, sh_size }) => sh_type === SHT_NOTE && sh_size > 0)
    .slice(0, MAX_NOTE_AREAS + 1)
    .map(({ sh_offset, sh_size, sh_addralign }) => areaOf(sh_offset, sh_size, sh_addralign))
    .filter((area) => !fromSegments.some((segment) => contains(segment, area)));
  return [...fromSegments, ...fromSections];
}

function areaOf(at: number, size: number, align: number): NoteArea {
  return { at, size, align: align === 8 ? 8 : 4 };
}

function contains(outer: NoteArea, inner: NoteArea): boolean {
  return inner.at >= outer.at && inner.at + inner.size <= outer.at + outer.size;
}

/**
 * Note (gABI 4.1, Figure 5-7): namesz 0, descsz 4, type 8, name 12, then the description. Name and description are
 * padded so that the next part is aligned. Gives the count of notes, which must not pass `limit`.
 */
function readArea(file: ElfFile, area: NoteArea, facts: NoteFacts, limit: number): number {
  const { reader } = file;
  const end = area.at + withinLimit(area.size, MAX_NOTE_BYTES, area.at, 'bytes of notes');
  let at = area.at;
  let count = 0;
  for (; at + 12 <= end; count += 1) {
    if (count >= limit) withinLimit(MAX_NOTES + 1, MAX_NOTES, at, 'notes');
    const nameSize = reader.u32(at);
    const size = reader.u32(at + 4);
    const description = area.at + alignUp(at + 12 + nameSize - area.at, area.align);
    if (description + size > end) throw truncated(at, description + size - at, end - at);
    if (nameSize === 4 && isGnu(file, at + 12)) readGnuNote(file, reader.u32(at + 8), description, size, facts);
    at = area.at + alignUp(description + size - area.at, area.align);
  }
  return count;
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

function isGnu({ reader }: ElfFile, at: number): boolean {
  return reader.u8(at) === 0x47 && reader.u8(at + 1) === 0x4e && reader.u8(at + 2) === 0x55 && reader.u8(at + 3) === 0;
}

function readGnuNote(file: ElfFile, type: number, at: number, size: number, facts: NoteFacts): void {
  switch (type) {
    case NT_GNU_ABI_TAG:
      facts.abiTag ??= readAbiTag(file, at, size);
      break;
    case NT_GNU_BUILD_ID:
      facts.buildId ??= hex(file.reader.bytes(at, size));
      break;
    case NT_GNU_PROPERTY_TYPE_0:
      readProperties(file, at, size, facts);
      break;
    default:
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** First word of NT_GNU_ABI_TAG (LSB Core, "ABI note"; glibc, elf.h, ELF_NOTE_OS_*). */
const ABI_SYSTEMS = ['linux', 'hurd', 'solaris', 'freebsd', 'netbsd', 'syllable', 'nacl'];

function readAbiTag({ reader }: ElfFile, at: number, size: number): NoteFacts['abiTag'] {
  if (size < 16) throw truncated(at, 16, size);
  const system = reader.u32(at);
  const kernel = [4, 8, 12].map((offset) => reader.u32(at + offset)).join('.');
  return { os: ABI_SYSTEMS[system] ?? `other-${system}`, kernel };
}

/**
 * NT_GNU_PROPERTY_TYPE_0 (Linux Extensions to gABI): pr_type 0, pr_datasz 4, data 8, padded to 8 bytes in ELF64 and to
 * 4 in ELF32.
 */
function readProperties(file: ElfFile, from: number, size: number, facts: NoteFacts): void {
  const { reader } = file;
  const end = from + size;
  let at = from;
  while (at + 8 <= end) {
    const type = reader.u32(at);
    const bytes = reader.u32(at + 4);
    if (at + 8 + bytes > end) throw truncated(at, 8 + bytes, end - at);
    if (bytes === 4 && file.header.endianness === 'little') {
      if (type === GNU_PROPERTY_X86_ISA_1_NEEDED) facts.x86IsaNeeded ??= isaLevel(reader.u32(at + 8));
      if (type === GNU_PROPERTY_X86_ISA_1_USED) facts.x86IsaUsed ??= isaLevel(reader.u32(at + 8));
    }
    at += 8 + alignUp(bytes, file.word);
  }
}

/** Highest of the bits baseline, v2, v3, v4 (x86-64 psABI, "Program Property"); null where none is set. */
function isaLevel(bits: number): IsaLevel | null {
  if ((bits & 8) !== 0) return 4;
  if ((bits & 4) !== 0) return 3;
  if ((bits & 2) !== 0) return 2;
  return (bits & 1) !== 0 ? 1 : null;
}
