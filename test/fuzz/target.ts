import type { Random } from './random.js';

/** One thing that reads bytes of others. Whatever it throws that is not an `XosError` is a finding of the fuzzer. */
export interface Target {
  readonly name: string;
  /** Real or built inputs that are read to their end; mutation starts from these. */
  readonly seeds: () => readonly Uint8Array[];
  /** Text is mutated by words and lines too. */
  readonly text?: boolean;
  /** Words that mean something in this format. */
  readonly words?: readonly string[];
  /** Puts checksums right again, so that a mutation is not refused at the first door. */
  readonly repair?: (bytes: Uint8Array) => void;
  /** Makes an input in a way of its own; the default is mutation of a member of the corpus. */
  readonly generate?: (random: Random) => Uint8Array;
  /** Largest input. */
  readonly maxBytes: number;
  /** One execution over this is a finding, in milliseconds of a machine that does nothing else. */
  readonly boundMs: number;
  /** What was found: compared between two runs of the same input, and its shape says whether an input is new. */
  readonly run: (bytes: Uint8Array) => unknown;
}
