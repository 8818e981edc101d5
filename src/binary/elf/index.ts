import type { DynamicSymbol, ElfBinary, RustBuildInfo } from '../../model/binary.js';
import type { FormatError } from '../../model/gap.js';
import type { Result } from '../../model/result.js';
import type { ElfSymbols } from '../../model/symbols.js';
import type { FileView } from '../../model/view.js';
import type { BinaryFormat } from '../format.js';
import type { ElfFile } from './header.js';
import type { IndexedDefinition, IndexedNeed } from './versions.js';
import { vaddr } from '../../model/brand.js';
import { NO_SYMBOLS } from '../../model/symbols.js';
import { atDoor, FormatFault, PartReader } from '../door.js';
import { readArmAttributes } from './arm-attributes.js';
import { DT } from './constants.js';
import {
  bindsNow,
  entryOf,
  flagsOf,
  lastTextOf,
  readDynamicEntries,
  readInterpreter,
  readStringTable,
  textsOf,
} from './dynamic.js';
import { readGoBuildInfo } from './go.js';
import { isElf, openElf } from './header.js';
import { kindOf } from './kind.js';
import { machineOf, osAbiOf } from './machine.js';
import { readNotes } from './notes.js';
import { packerOf } from './packer.js';
import {
  AddressMap,
  checkSegments,
  executableStackOf,
  loadSegmentsOf,
  type ProgramHeader,
  readProgramHeaders,
} from './program-headers.js';
import { retainElf } from './retain.js';
import { readRustBuildInfo } from './rust.js';
import { isDebugOnly, readSections } from './sections.js';
import { readSymbolUses } from './relocations.js';
import { packSymbols } from './symbol-table.js';
import { readSymbolTable, readSymbolVersions, symbolsOf, type SymbolSource } from './symbols.js';
import { readVersionDefinitions, readVersionNeeds, versionNames } from './versions.js';

export { stringSections, type StringSection } from './strings.js';

/** A file with its tables of headers and its dynamic section, as far as they could be read. */
interface Opened extends SymbolSource {
  readonly parts: PartReader;
  /** As written. */
  readonly written: readonly ProgramHeader[];
  /** Without bytes where the file holds debug information only. */
  readonly headers: readonly ProgramHeader[];
  /** False: no PT_DYNAMIC. */
  readonly isDynamic: boolean;
}

function open(view: FileView): Opened {
  const file = openElf(view);
  const parts = new PartReader();
  const sections = readSections(file, parts);
  const written = readProgramHeaders(file, parts);
  const headers = isDebugOnly(sections) ? written.map((header) => ({ ...header, p_filesz: 0 })) : written;
  const map = new AddressMap(headers);
  const entries = parts.read('dynamic section', null, () => readDynamicEntries(file, headers));
  const strings = parts.read('dynamic section', null, () => readStringTable(file, map, entries ?? []));
  return {
    file,
    parts,
    written,
    headers,
    sections,
    map,
    dynamic: { entries: entries ?? [], strings },
    isDynamic: entries !== null,
  };
}

/** Reads an ELF file. It fails only where the ELF header cannot be read; other broken parts are gaps. */
export function parseElf(view: FileView): Result<ElfBinary, FormatError> {
  return atDoor(() => {
    const opened = open(view);
    const { file, parts, headers, sections, map } = opened;
    const dynamic = dynamicFacts(opened);
    const { needs, definitions } = readVersions(opened);
    const notes = readNotes(file, headers, sections, parts);
    const symbols = readSymbols(opened, { needs, definitions });
    checkSegments(headers, view.size, parts);
    const go = parts.read('go build information', null, () => readGoBuildInfo(file, headers, sections, map));
    const mayBeRust = dynamic.needed.length === 0 || unwindsLikeRust(symbols, dynamic.needed);
    const rust = (): RustBuildInfo | null => (go === null ? readRustBuildInfo(file, sections, mayBeRust) : null);
    return {
      ...headerFacts(file),
      ...dynamic,
      ...notes,
      versionNeeds: needs.map(({ file: name, versions }) => ({ file: name, versions })),
      versionDefinitions: definitions.map(({ name, base, weak, parents }) => ({ name, base, weak, parents })),
      arm: parts.read('arm attributes', null, () => readArmAttributes(file, headers, sections)),
      loadSegments: loadSegmentsOf(opened.written),
      executableStack: executableStackOf(opened.written),
      hasSections: sections.length > 0,
      packer: headers.length === 0 ? null : parts.read('packer', null, () => packerOf(file)),
      symbols,
      go,
      rust: parts.read('rust build information', null, rust),
      gaps: parts.gaps,
    };
  });
}

/** Rust's standard library prints backtraces; what does so and needs a C++ library is most likely C++. */
function unwindsLikeRust({ names }: ElfSymbols, needed: readonly string[]): boolean {
  return `\0${names}`.includes('\0_Unwind_Backtrace\0') && !needed.some((name) => /^lib(?:std)?c\+\+/u.test(name));
}

function headerFacts(file: ElfFile) {
  const { header } = file;
  return {
    format: 'elf',
    machine: machineOf(header),
    bits: header.bits,
    endianness: header.endianness,
    osAbi: osAbiOf(header.osAbi),
    abiVersion: header.abiVersion,
    e_machine: header.e_machine,
    e_flags: header.e_flags,
    entry: vaddr(header.e_entry),
  } as const;
}

function dynamicFacts({ file, parts, headers, dynamic, isDynamic }: Opened) {
  const { entries } = dynamic;
  const interpreter = parts.read('interpreter', null, () => readInterpreter(file, headers));
  const text = (tag: bigint, field: string) =>
    parts.read('dynamic section', null, () => lastTextOf(dynamic, tag, field));
  return {
    kind: kindOf({
      e_type: file.header.e_type,
      e_entry: file.header.e_entry,
      interpreter,
      dynamic: isDynamic ? entries : null,
    }),
    interpreter,
    needed: parts.read('dynamic section', [], () => textsOf(dynamic, DT.NEEDED, 'DT_NEEDED')),
    soname: text(DT.SONAME, 'DT_SONAME'),
    rpath: text(DT.RPATH, 'DT_RPATH'),
    runpath: text(DT.RUNPATH, 'DT_RUNPATH'),
    bindNow: bindsNow(entries),
    dtFlags: flagsOf(entries, DT.FLAGS),
    dtFlags1: flagsOf(entries, DT.FLAGS_1),
  };
}

interface Versions {
  readonly needs: readonly IndexedNeed[];
  readonly definitions: readonly IndexedDefinition[];
}

function readVersions({ file, parts, map, dynamic }: Opened): Versions {
  return {
    needs: parts.read('version needs', [], () => readVersionNeeds(file, map, dynamic)),
    definitions: parts.read('version definitions', [], () => readVersionDefinitions(file, map, dynamic)),
  };
}

/** What the loader looks up and finds, packed. */
function readSymbols(opened: Opened, { needs, definitions }: Versions): ElfSymbols {
  const { file, parts, dynamic } = opened;
  return parts.read('symbols', NO_SYMBOLS, () => {
    const table = readSymbolTable(opened);
    if (table === null) return NO_SYMBOLS;
    const versions = parts.read('symbol versions', null, () => readSymbolVersions(opened, table));
    const uses = atDoor(() => readSymbolUses(opened, table.count));
    // Of a large file in a stream the relocations may be gone; that is no fault of the file.
    if (!uses.ok && uses.error.kind !== 'not-retained') parts.add('relocations', uses.error);
    const hashed = [DT.HASH, DT.GNU_HASH].some((tag) => entryOf(dynamic.entries, tag) !== null);
    return packSymbols(file, table, { versions, needs, definitions, uses: uses.ok ? uses.value : null, hashed });
  });
}

/** Every dynamic symbol with its version. Fails where the table cannot be read; empty where there is none. */
export function readDynamicSymbols(view: FileView): Result<readonly DynamicSymbol[], FormatError> {
  return atDoor(() => {
    const opened = open(view);
    const { file, map, dynamic, parts } = opened;
    // Section headers are not needed; without the other parts there is no telling whether symbols are there.
    const gap = parts.gaps.find(({ part }) => part !== 'section headers');
    if (gap !== undefined) throw new FormatFault(gap.error);
    const table = readSymbolTable(opened);
    if (table === null) return [];
    const names = versionNames(readVersionNeeds(file, map, dynamic), readVersionDefinitions(file, map, dynamic));
    return symbolsOf(file, table, readSymbolVersions(opened, table), names);
  });
}

export const elfFormat: BinaryFormat = { id: 'elf', sniff: isElf, parse: parseElf, retain: retainElf };
