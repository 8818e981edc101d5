import type { Binary } from '../model/binary.js';
import type { FactTree, FactValue } from '../model/rule.js';

/** Facts that come from the header alone, or not from the file's bytes at all; no gap touches them. */
const FROM_HEADER: ReadonlySet<string> = new Set([
  'path',
  'reach',
  'format',
  'machine',
  'machines',
  'bits',
  'endianness',
  'size-bytes',
  'foreign',
  'os-abi',
  'has-entry-point',
  'subsystem',
  'subsystem-version',
  'loader',
  'program',
]);

const LOADING = [
  'needed',
  'dependencies',
  'missing-versions',
  'missing-symbols',
  'soname',
  'libc',
  'glibc-only-imports',
];

/** Part of a file, as the readers name it → facts that come from it. The first pattern that fits counts. */
const FACTS_OF_PART: readonly (readonly [RegExp, readonly string[]])[] = [
  // Bytes that segments want and the file does not have: that itself is a fact (`load-segments[].in-file`).
  [/^segments$/, []],
  [/program header/, ['kind', 'interpreter', 'abi-tag', 'x86-isa-needed', 'executable-stack', ...LOADING]],
  [/interpreter|PT_INTERP/i, ['interpreter', 'kind']],
  [/relocation/i, ['missing-symbols']],
  [/version|symbol|hash/i, ['missing-versions', 'missing-symbols', 'glibc-only-imports']],
  [/dynamic/i, ['kind', ...LOADING]],
  [/note|propert/i, ['abi-tag', 'x86-isa-needed']],
  [/section header/i, ['arm']],
  [/attributes/i, ['arm']],
  [/\bgo\b|build info/i, ['go']],
  [/rust|comment/i, ['rust']],
  [/delay|import/i, ['dependencies', 'needed', 'missing-symbols']],
  [/export/i, ['soname']],
  [/load config/i, ['hybrid']],
  [/CLI|CLR|metadata/i, ['clr', 'native-code']],
  [/resource|manifest/i, []],
  [/section table/i, ['dependencies', 'needed', 'soname', 'clr', 'native-code', 'hybrid']],
];

/** Facts that come from a part; null where the part has a name that is not known, so that any fact may. */
function factsOfPart(part: string): readonly string[] | null {
  return FACTS_OF_PART.find(([pattern]) => pattern.test(part))?.[1] ?? null;
}

/**
 * Lists of which nothing could be read: one element that may be anything, told as the commonest kind, so that one rule
 * says that it is unknown and not each of its siblings.
 */
const UNREAD: FactTree = {
  dependencies: [{ 'delay-loaded': false, 'other-machine-in': null, injected: false, family: 'other' }],
  'missing-versions': [{ family: 'glibc' }],
  'missing-symbols': [],
};

/** Leaves out what comes from parts that could not be read: it is unknown, not absent. */
export function withoutGaps(binary: Binary, facts: FactTree): FactTree {
  if (binary.gaps.length === 0) return facts;
  const kept = { ...facts };
  for (const { part } of binary.gaps) {
    const touched = factsOfPart(part) ?? Object.keys(kept).filter((key) => !FROM_HEADER.has(key));
    for (const key of touched) kept[key] = UNREAD[key];
  }
  const cut = binary.gaps.some(({ part }) => factsOfPart(part)?.includes('interpreter') === true);
  const segments = facts['load-segments'];
  // A list that was read in part ends in one element of which nothing is known.
  return cut && isList(segments) ? { ...kept, 'load-segments': [...segments, {}] } : kept;
}

function isList(value: FactValue | undefined): value is readonly FactValue[] {
  return Array.isArray(value);
}
