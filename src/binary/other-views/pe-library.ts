import { atDoor, withinLimit } from '../door.js';
import { peReader, readHeader } from '../pe/header.js';
import { listResources } from '../pe/resources.js';
import { PeImage, readSections } from '../pe/sections.js';
import { memoryView } from '../../model/view.js';
import { MAX_VIEW_BYTES, refused, type OtherResource, type OtherView } from './view.js';

type PeLibrary = typeof import('pe-library');
type Executable = ReturnType<PeLibrary['NtExecutable']['from']>;

/**
 * pe-library's view of a whole PE file: headers, sections and resources. It refuses every file with COFF symbols,
 * which is most of what GNU tools link, and knows neither imports nor exports.
 */
export async function viewWithPeLibrary(bytes: Uint8Array): Promise<OtherView> {
  if (bytes.length > MAX_VIEW_BYTES) return refused('pe-library', 'the file is too large to be read whole');
  const bounded = checkBounds(bytes);
  if (bounded !== null) return refused('pe-library', bounded);
  const library = await import('pe-library');
  try {
    const executable = library.NtExecutable.from(bytes, { ignoreCert: true });
    const { fileHeader, optionalHeader } = executable.newHeader;
    return {
      library: 'pe-library',
      accepted: true,
      headers: {
        is32bit: executable.is32bit(),
        machine: fileHeader.machine,
        characteristics: fileHeader.characteristics,
        numberOfSections: fileHeader.numberOfSections,
        imageBase: executable.getImageBase(),
        subsystem: optionalHeader.subsystem,
        majorSubsystemVersion: optionalHeader.majorSubsystemVersion,
        minorSubsystemVersion: optionalHeader.minorSubsystemVersion,
      },
      sections: sectionsOf(executable),
      resources: resourcesOf(library, executable),
    };
  } catch (cause) {
    return refused('pe-library', cause);
  }
}

/** Sorted by their place in the file, as the library gives them. */
function sectionsOf(executable: Executable): Extract<OtherView, { accepted: true }>['sections'] {
  return executable.getAllSections().map(({ info }) => ({
    name: info.name,
    type: null,
    offset: info.pointerToRawData,
    size: info.sizeOfRawData,
  }));
}

function resourcesOf(library: PeLibrary, executable: Executable): readonly OtherResource[] {
  const resources = library.NtExecutableResource.from(executable, true);
  return resources.entries.map(({ type, id, lang, bin }) => ({ type, id, language: lang, size: bin.byteLength }));
}

/** The library copies sections and resources: a file whose parts overlap would become many times its size. */
function checkBounds(bytes: Uint8Array): string | null {
  const checked = atDoor(() => {
    const reader = peReader(memoryView(bytes));
    const header = readHeader(reader);
    const sections = readSections(reader, header);
    const inSections = sections.reduce((sum, section) => sum + section.SizeOfRawData, 0);
    withinLimit(inSections, 2 * bytes.length, 0, 'bytes of sections');
    const resources = listResources(new PeImage(reader, header, sections));
    const inResources = resources.reduce((sum, resource) => sum + resource.size, 0);
    withinLimit(inResources, 2 * bytes.length, 0, 'bytes of resources');
  });
  if (checked.ok) return null;
  return `the file cannot be bounded: ${checked.error.kind} at offset ${checked.error.at}`;
}
