import { err, ok } from '../model/result.js';
import type { Result } from '../model/result.js';
import type { Subject } from '../model/rule.js';

/**
 * How facts are declared. The catalog (catalog.ts) is an array of entries; a rule may read only what it declares.
 *
 *   image.os                              of the image; every subject may read it
 *   binary.interpreter                    a record; null where there is none, so are then all facts below it
 *   binary.interpreter.path               a fact in a record
 *   binary.load-segments                  a list of records; rules bind one element with `some`
 *   binary.load-segments[].align-bytes    a fact of one element
 *   guest.features                        flags: what is known to be there (true) and known not to be there (false)
 *
 * Every record and list has an entry of its own. Names are kebab-case; an `integer` that measures something has a unit.
 *
 * The trees that carry the values (model/rule.ts, `ImageFacts`) start *behind* the first word: `SubjectFacts.facts` of a
 * binary is `{ machine: 'x86_64', … }`, `ImageFacts.image` is `{ os: 'linux', … }`, a guest is `{ machines: […], … }`.
 * A key that is left out could not be read and makes conditions unknown; `null` was read and is not there. A list that
 * could be read in part ends in an empty record: one more element of which nothing is known.
 */
export interface FactEntry {
  readonly path: string;
  readonly type: FactType;
  /** Of an `integer` or `integer-list`: `bytes`, `level`, `build` … Facts compare only within one unit. */
  readonly unit?: string;
  /** Every word that the fact can be; a literal in a rule that is none of them is an error. */
  readonly values?: readonly string[];
  /** One line: meaning, and what null means. */
  readonly doc: string;
}

export type ScalarType = 'string' | 'integer' | 'version' | 'boolean';
export type ListType = 'string-list' | 'integer-list' | 'version-list' | 'record-list';
export type FactType = ScalarType | ListType | 'flags' | 'record';

export type FactRoot = Subject | 'guest';
export const FACT_ROOTS: readonly FactRoot[] = ['image', 'program', 'binary', 'reference', 'guest'];

export const OPERATORS = [
  'exists',
  'is',
  'in',
  'contains',
  'starts-with',
  'ends-with',
  'matches',
  'below',
  'at-least',
  'older-than',
  'newer-than',
] as const;
export type Operator = (typeof OPERATORS)[number];

const SCALARS: readonly FactType[] = ['string', 'integer', 'version', 'boolean'];
const EVERY_TYPE: readonly FactType[] = [
  ...SCALARS,
  'string-list',
  'integer-list',
  'version-list',
  'record-list',
  'flags',
  'record',
];

/** Types that may stand on the left of an operator. */
export const OPERATOR_TYPES: Readonly<Record<Operator, readonly FactType[]>> = {
  exists: EVERY_TYPE,
  is: SCALARS,
  in: ['string', 'integer', 'version'],
  contains: ['string', 'string-list', 'integer-list', 'version-list', 'flags'],
  'starts-with': ['string'],
  'ends-with': ['string'],
  matches: ['string'],
  below: ['integer'],
  'at-least': ['integer'],
  'older-than': ['version'],
  'newer-than': ['version'],
};

const ELEMENT_TYPE: Readonly<Record<ListType, ScalarType | 'record'>> = {
  'string-list': 'string',
  'integer-list': 'integer',
  'version-list': 'version',
  'record-list': 'record',
};

export function isListType(type: FactType): type is ListType {
  return type in ELEMENT_TYPE;
}

/** Type of one element of a list. */
export function elementType(type: ListType): ScalarType | 'record' {
  return ELEMENT_TYPE[type];
}

export interface Catalog {
  readonly entries: readonly FactEntry[];
  readonly byPath: ReadonlyMap<string, FactEntry>;
}

/** `binary`, `binary.interpreter`, `binary.load-segments[]` of the paths below them. */
function parentOf(path: string): string | null {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? null : path.slice(0, dot);
}

const PATH_FORM = /^(image|program|binary|reference|guest)(\.[a-z0-9_][a-z0-9_-]*(\[\])?)*\.[a-z0-9_][a-z0-9_-]*$/;

/** What is wrong with one entry; null where nothing is. */
function entryFault(entry: FactEntry, byPath: ReadonlyMap<string, FactEntry>): string | null {
  if (!PATH_FORM.test(entry.path)) return 'is not a kebab-case path below image, program, binary, reference or guest';
  if (entry.doc.trim() === '' || entry.doc.includes('\n')) return 'needs a doc of one line';
  if (entry.unit !== undefined && !INTEGER_TYPES.includes(entry.type)) return 'has a unit but is no integer';
  if (entry.values !== undefined && !STRING_TYPES.includes(entry.type)) return 'has values but is no string';
  return parentFault(entry, byPath);
}

const INTEGER_TYPES: readonly FactType[] = ['integer', 'integer-list'];
const STRING_TYPES: readonly FactType[] = ['string', 'string-list'];

function parentFault(entry: FactEntry, byPath: ReadonlyMap<string, FactEntry>): string | null {
  const parent = parentOf(entry.path);
  if (parent === null || FACT_ROOTS.some((root) => root === parent)) return null;
  const inList = parent.endsWith('[]');
  const parentType = byPath.get(inList ? parent.slice(0, -2) : parent)?.type;
  const expected = inList ? 'record-list' : 'record';
  return parentType === expected ? null : `lies in \`${parent}\`, which is no declared ${expected}`;
}

/** Checks the entries against each other. What is wrong with them is a defect of ours, so it throws. */
export function defineCatalog(entries: readonly FactEntry[]): Catalog {
  const byPath = new Map<string, FactEntry>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) throw new Error(`fact \`${entry.path}\` is declared twice`);
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    const fault = entryFault(entry, byPath);
    if (fault !== null) throw new Error(`fact \`${entry.path}\` ${fault}`);
  }
  return { entries, byPath };
}

/** What a condition can see: the facts of its subject, of the image, of the guest, and the names bound by `some`. */
export interface Scope {
  readonly subject: Subject;
  /** Bound name → list it is an element of, as a catalog path: `segment` → `binary.load-segments`. */
  readonly bound: ReadonlyMap<string, string>;
}

/** A path as a rule writes it, found in the catalog. */
export interface ResolvedFact {
  /** As written: `segment.align-bytes`. */
  readonly written: string;
  /** In the catalog: `binary.load-segments[].align-bytes`; for a flag `guest.features.overlayfs`. */
  readonly catalogPath: string;
  /** First word: a root or a bound name. */
  readonly from: string;
  /** Keys to follow from there. */
  readonly keys: readonly string[];
  readonly type: FactType;
  readonly unit: string | null;
  readonly values: readonly string[] | null;
  readonly readsGuest: boolean;
}

export interface UnknownFact {
  readonly message: string;
  readonly nearest: string | null;
}

function mayRead(scope: Scope, root: string): boolean {
  return root === scope.subject || root === 'image' || root === 'guest';
}

function resolved(
  written: string,
  catalogPath: string,
  entry: Pick<FactEntry, 'type' | 'unit' | 'values'>,
  keys: readonly string[],
): ResolvedFact {
  return {
    written,
    catalogPath,
    from: written.split('.', 1)[0] ?? '',
    keys,
    type: entry.type,
    unit: entry.unit ?? null,
    values: entry.values ?? null,
    readsGuest: catalogPath.startsWith('guest.'),
  };
}

/** One flag of a fact of type `flags`: everything behind its path is the flag's name, dots and slashes too. */
function resolveFlag(catalog: Catalog, written: string, full: string, prefixLength: number): ResolvedFact | null {
  for (let dot = full.indexOf('.', prefixLength + 1); dot >= 0; dot = full.indexOf('.', dot + 1)) {
    const flags = full.slice(0, dot);
    if (catalog.byPath.get(flags)?.type !== 'flags') continue;
    const keys = flags.slice(prefixLength + 1).split('.');
    return resolved(written, full, { type: 'boolean' }, [...keys, full.slice(dot + 1)]);
  }
  return null;
}

/** Finds what a rule reads; on a path that is not there, says why and what may have been meant. */
export function lookupFact(catalog: Catalog, scope: Scope, written: string): Result<ResolvedFact, UnknownFact> {
  const [first = '', ...keys] = written.split('.');
  const list = scope.bound.get(first);
  if (list === undefined && !mayRead(scope, first)) return err(notVisible(catalog, scope, written, first));
  const prefix = list === undefined ? first : `${list}[]`;
  if (keys.length === 0) return elementItself(catalog, written, list);
  const full = `${prefix}.${keys.join('.')}`;
  const entry = catalog.byPath.get(full);
  if (entry !== undefined) return ok(resolved(written, full, entry, keys));
  const flag = resolveFlag(catalog, written, full, prefix.length);
  if (flag !== null) return ok(flag);
  const throughList = listOnTheWay(catalog, prefix, keys);
  if (throughList !== null) {
    return err({ message: `\`${throughList}\` is a list; bind its elements with \`some\``, nearest: null });
  }
  return err({ message: `unknown fact \`${written}\``, nearest: nearestName(written, visiblePaths(catalog, scope)) });
}

function elementItself(catalog: Catalog, written: string, list: string | undefined): Result<ResolvedFact, UnknownFact> {
  const entry = list === undefined ? undefined : catalog.byPath.get(list);
  if (entry === undefined || !isListType(entry.type)) {
    return err({ message: `\`${written}\` is not a fact but a whole tree; name a fact in it`, nearest: null });
  }
  return ok(resolved(written, `${entry.path}[]`, { ...entry, type: elementType(entry.type) }, []));
}

function notVisible(catalog: Catalog, scope: Scope, written: string, first: string): UnknownFact {
  if (FACT_ROOTS.some((root) => root === first)) {
    const message = `\`${written}\` cannot be read by a rule about a \`${scope.subject}\``;
    return { message, nearest: null };
  }
  const nearest = nearestName(written, visiblePaths(catalog, scope));
  return { message: `unknown fact \`${written}\`; \`${first}\` is neither a subject nor a bound name`, nearest };
}

function listOnTheWay(catalog: Catalog, prefix: string, keys: readonly string[]): string | null {
  for (let count = 1; count < keys.length; count++) {
    const path = `${prefix}.${keys.slice(0, count).join('.')}`;
    if (catalog.byPath.get(path)?.type === 'record-list') return path;
  }
  return null;
}

/** Every path that can be written in this scope, in the catalog's order. */
function visiblePaths(catalog: Catalog, scope: Scope): readonly string[] {
  const paths: string[] = [];
  for (const { path } of catalog.entries) {
    if (!path.includes('[]') && mayRead(scope, path.split('.', 1)[0] ?? '')) paths.push(path);
    for (const [name, list] of scope.bound) {
      const below = `${list}[].`;
      if (path.startsWith(below) && !path.slice(below.length).includes('[]')) {
        paths.push(`${name}.${path.slice(below.length)}`);
      }
    }
  }
  return paths;
}

/** Longest name that is compared; nothing longer is a slip of the pen. */
const MAX_NAME_LENGTH = 80;

/** The name that was probably meant: at most a third of its letters differ; the first of equally near ones. */
export function nearestName(written: string, names: readonly string[]): string | null {
  if (written.length > MAX_NAME_LENGTH) return null;
  let nearest: string | null = null;
  let least = Math.floor(Math.max(written.length, 3) / 3) + 1;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= least) continue;
    const distance = editDistance(written, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

/** Insertions, removals, replacements and swaps of neighbours that make one word of the other. */
function editDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = at(row, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = swaps ? at(before, j - 2) + 1 : replaced;
      next.push(Math.min(replaced, swapped, at(row, j) + 1, at(next, j - 1) + 1));
    }
    before = row;
    row = next;
  }
  return at(row, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
