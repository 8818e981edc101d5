import { atDoor, PartReader } from '../door.js';
import { openElf, sectionNameIndex } from '../elf/header.js';
import { readSections } from '../elf/sections.js';
import { memoryView } from '../../model/view.js';
import { MAX_VIEW_BYTES, refused, type OtherView } from './view.js';

/** elfy looks for the end of each section's name byte by byte: sections × bytes of the name table. */
const MAX_NAME_STEPS = 1 << 26;

/**
 * elfy's view of a whole ELF file. It reads EI_VERSION as the OS ABI (so `hpux` for every file), knows few machines,
 * and refuses a file without a section name table.
 */
export async function viewWithElfy(bytes: Uint8Array): Promise<OtherView> {
  if (bytes.length > MAX_VIEW_BYTES) return refused('elfy', 'the file is too large to be read whole');
  if (nameSteps(bytes) > MAX_NAME_STEPS) return refused('elfy', 'the section names would take too long');
  const { default: elfy } = await import('elfy');
  try {
    const file = elfy.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return {
      library: 'elfy',
      accepted: true,
      headers: {
        class: file.class,
        endian: file.endian,
        osabi: file.osabi ?? null,
        type: file.type ?? null,
        machine: file.machine ?? null,
        entry: file.entry,
        phnum: file.phnum,
        shnum: file.shnum,
      },
      sections: file.body.sections.map(({ name, type, off, size }) => ({
        name,
        type: String(type),
        offset: off,
        size,
      })),
    };
  } catch (cause) {
    return refused('elfy', cause);
  }
}

function nameSteps(bytes: Uint8Array): number {
  const counted = atDoor(() => {
    const file = openElf(memoryView(bytes));
    const sections = readSections(file, new PartReader());
    return sections.length * (sections[sectionNameIndex(file)]?.sh_size ?? bytes.length);
  });
  return counted.ok ? counted.value : 0;
}
