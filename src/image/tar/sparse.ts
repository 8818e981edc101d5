import {
  BLOCK,
  EXTENDED_ISEXTENDED_AT,
  EXTENDED_PAIRS,
  ISEXTENDED_AT,
  MAX_SPARSE_REGIONS,
  REALSIZE,
  SPARSE_AT,
  SPARSE_NUMBER,
  SPARSE_PAIRS,
} from './constants.js';
import type { SparseRegion } from './entry.js';
import { badValue, overLimit, truncated } from './fault.js';
import { number } from './header.js';
import { wholeNumber, type PaxRecords } from './pax.js';
import { latin1 } from './text.js';
import type { TarStep } from './steps.js';

/** Where the stored parts of a sparse file belong, and where its stored bytes begin. */
export interface SparseMap {
  readonly size: number;
  readonly regions: readonly SparseRegion[];
  /** Bytes of the body, or of blocks before it, that the map itself takes. */
  readonly mapBytes: number;
}

type Taking<T> = Generator<TarStep, T, Uint8Array>;

/** GNU old format: four pairs in the header, more in blocks that follow it (GNU tar manual, "Old GNU Format"). */
export function* readOldSparse(block: Uint8Array, at: number): Taking<SparseMap> {
  const size = number(block, REALSIZE);
  const regions: SparseRegion[] = [];
  readPairs(block, SPARSE_AT, SPARSE_PAIRS, regions);
  let more = block[ISEXTENDED_AT] !== 0;
  let mapBytes = 0;
  while (more) {
    if (regions.length > MAX_SPARSE_REGIONS) throw overLimit(at, 'sparse regions', MAX_SPARSE_REGIONS);
    const next = yield { kind: 'take', length: BLOCK };
    if (next.length < BLOCK) throw truncated(at + BLOCK + mapBytes, BLOCK, next.length);
    readPairs(next, 0, EXTENDED_PAIRS, regions);
    more = next[EXTENDED_ISEXTENDED_AT] !== 0;
    mapBytes += BLOCK;
  }
  return checked({ size, regions, mapBytes }, at);
}

/** PAX formats 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files"); null where the records speak of none. */
export function* readPaxSparse(records: PaxRecords, at: number): Taking<SparseMap | null> {
  if (records.get('GNU.sparse.major') === '1' && records.get('GNU.sparse.minor') === '0') {
    const size = wholeNumber(records.get('GNU.sparse.realsize'));
    if (size === null) throw badValue(at, 'GNU.sparse.realsize', records.get('GNU.sparse.realsize') ?? '');
    return yield* readMapInBody(size, at);
  }
  const map = records.get('GNU.sparse.map');
  if (map === undefined) return null;
  const size = wholeNumber(records.get('GNU.sparse.size'));
  if (size === null) throw badValue(at, 'GNU.sparse.size', records.get('GNU.sparse.size') ?? '');
  const numbers = map === '' ? [] : map.split(',', 2 * MAX_SPARSE_REGIONS + 1);
  return checked({ size, regions: pairs(numbers, at), mapBytes: 0 }, at);
}

/** Format 1.0: the map is decimal numbers, one a line, at the start of the body, filled up to whole blocks. */
function* readMapInBody(size: number, at: number): Taking<SparseMap> {
  const lines: string[] = [];
  let rest = '';
  let mapBytes = 0;
  let wanted = 1;
  while (lines.length < wanted) {
    const block = yield { kind: 'take', length: BLOCK };
    if (block.length < BLOCK) throw truncated(at + BLOCK + mapBytes, BLOCK, block.length);
    mapBytes += BLOCK;
    const parts = `${rest}${latin1(block, 0, BLOCK, true)}`.split('\n');
    rest = parts.pop() ?? '';
    if (parts.length === 0) throw badValue(at, 'sparse map', rest);
    for (const part of parts) lines.push(part);
    const count = wholeNumber(lines[0]);
    if (count === null) throw badValue(at, 'sparse map', lines[0] ?? '');
    if (count > MAX_SPARSE_REGIONS) throw overLimit(at, 'sparse regions', MAX_SPARSE_REGIONS);
    wanted = 1 + 2 * count;
  }
  return checked({ size, regions: pairs(lines.slice(1, wanted), at), mapBytes }, at);
}

function readPairs(block: Uint8Array, from: number, count: number, into: SparseRegion[]): void {
  for (let index = 0; index < count; index += 1) {
    const at = from + index * 2 * SPARSE_NUMBER;
    if (block[at] === 0) return;
    const offset = number(block, { at, size: SPARSE_NUMBER });
    const length = number(block, { at: at + SPARSE_NUMBER, size: SPARSE_NUMBER });
    into.push({ offset, length });
  }
}

function pairs(numbers: readonly string[], at: number): SparseRegion[] {
  if (numbers.length > 2 * MAX_SPARSE_REGIONS) throw overLimit(at, 'sparse regions', MAX_SPARSE_REGIONS);
  const regions: SparseRegion[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const offset = wholeNumber(numbers[index]);
    const length = wholeNumber(numbers[index + 1]);
    if (offset === null || length === null) throw badValue(at, 'sparse map', numbers[index] ?? '');
    regions.push({ offset, length });
  }
  return regions;
}

/** Regions must be in order, apart, and inside the file; an empty one says only where the file ends. */
function checked(map: SparseMap, at: number): SparseMap {
  let end = 0;
  for (const { offset, length } of map.regions) {
    const regionEnd = offset + length;
    if (offset < end || length < 0 || !Number.isSafeInteger(regionEnd) || regionEnd > map.size) {
      throw badValue(at, 'sparse region', `${offset}+${length}`);
    }
    end = regionEnd;
  }
  if (!Number.isSafeInteger(map.size)) throw badValue(at, 'sparse size', String(map.size));
  return { ...map, regions: map.regions.filter((region) => region.length > 0) };
}
