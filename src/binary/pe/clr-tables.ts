import { withinLimit } from '../door.js';

/**
 * Metadata tables of an assembly (ECMA-335, II.22 and II.24.2.6), as far as ModuleRef. The width of a column depends
 * on the number of rows of the tables that it points into, and on the sizes of the heaps.
 */
export const TABLE = {
  TypeRef: 0x01,
  TypeDef: 0x02,
  Field: 0x04,
  MethodDef: 0x06,
  Param: 0x08,
  MemberRef: 0x0a,
  CustomAttribute: 0x0c,
  Event: 0x14,
  Property: 0x17,
  ModuleRef: 0x1a,
} as const;

/** Rows of a table have 24 bits in a token. */
const MAX_ROWS = 1 << 24;
/** All tables up to ModuleRef: the metadata of the largest assemblies seen is under 32 MiB. */
const MAX_TABLE_BYTES = 1 << 28;
const TABLE_COUNT = 64;

/** ECMA-335, II.24.2.6: a coded index spends the low bits on which of these tables it points into. */
const CODED = {
  TypeDefOrRef: { bits: 2, tables: [0x02, 0x01, 0x1b] },
  HasConstant: { bits: 2, tables: [0x04, 0x08, 0x17] },
  HasCustomAttribute: {
    bits: 5,
    tables: [
      6, 4, 1, 2, 8, 9, 0xa, 0, 0xe, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26, 0x27, 0x28, 0x2a, 0x2c, 0x2b,
    ],
  },
  HasFieldMarshal: { bits: 1, tables: [0x04, 0x08] },
  HasDeclSecurity: { bits: 2, tables: [0x02, 0x06, 0x20] },
  MemberRefParent: { bits: 3, tables: [0x02, 0x01, 0x1a, 0x06, 0x1b] },
  HasSemantics: { bits: 1, tables: [0x14, 0x17] },
  MethodDefOrRef: { bits: 1, tables: [0x06, 0x0a] },
  CustomAttributeType: { bits: 3, tables: [0x06, 0x0a] },
  ResolutionScope: { bits: 2, tables: [0x00, 0x1a, 0x23, 0x01] },
} as const;

type Column = 2 | 4 | 'string' | 'guid' | 'blob' | keyof typeof CODED | { readonly table: number };

const index = (table: number): Column => ({ table });

/** Columns by table number (ECMA-335, II.22; the `…Ptr` tables stand in uncompressed metadata only). */
const SCHEMA: readonly (readonly Column[])[] = [
  /* 00 Module */ [2, 'string', 'guid', 'guid', 'guid'],
  /* 01 TypeRef */ ['ResolutionScope', 'string', 'string'],
  /* 02 TypeDef */ [4, 'string', 'string', 'TypeDefOrRef', index(TABLE.Field), index(TABLE.MethodDef)],
  /* 03 FieldPtr */ [index(TABLE.Field)],
  /* 04 Field */ [2, 'string', 'blob'],
  /* 05 MethodPtr */ [index(TABLE.MethodDef)],
  /* 06 MethodDef */ [4, 2, 2, 'string', 'blob', index(TABLE.Param)],
  /* 07 ParamPtr */ [index(TABLE.Param)],
  /* 08 Param */ [2, 2, 'string'],
  /* 09 InterfaceImpl */ [index(TABLE.TypeDef), 'TypeDefOrRef'],
  /* 0A MemberRef */ ['MemberRefParent', 'string', 'blob'],
  /* 0B Constant */ [2, 'HasConstant', 'blob'],
  /* 0C CustomAttribute */ ['HasCustomAttribute', 'CustomAttributeType', 'blob'],
  /* 0D FieldMarshal */ ['HasFieldMarshal', 'blob'],
  /* 0E DeclSecurity */ [2, 'HasDeclSecurity', 'blob'],
  /* 0F ClassLayout */ [2, 4, index(TABLE.TypeDef)],
  /* 10 FieldLayout */ [4, index(TABLE.Field)],
  /* 11 StandAloneSig */ ['blob'],
  /* 12 EventMap */ [index(TABLE.TypeDef), index(TABLE.Event)],
  /* 13 EventPtr */ [index(TABLE.Event)],
  /* 14 Event */ [2, 'string', 'TypeDefOrRef'],
  /* 15 PropertyMap */ [index(TABLE.TypeDef), index(TABLE.Property)],
  /* 16 PropertyPtr */ [index(TABLE.Property)],
  /* 17 Property */ [2, 'string', 'blob'],
  /* 18 MethodSemantics */ [2, index(TABLE.MethodDef), 'HasSemantics'],
  /* 19 MethodImpl */ [index(TABLE.TypeDef), 'MethodDefOrRef', 'MethodDefOrRef'],
  /* 1A ModuleRef */ ['string'],
];

const HEAP_BITS = { string: 1, guid: 2, blob: 4 } as const;
const EXTRA_WORD = 0x40;

/** Reads `length` bytes at `at` from the start of the table stream. */
export type ReadStream = (at: number, length: number) => DataView;

interface TablePlace {
  readonly at: number;
  readonly rows: number;
  readonly widths: readonly number[];
}

/** The table stream (`#~`): HeapSizes 6, Valid 8, row counts from 24, then the tables. */
export class MetadataTables {
  private readonly read: ReadStream;
  private readonly places: readonly TablePlace[];

  constructor(read: ReadStream) {
    this.read = read;
    const fields = read(0, 24);
    const heapSizes = fields.getUint8(6);
    const present = Array.from({ length: TABLE_COUNT }, (_, table) => isPresent(fields, table));
    const stored = present.filter(Boolean).length;
    const counts = read(24, stored * 4);
    let next = 0;
    const rows = present.map((there) =>
      there ? withinLimit(counts.getUint32(4 * next++, true), MAX_ROWS, 0, 'rows') : 0,
    );
    const start = 24 + stored * 4 + ((heapSizes & EXTRA_WORD) === 0 ? 0 : 4);
    this.places = placesOf(start, rows, heapSizes);
  }

  rows(table: number): number {
    return this.places[table]?.rows ?? 0;
  }

  /** Columns of every row, in table order; reads the table at once. */
  *all(table: number): Generator<readonly number[]> {
    const place = this.places[table];
    if (place === undefined || place.rows === 0) return;
    const width = rowWidth(place.widths);
    const fields = this.read(place.at, withinLimit(width * place.rows, MAX_TABLE_BYTES, 0, 'bytes of tables'));
    for (let row = 0; row < place.rows; row += 1) yield columnsAt(fields, row * width, place.widths);
  }

  /** Columns of one row; rows count from 1 as in a token. Null where the table has no such row. */
  row(table: number, row: number): readonly number[] | null {
    const place = this.places[table];
    if (place === undefined || row < 1 || row > place.rows) return null;
    const width = rowWidth(place.widths);
    return columnsAt(this.read(place.at + (row - 1) * width, width), 0, place.widths);
  }
}

/** Splits a coded index into the position of its table in the list above, and the row. */
export function decodeIndex(kind: keyof typeof CODED, value: number): { readonly tag: number; readonly row: number } {
  const { bits } = CODED[kind];
  return { tag: value & ((1 << bits) - 1), row: value >>> bits };
}

function isPresent(fields: DataView, table: number): boolean {
  return ((fields.getUint32(table < 32 ? 8 : 12, true) >>> (table % 32)) & 1) === 1;
}

function placesOf(start: number, rows: readonly number[], heapSizes: number): readonly TablePlace[] {
  let at = start;
  return SCHEMA.map((columns, table) => {
    const widths = columns.map((column) => widthOf(column, rows, heapSizes));
    const place = { at, rows: rows[table] ?? 0, widths };
    at += place.rows * rowWidth(widths);
    return place;
  });
}

function widthOf(column: Column, rows: readonly number[], heapSizes: number): number {
  if (typeof column === 'number') return column;
  if (typeof column === 'object') return (rows[column.table] ?? 0) < 1 << 16 ? 2 : 4;
  if (column === 'string' || column === 'guid' || column === 'blob')
    return (heapSizes & HEAP_BITS[column]) === 0 ? 2 : 4;
  const { bits, tables } = CODED[column];
  return tables.every((table) => (rows[table] ?? 0) < 1 << (16 - bits)) ? 2 : 4;
}

function rowWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

function columnsAt(fields: DataView, at: number, widths: readonly number[]): readonly number[] {
  let position = at;
  return widths.map((width) => {
    const value = width === 2 ? fields.getUint16(position, true) : fields.getUint32(position, true);
    position += width;
    return value;
  });
}
