import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, ParsedNode } from 'yaml';

/** Longest rule file that is read, in characters. A rule has 120 lines at most. */
export const MAX_RULE_LENGTH = 65_536;
/** Deepest nesting of lists and maps in a rule file. */
const MAX_DEPTH = 40;

/** Line and column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a file, and where. */
export interface Fault extends Place {
  readonly message: string;
}

export type Scalar = string | number | boolean | null;

/** YAML without anchors, aliases and tags; everything knows its place. */
export type SourceNode =
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly SourceNode[]; readonly place: Place }
  | { readonly kind: 'map'; readonly entries: readonly SourceEntry[]; readonly place: Place };

export interface SourceEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: SourceNode;
}

const START: Place = { line: 1, column: 1 };

/** Reads one YAML document. `node` is null where there is none to speak of; then there is a fault. */
export function parseSource(text: string): { readonly node: SourceNode | null; readonly faults: readonly Fault[] } {
  if (text.length > MAX_RULE_LENGTH) {
    return onlyFault(`the file is longer than ${MAX_RULE_LENGTH} characters`);
  }
  const lines = new LineCounter();
  const document = parseGuarded(text, lines);
  if (document === null) return onlyFault('lists and maps are nested too deeply');
  const faults: Fault[] = [...document.errors, ...document.warnings].map((problem) => ({
    ...placeAt(lines, problem.pos[0]),
    message: problem.message,
  }));
  if (faults.length > 0) return { node: null, faults };
  if (document.contents === null) return onlyFault('the file is empty');
  const node = convert(document.contents, { lines, faults }, 0);
  return { node: faults.length > 0 ? null : node, faults };
}

function onlyFault(message: string): { node: null; faults: readonly Fault[] } {
  return { node: null, faults: [{ ...START, message }] };
}

/** The parser recurses; its stack is the limit for what `convert` never gets to see. */
function parseGuarded(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, {
      lineCounter,
      version: '1.2',
      schema: 'core',
      merge: false,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

interface Conversion {
  readonly lines: LineCounter;
  readonly faults: Fault[];
}

function convert(node: ParsedNode | null, state: Conversion, depth: number): SourceNode {
  const place = node === null ? START : placeAt(state.lines, node.range[0]);
  const refused = node === null ? null : refusal(node, depth);
  if (node === null || refused !== null) {
    if (refused !== null) state.faults.push({ ...place, message: refused });
    return { kind: 'scalar', value: null, place };
  }
  if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => convert(item, state, depth + 1)), place };
  if (isMap(node)) return { kind: 'map', entries: convertPairs(node.items, state, depth), place };
  return { kind: 'scalar', value: scalarValue(node, state, place), place };
}

function refusal(node: ParsedNode, depth: number): string | null {
  if (depth > MAX_DEPTH) return `lists and maps are nested deeper than ${MAX_DEPTH}`;
  if (isAlias(node)) return 'aliases are not used in rule files; write the value out';
  if (node.anchor !== undefined) return 'anchors are not used in rule files; write the value out';
  if (node.tag !== undefined) return `the tag \`${node.tag}\` is not used in rule files`;
  return null;
}

interface Pair {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

function convertPairs(pairs: readonly Pair[], state: Conversion, depth: number): readonly SourceEntry[] {
  return pairs.map((pair) => {
    const keyPlace = placeAt(state.lines, pair.key.range[0]);
    const key = isScalar(pair.key) ? pair.key.value : null;
    if (typeof key !== 'string') state.faults.push({ ...keyPlace, message: 'a key must be text' });
    const converted = convert(pair.value, state, depth + 1);
    const value = pair.value === null ? { ...converted, place: keyPlace } : converted;
    return { key: typeof key === 'string' ? key : '', keyPlace, value };
  });
}

function scalarValue(node: ParsedNode, state: Conversion, place: Place): Scalar {
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  state.faults.push({ ...place, message: 'expected text, a number, true, false or null' });
  return null;
}
