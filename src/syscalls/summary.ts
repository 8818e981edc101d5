import type { FormatError } from '../model/gap.js';
import type { Result } from '../model/result.js';
import type { FileView } from '../model/view.js';
import { decodeText } from '../binary/door.js';
import { DT } from '../binary/elf/constants.js';
import { knownFunctions, type KnownFunctions } from './functions.js';
import { dynamicValue, openCode, type CodeImage, type CodeMachine } from './image.js';
import { buildGraph, type Graph } from './nodes.js';
import { numberSites, type CodeSite } from './numbers.js';
import { readPointers, type Pointers } from './pointers.js';
import { readRecords, type Records } from './records.js';
import { dynamicSymbols, staticSymbols, type CodeSymbol } from './symbols.js';

/** A function, or an object of data that holds pointers. */
export interface CodeNode {
  /** A name, where the file has one for it. */
  readonly name: string | null;
  readonly sites: readonly CodeSite[];
  /** Indexes of nodes. */
  readonly calls: readonly number[];
  readonly taken: readonly number[];
  /** Names that the loader binds. */
  readonly imports: readonly string[];
  /** Compares something with ENOSYS: what it calls may be missing. */
  readonly checksEnosys: boolean;
}

/** Everything that one file can lead to, as a plain value. */
export interface CodeSummary {
  readonly machine: CodeMachine;
  readonly nodes: readonly CodeNode[];
  /** Index of the node behind each name that the file defines for others. */
  readonly exports: Readonly<Record<string, number>>;
  /** Node of the entry point; null where there is none. */
  readonly entry: number | null;
  /** Nodes that run before and after the program: DT_INIT, DT_INIT_ARRAY, DT_FINI … */
  readonly constructors: readonly number[];
  /** Go: the linker dropped what cannot be reached, so all that is there counts. */
  readonly everything: boolean;
  /** Bytes of code that were passed over. */
  readonly codeBytes: number;
}

/** Reads the code of an ELF file for x86-64 or arm64. */
export function summariseCode(view: FileView): Result<CodeSummary, FormatError> {
  const opened = openCode(view);
  return opened.ok ? { ok: true, value: summaryOf(opened.value) } : opened;
}

function summaryOf(image: CodeImage): CodeSummary {
  const dynamic = dynamicSymbols(image);
  const symbols = [...dynamic, ...staticSymbols(image)];
  const pointers = readPointers(image, dynamic);
  const known = knownFunctions(image, symbols);
  const roots = constructorAddresses(image, pointers);
  const records = readRecords(image, { known, roots: [image.entry, ...roots], pointers });
  const graph = buildGraph({ image, symbols, pointers, records });
  const names = new Names(image, symbols, records, known, graph);
  const sites = numberSites(image, records, graph, (index) => names.all(index));
  const nodes = graph.links.map((links, index): CodeNode => ({
    name: names.first(index),
    sites: sites.get(index) ?? [],
    ...links,
    checksEnosys: records.records[index]?.checksEnosys ?? false,
  }));
  const entry = image.entry === 0 ? -1 : graph.nodeAt(image.entry);
  return {
    machine: image.machine,
    nodes,
    exports: exportsOf(dynamic, graph),
    entry: entry === -1 ? null : entry,
    constructors: nodesOf(roots, graph),
    everything: known.isGo,
    codeBytes: image.segments.reduce(
      (sum, segment) => sum + (segment.executable ? segment.end - segment.address : 0),
      0,
    ),
  };
}

function nodesOf(addresses: readonly number[], graph: Graph): readonly number[] {
  return [...new Set(addresses.map((address) => graph.nodeAt(address)))].filter((node) => node !== -1);
}

function exportsOf(symbols: readonly CodeSymbol[], graph: Graph): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name, defined, exported, address } of symbols) {
    if (!defined || !exported || name === '') continue;
    const node = graph.nodeAt(address);
    if (node !== -1 && found[name] === undefined) found[name] = node;
  }
  return found;
}

/** Tags of functions that the loader runs, alone or in arrays (gABI 4.1, "Initialization and Termination Functions"). */
const RUN = {
  single: [DT.INIT, 13n],
  arrays: [
    [DT.INIT_ARRAY, 27n],
    [26n, 28n],
    [32n, 33n],
  ],
} as const;
const ARRAY_SECTIONS = ['.init_array', '.fini_array', '.preinit_array', '.ctors', '.dtors'];
const SINGLE_SECTIONS = ['.init', '.fini'];

/** Addresses of what runs around the program; a static program has them as sections only. */
function constructorAddresses(image: CodeImage, pointers: Pointers): readonly number[] {
  const single = RUN.single.map((tag) => dynamicValue(image, tag)).filter((address) => address !== null);
  const arrays = RUN.arrays.flatMap(([place, length]) => {
    const address = dynamicValue(image, place);
    return address === null ? [] : pointedFrom(pointers, address, dynamicValue(image, length) ?? 0);
  });
  if (image.dynamic.entries.length > 0) return [...single, ...arrays];
  return image.sections.flatMap(({ name, sh_addr, sh_size }) => {
    if (SINGLE_SECTIONS.includes(name)) return [Number(sh_addr)];
    return ARRAY_SECTIONS.includes(name) ? pointedFrom(pointers, Number(sh_addr), sh_size) : [];
  });
}

function pointedFrom(pointers: Pointers, address: number, size: number): readonly number[] {
  const found: number[] = [];
  for (let index = pointers.from(address); (pointers.at[index] ?? Infinity) < address + size; index++) {
    const target = pointers.targets[index];
    if (target?.kind === 'address') found.push(target.address);
    else if (target?.kind === 'symbol' && target.symbol.defined) found.push(target.symbol.address);
  }
  return found;
}

/** Names of nodes, from symbols or from Go's table. */
class Names {
  private readonly byNode = new Map<number, string[]>();
  private readonly image: CodeImage;
  private readonly records: Records;
  private readonly known: KnownFunctions;

  constructor(image: CodeImage, symbols: readonly CodeSymbol[], records: Records, known: KnownFunctions, graph: Graph) {
    this.image = image;
    this.records = records;
    this.known = known;
    for (const { name, kind, defined, address } of symbols) {
      if (!defined || kind === 'other' || name === '') continue;
      const node = graph.nodeAt(address);
      if (node === -1) continue;
      const names = this.byNode.get(node);
      if (names === undefined) this.byNode.set(node, [name]);
      else names.push(name);
    }
  }

  all(index: number): readonly string[] {
    return this.byNode.get(index) ?? [];
  }

  first(index: number): string | null {
    return this.byNode.get(index)?.[0] ?? this.goName(index);
  }

  private goName(index: number): string | null {
    const start = this.records.functions.starts[index];
    const at = start === undefined ? undefined : this.known.goNames.get(start);
    if (at === undefined || at < 0) return null;
    const name = this.image.bytes.subarray(at, at + MAX_NAME_BYTES);
    const end = name.indexOf(0);
    return decodeText(end === -1 ? name : name.subarray(0, end));
  }
}

const MAX_NAME_BYTES = 512;
