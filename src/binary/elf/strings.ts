import type { ByteRange } from '../../model/collector.js';
import type { FileView } from '../../model/view.js';
import type { ProgramHeader } from './program-headers.js';
import type { Section } from './sections.js';
import { atDoor, PartReader } from '../door.js';
import { PF_W, PF_X, PT_LOAD, SHT_PROGBITS } from './constants.js';
import { openElf } from './header.js';
import { readProgramHeaders } from './program-headers.js';
import { isDebugOnly, readSections } from './sections.js';

/** Bytes of a file in which text can be. */
export interface StringSection {
  /** `.rodata`; `segment 3` where the file has no sections. */
  readonly name: string;
  readonly range: ByteRange;
}

/** Sections that hold text of the program: read-only data and data, also of the large code model. */
const TEXT_SECTIONS = /^\.l?(?:rodata|data)(?:$|[.1])/u;
/** Pointers that relocation makes read-only; no compiler puts text there. */
const POINTERS = /^\.data\.rel\.ro/u;

/** Where a string scan looks. Empty for what is no ELF file. */
export function stringSections(view: FileView): readonly StringSection[] {
  const result = atDoor(() => {
    const file = openElf(view);
    const parts = new PartReader();
    const sections = readSections(file, parts);
    if (sections.some((section) => section.name !== '')) return fromSections(sections);
    return fromSegments(readProgramHeaders(file, parts));
  });
  return result.ok ? disjoint(result.value, view.size) : [];
}

function fromSections(sections: readonly Section[]): StringSection[] {
  if (isDebugOnly(sections)) return [];
  return sections
    .filter(({ name, sh_type }) => sh_type === SHT_PROGBITS && TEXT_SECTIONS.test(name) && !POINTERS.test(name))
    .map(({ name, sh_offset, sh_size }) => ({ name, range: { from: sh_offset, to: sh_offset + sh_size } }));
}

/**
 * Segments that are not executable. Linkers that put read-only data between the code (GNU ld with
 * `-z noseparate-code`) leave no segment that is neither writable nor executable: then every segment is scanned.
 */
function fromSegments(headers: readonly ProgramHeader[]): StringSection[] {
  const loads = headers.filter((header) => header.p_type === PT_LOAD && header.p_filesz > 0);
  const separate = loads.some((header) => (header.p_flags & (PF_W | PF_X)) === 0);
  return loads
    .filter((header) => !separate || (header.p_flags & PF_X) === 0)
    .map(({ index, p_offset, p_filesz }) => ({
      name: `segment ${index}`,
      range: { from: p_offset, to: p_offset + p_filesz },
    }));
}

/** Inside the file, in its order, and none twice: what is scanned is never more than the file. */
function disjoint(sections: readonly StringSection[], size: number): readonly StringSection[] {
  const sorted = sections.toSorted((a, b) => a.range.from - b.range.from);
  let end = 0;
  return sorted.flatMap(({ name, range }) => {
    const from = Math.max(range.from, end);
    const to = Math.min(range.to, size);
    if (from >= to) return [];
    end = to;
    return [{ name, range: { from, to } }];
  });
}
