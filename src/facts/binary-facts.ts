import type { ImageAnalysis } from '../model/analysis.js';
import type { Binary, GoBuildInfo } from '../model/binary.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { FactTree, SubjectFacts } from '../model/rule.js';
import type { AnalysedBinary, Reach } from '../model/start.js';
import { addonFacts, indexAddons } from './addons.js';
import type { AddonIndex } from './addons.js';
import { dependencyFacts, indexLibraries, versionFacts } from './dependency-facts.js';
import type { LibraryIndex } from './dependency-facts.js';
import { elfFacts, NO_ELF_FACTS } from './elf-facts.js';
import { withoutGaps } from './gap-facts.js';
import { mainMachine } from './image-facts.js';
import { foundIn } from './lookups.js';
import { isForeign } from './machines.js';
import { findOccurrences, placeBinary } from './occurrences.js';
import type { Occurrences, Placed } from './occurrences.js';
import { NO_PE_FACTS, peFacts } from './pe-facts.js';
import { symbolFacts } from './symbol-facts.js';

/** What is worked out once for all binaries of an image. */
interface Context {
  readonly analysis: ImageAnalysis;
  readonly occurrences: Occurrences;
  readonly libraries: LibraryIndex;
  readonly addons: AddonIndex;
  readonly machine: Binary['machine'] | null;
}

/** Facts of every binary whose header could be read. */
export function collectBinaries(analysis: ImageAnalysis): readonly SubjectFacts[] {
  const machine = mainMachine(analysis) ?? null;
  const context: Context = {
    analysis,
    occurrences: findOccurrences(analysis),
    libraries: indexLibraries(analysis.rootfs),
    addons: indexAddons(analysis, machine),
    machine,
  };
  return analysis.binaries.flatMap((each) => subjectOf(each, context));
}

function subjectOf(analysed: AnalysedBinary, context: Context): readonly SubjectFacts[] {
  const { entry } = analysed;
  if (entry.content?.kind !== 'binary') return [];
  const { binary } = entry.content;
  const placed = placeBinary(analysed, context.occurrences);
  const addon = addonFacts(entry.path, context.addons);
  const reach: Reach = addon?.loaded === true && placed.reach === 'present' ? 'later' : placed.reach;
  const facts = withoutGaps(binary, {
    ...commonFacts(binary, entry, reach),
    foreign: isForeign(binary, context.analysis.image, context.machine),
    ...formatFacts(binary, entry, context),
    ...loadFacts(binary, placed, context),
    addon: addon?.facts ?? null,
  });
  return [{ path: entry.path, layer: entry.layer, reach, facts }];
}

function commonFacts(binary: Binary, entry: RootfsEntry, reach: Reach): FactTree {
  const machines = binary.format === 'mach-o' ? binary.slices.map((slice) => slice.machine) : [binary.machine];
  return {
    path: entry.path,
    reach,
    format: binary.format,
    kind: binary.format === 'mach-o' ? (binary.slices[0]?.kind ?? 'other') : binary.kind,
    machine: binary.machine,
    machines: [...new Set(machines)],
    bits: binary.bits,
    endianness: binary.endianness,
    'size-bytes': entry.size,
    soname: binary.format === 'elf' ? binary.soname : binary.format === 'pe' ? binary.exportName : null,
    go: binary.go === null ? null : goFacts(binary.go),
    rust: binary.rust === null ? null : { version: binary.rust.version },
  };
}

function goFacts(go: GoBuildInfo): FactTree {
  const cgo = go.settings['CGO_ENABLED'];
  return {
    version: go.version,
    'amd64-level': numberIn(go.settings['GOAMD64'], /^v([1-4])$/),
    'arm-version': numberIn(go.settings['GOARM'], /^([5-7])/),
    cgo: cgo === undefined ? null : cgo === '1',
  };
}

function numberIn(text: string | undefined, pattern: RegExp): number | null {
  const digits = pattern.exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function formatFacts(binary: Binary, entry: RootfsEntry, context: Context): FactTree {
  switch (binary.format) {
    case 'elf':
      return { ...NO_PE_FACTS, ...elfFacts(binary, entry, context.analysis.rootfs) };
    case 'pe':
      return { ...NO_ELF_FACTS, ...peFacts(binary) };
    case 'mach-o':
      return { ...NO_ELF_FACTS, ...NO_PE_FACTS };
  }
}

/** What its loader does with it. A file that no loader was followed for has no such facts, which is no gap. */
function loadFacts(binary: Binary, placed: Placed, context: Context): FactTree {
  const [first] = placed.occurrences;
  const needed = binary.format === 'elf' ? binary.needed : undefined;
  if (first === undefined) {
    const none = { dependencies: [], 'missing-versions': [], 'symbols-bound': false, 'missing-symbols': [] };
    return { needed, loader: null, program: null, ...none };
  }
  return {
    needed,
    loader: first.loader === 'unknown' ? unfollowed(binary, context.analysis.rootfs) : first.loader,
    program: first.program,
    dependencies: dependencyFacts(placed.occurrences, context.libraries, context.analysis),
    'missing-versions': versionFacts(placed.occurrences, context.analysis.rootfs),
    'symbols-bound': placed.occurrences.every(({ object }) => object.missingSymbols !== undefined),
    'missing-symbols': symbolFacts(placed.occurrences),
  };
}

/** A loader that is surely not in the image maps nothing; one that could not be recognised may be any. */
function unfollowed(binary: Binary, rootfs: Rootfs): null | undefined {
  if (binary.format !== 'elf' || binary.interpreter === null) return undefined;
  return foundIn(rootfs, rootfs.lookup(binary.interpreter)) === false ? null : undefined;
}
