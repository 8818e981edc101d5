import { atDoor, PartReader, type ByteReader } from '../door.js';
import type { BinaryFormat } from '../format.js';
import { readGoBlob } from '../go-blob.js';
import type { Machine, PeBinary, PeImport } from '../../model/binary.js';
import type { FormatError } from '../../model/gap.js';
import type { Result } from '../../model/result.js';
import type { FileView } from '../../model/view.js';
import { readClr } from './clr.js';
import {
  EFI_SUBSYSTEMS,
  IMAGE_DLLCHARACTERISTICS_WDM_DRIVER,
  IMAGE_FILE_DLL,
  IMAGE_FILE_EXECUTABLE_IMAGE,
  IMAGE_SUBSYSTEM_NATIVE,
  MACHINES,
  READY_TO_RUN_SYSTEMS,
  SUBSYSTEMS,
} from './constants.js';
import { readExports } from './exports.js';
import { isMz, peReader, readHeader, type PeHeader } from './header.js';
import { readImports } from './imports.js';
import { readHybrid } from './load-configuration.js';
import { parseManifest } from './manifest.js';
import { readManifestBytes } from './resources.js';
import { retainPe } from './retain.js';
import { PeImage, readSections, type PeSection } from './sections.js';

export { stringSections } from './string-sections.js';

/** Modules that only a driver can load. */
const KERNEL_MODULES: ReadonlySet<string> = new Set([
  'ntoskrnl.exe',
  'hal.dll',
  'ndis.sys',
  'wdfldr.sys',
  'fltmgr.sys',
]);

/** How much of the data is searched for Go's build information. */
const GO_SEARCH_BYTES = 1 << 18;

/** Reads a PE file; an `MZ` program of DOS or 16-bit Windows is an error. Broken parts are gaps. */
export function parsePe(view: FileView): Result<PeBinary, FormatError> {
  return atDoor(() => {
    const reader = peReader(view);
    const header = readHeader(reader);
    const parts = new PartReader();
    const sections = parts.read('section table', [], () => readSections(reader, header));
    const go = parts.read('Go build information', null, () => readGo(reader, sections));
    return { ...readImage(new PeImage(reader, header, sections), parts), go };
  });
}

function readImage(image: PeImage, parts: PartReader): Omit<PeBinary, 'go'> {
  const { header } = image;
  const imports = readImports(image, parts);
  const hybrid = parts.read('load configuration', null, () => readHybrid(image));
  const clr = parts.read('CLI header', null, () => readClr(image, parts));
  return {
    format: 'pe',
    machine: machineOf(header, hybrid, clr?.anyCpu === true),
    bits: header.isPe32Plus ? 64 : 32,
    endianness: 'little',
    kind: kindOf(header, imports),
    hybrid,
    Machine: header.Machine,
    subsystem: SUBSYSTEMS.get(header.Subsystem) ?? `other-${header.Subsystem}`,
    subsystemVersion: header.subsystemVersion,
    osVersion: header.osVersion,
    imports,
    ...parts.read('export directory', { exportName: null, exports: [] }, () => readExports(image)),
    clr,
    manifest: parts.read('resources', null, () => readManifest(image)),
    isUefi: EFI_SUBSYSTEMS.has(header.Subsystem),
    rust: null,
    gaps: parts.gaps,
  };
}

/** Go's linker puts its build information at the start of the data. */
function readGo(reader: ByteReader, sections: readonly PeSection[]): PeBinary['go'] {
  const data = sections.find(({ name }) => name === '.data');
  return data === undefined
    ? null
    : readGoBlob(reader, data.PointerToRawData, Math.min(data.SizeOfRawData, GO_SEARCH_BYTES));
}

function readManifest(image: PeImage): PeBinary['manifest'] {
  const bytes = readManifestBytes(image);
  return bytes === null ? null : parseManifest(bytes);
}

/** An AnyCPU assembly says I386 and has code of no machine. ARM64EC says AMD64 and runs on Arm only. */
function machineOf(header: PeHeader, hybrid: PeBinary['hybrid'], anyCpu: boolean): Machine {
  if (anyCpu) return 'cil';
  if (hybrid !== null) return 'aarch64';
  const known = [0, ...READY_TO_RUN_SYSTEMS].map((system) => MACHINES.get(header.Machine ^ system));
  return known.find((machine) => machine !== undefined) ?? `other-${header.Machine}`;
}

function kindOf(header: PeHeader, imports: readonly PeImport[]): PeBinary['kind'] {
  if (EFI_SUBSYSTEMS.has(header.Subsystem)) return 'efi';
  if ((header.Characteristics & IMAGE_FILE_EXECUTABLE_IMAGE) === 0) return 'object';
  const isDll = (header.Characteristics & IMAGE_FILE_DLL) !== 0;
  if (header.Subsystem === IMAGE_SUBSYSTEM_NATIVE && isDriver(header, imports, isDll)) return 'driver';
  return isDll ? 'dll' : 'executable';
}

/** A native program (`smss.exe`) imports from ntdll.dll; a driver from the kernel, or from nothing at all. */
function isDriver(header: PeHeader, imports: readonly PeImport[], isDll: boolean): boolean {
  if ((header.DllCharacteristics & IMAGE_DLLCHARACTERISTICS_WDM_DRIVER) !== 0) return true;
  if (imports.some((entry) => KERNEL_MODULES.has(entry.dll.toLowerCase()))) return true;
  return !isDll && !imports.some((entry) => entry.dll.toLowerCase() === 'ntdll.dll');
}

export const peFormat: BinaryFormat = {
  id: 'pe',
  sniff: (head) => isMz(head) && head.subarray(0, 64).includes(0),
  parse: parsePe,
  retain: retainPe,
};
