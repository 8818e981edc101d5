import type { ElfBinary, LoadSegment } from '../model/binary.js';
import type { Rootfs, RootfsEntry } from '../model/rootfs.js';
import type { FactTree, FactValue } from '../model/rule.js';
import { importedNames } from '../model/symbols.js';
import { glibcOnlyImports, libcNeeded, libcOfInterpreter } from './libc.js';
import { foundIn, linkTexts } from './lookups.js';

/** Facts that only ELF files have, as `null` for others. */
export const NO_ELF_FACTS: FactTree = {
  'os-abi': null,
  'has-entry-point': null,
  interpreter: null,
  'load-segments': [],
  'abi-tag': null,
  libc: null,
  'glibc-only-imports': [],
  'x86-isa-needed': null,
  arm: null,
  'executable-stack': null,
  packer: null,
};

export function elfFacts(binary: ElfBinary, entry: RootfsEntry, rootfs: Rootfs): FactTree {
  const { arm, abiTag } = binary;
  return {
    'os-abi': binary.osAbi,
    'has-entry-point': binary.entry !== 0n,
    interpreter: binary.interpreter === null ? null : interpreterFacts(binary.interpreter, binary, rootfs),
    'load-segments': binary.loadSegments.map((segment) => segmentFacts(segment, entry.size)),
    'abi-tag': abiTag === null ? null : { os: abiTag.os.toLowerCase(), kernel: abiTag.kernel },
    libc: libcNeeded(binary),
    'glibc-only-imports': glibcOnlyImports(importedNames(binary)),
    'x86-isa-needed': binary.x86IsaNeeded,
    arm:
      arm === null ? null : { 'cpu-arch': arm.cpuArch, version: armVersion(arm.cpuArch), 'hard-float': arm.hardFloat },
    'executable-stack': binary.executableStack,
    packer: binary.packer,
  };
}

function interpreterFacts(path: string, binary: ElfBinary, rootfs: Rootfs): FactTree {
  const lookup = rootfs.lookup(path);
  const libc = libcOfInterpreter(path);
  const links = linkTexts(lookup.links);
  if (!lookup.found) {
    const absent = foundIn(rootfs, lookup) === false ? null : undefined;
    return { path, entry: absent, links, libc, 'entry-machine': absent, 'entry-agrees': absent };
  }
  return { path, entry: lookup.realPath, links, libc, ...agreement(lookup.entry, binary) };
}

/** Whether the kernel can map the file as the interpreter of a program of this machine (fs/binfmt_elf.c). */
function agreement(entry: RootfsEntry, program: ElfBinary): FactTree {
  const { content } = entry;
  if (content === null || content.kind === 'damaged') return {};
  if (content.kind !== 'binary') return { 'entry-machine': null, 'entry-agrees': false };
  const { binary } = content;
  const agrees = binary.format === 'elf' && binary.machine === program.machine && binary.bits === program.bits;
  return { 'entry-machine': binary.machine, 'entry-agrees': agrees };
}

/** Smallest page that Linux maps files in. */
const PAGE_BYTES = 4096;

function segmentFacts(segment: LoadSegment, size: number): FactValue {
  const end = segment.offset + segment.fileSize;
  // What is missing of a page that the file begins is zeros; a page that it does not begin cannot be touched (mmap(2)).
  const lastPage = Math.floor((end - 1) / PAGE_BYTES) * PAGE_BYTES;
  const inFile = segment.fileSize === 0 || lastPage < size;
  return { index: segment.index, 'align-bytes': segment.alignBytes, 'end-bytes': end, 'in-file': inFile };
}

/** `v7E-M` → 7 */
function armVersion(cpuArch: string | null): number | null {
  const digits = /^v(\d+)/.exec(cpuArch ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
