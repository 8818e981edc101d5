import type { VersionDefinition, VersionNeed } from '../../model/binary.js';
import type { AddressMap } from './program-headers.js';
import type { DynamicEntry, DynamicSection, StringTable } from './dynamic.js';
import type { ElfFile } from './header.js';
import { badValue, withinLimit } from '../door.js';
import { DT, MAX_VERSIONS } from './constants.js';
import { entryOf } from './dynamic.js';

/**
 * Version needs and definitions (LSB Core, "Symbol Versioning"). The layout is the same in both classes.
 *
 *   Verneed   vn_version 0, vn_cnt 2, vn_file 4, vn_aux 8, vn_next 12
 *   Vernaux   vna_hash 0, vna_flags 4, vna_other 6, vna_name 8, vna_next 12
 *   Verdef    vd_version 0, vd_flags 2, vd_ndx 4, vd_cnt 6, vd_hash 8, vd_aux 12, vd_next 16
 *   Verdaux   vda_name 0, vda_next 4
 */
const VER_FLG_BASE = 1;
const VER_FLG_WEAK = 2;
/** Bit of a version index that hides the symbol from plain references. */
export const VERSYM_HIDDEN = 0x8000;

/** A need or definition with the index under which `.gnu.version` names each version. */
export interface IndexedNeed extends VersionNeed {
  readonly indexes: readonly number[];
}
export interface IndexedDefinition extends VersionDefinition {
  readonly index: number;
}

interface VersionTable {
  readonly from: number;
  /** DT_VERNEEDNUM or DT_VERDEFNUM; the list may end before. */
  readonly count: number;
  readonly strings: StringTable;
}

function tableOf(map: AddressMap, dynamic: DynamicSection, address: bigint, count: bigint): VersionTable | null {
  const table = entryOf(dynamic.entries, address);
  if (table === null) return null;
  const field = address === DT.VERNEED ? 'DT_VERNEED' : 'DT_VERDEF';
  const from = map.offset(table.value, table.at, field);
  if (dynamic.strings === null) throw badValue(table.at, field, table.value);
  return { from, count: countOf(entryOf(dynamic.entries, count)), strings: dynamic.strings };
}

/** Without a count the list ends where its next field is 0, as loaders read it. */
function countOf(entry: DynamicEntry | null): number {
  if (entry === null) return MAX_VERSIONS;
  return withinLimit(Number(entry.value), MAX_VERSIONS, entry.at, 'versions');
}

/** `.gnu.version_r` by DT_VERNEED, in the file's order. */
export function readVersionNeeds(file: ElfFile, map: AddressMap, dynamic: DynamicSection): readonly IndexedNeed[] {
  const table = tableOf(map, dynamic, DT.VERNEED, DT.VERNEEDNUM);
  if (table === null) return [];
  const { reader } = file;
  const needs: IndexedNeed[] = [];
  let at = table.from;
  let left = MAX_VERSIONS;
  for (let index = 0; index < table.count; index += 1) {
    const versions: { name: string; weak: boolean }[] = [];
    const indexes: number[] = [];
    const next = reader.u32(at + 12);
    let aux = at + reader.u32(at + 8);
    for (let remaining = reader.u16(at + 2); remaining > 0; remaining -= 1) {
      if (left-- === 0) withinLimit(MAX_VERSIONS + 1, MAX_VERSIONS, aux, 'versions');
      const name = table.strings.text(reader.u32(aux + 8), aux + 8, 'vna_name');
      versions.push({ name, weak: (reader.u16(aux + 4) & VER_FLG_WEAK) !== 0 });
      indexes.push(reader.u16(aux + 6));
      const step = reader.u32(aux + 12);
      if (step === 0) break;
      aux += step;
    }
    needs.push({ file: table.strings.text(reader.u32(at + 4), at + 4, 'vn_file'), versions, indexes });
    if (next === 0) break;
    at += next;
  }
  return needs;
}

/** `.gnu.version_d` by DT_VERDEF, in the file's order. */
export function readVersionDefinitions(
  file: ElfFile,
  map: AddressMap,
  dynamic: DynamicSection,
): readonly IndexedDefinition[] {
  const table = tableOf(map, dynamic, DT.VERDEF, DT.VERDEFNUM);
  if (table === null) return [];
  const { reader } = file;
  const definitions: IndexedDefinition[] = [];
  let at = table.from;
  let left = MAX_VERSIONS;
  for (let index = 0; index < table.count; index += 1) {
    const next = reader.u32(at + 16);
    const flags = reader.u16(at + 2);
    const names: string[] = [];
    let aux = at + reader.u32(at + 12);
    for (let remaining = reader.u16(at + 6); remaining > 0; remaining -= 1) {
      if (left-- === 0) withinLimit(MAX_VERSIONS + 1, MAX_VERSIONS, aux, 'versions');
      names.push(table.strings.text(reader.u32(aux), aux, 'vda_name'));
      const step = reader.u32(aux + 4);
      if (step === 0) break;
      aux += step;
    }
    const [name, ...parents] = names;
    if (name === undefined) throw badValue(at + 6, 'vd_cnt', 0);
    const base = (flags & VER_FLG_BASE) !== 0;
    definitions.push({ name, base, weak: (flags & VER_FLG_WEAK) !== 0, parents, index: reader.u16(at + 4) });
    if (next === 0) break;
    at += next;
  }
  return definitions;
}

/** Names by the index that `.gnu.version` uses; the base definition names the file, not a version. */
export function versionNames(
  needs: readonly IndexedNeed[],
  definitions: readonly IndexedDefinition[],
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const definition of definitions) if (!definition.base) names.set(definition.index & 0x7fff, definition.name);
  for (const need of needs) {
    need.versions.forEach((version, position) => {
      const index = (need.indexes[position] ?? 0) & 0x7fff;
      if (index > 1) names.set(index, version.name);
    });
  }
  return names;
}
