import type { FormatError } from '../../model/gap.js';

/** Carries a fault from inside the reader to its door; never leaves src/image/tar. */
export class TarFault extends Error {
  readonly fault: FormatError;
  constructor(fault: FormatError) {
    super(fault.kind);
    this.fault = fault;
  }
}

export function badValue(at: number, field: string, value: string): TarFault {
  return new TarFault({ kind: 'bad-value', at, field, value: value.slice(0, 40) });
}

export function truncated(at: number, needed: number, available: number): TarFault {
  return new TarFault({ kind: 'truncated', at, needed, available });
}

export function overLimit(at: number, field: string, limit: number): TarFault {
  return new TarFault({ kind: 'limit', at, field, limit });
}
