import { fallsThroughArm64, flowArm64 } from './arm64/flow.js';
import { mayBeginArm64, stubArm64 } from './arm64/stub.js';
import { sweepArm64 } from './arm64/sweep.js';
import type { CodeFlow } from './flow.js';
import type { CodeImage, CodeMachine } from './image.js';
import type { SweepSink } from './sweep.js';
import type { Place } from './trace.js';
import { fallsThroughX86, flowX86 } from './x86/flow.js';
import { mayBeginX86, stubX86 } from './x86/stub.js';
import { sweepX86 } from './x86/sweep.js';

/** What the search needs of one instruction set. Offsets are of the file, addresses of the image. */
export interface Architecture {
  /** Passes once over the code of `[offset, end)`. */
  readonly sweep: (image: CodeImage, offset: number, end: number, address: number, sink: SweepSink) => void;
  /** Takes one function apart. */
  readonly flow: (image: CodeImage, offset: number, end: number, address: number) => CodeFlow;
  /** Address of the word through which a stub of the procedure linkage table jumps; null where it is no stub. */
  readonly stub: (image: CodeImage, address: number) => number | null;
  /** True where the bytes in front of an address can be the end of a function. */
  readonly mayBegin: (image: CodeImage, address: number) => boolean;
  /** True where the last instruction of `[offset, end)` goes on behind it. */
  readonly fallsThrough: (image: CodeImage, offset: number, end: number) => boolean;
  /** Where the number of a system call is. */
  readonly number: Place;
  /** Functions of a C library that take the number as an argument, and which one. */
  readonly wrappers: Readonly<Record<string, Place>>;
}

const x86: Architecture = {
  sweep: sweepX86,
  flow: flowX86,
  stub: stubX86,
  mayBegin: mayBeginX86,
  fallsThrough: fallsThroughX86,
  number: 0,
  wrappers: { syscall: 7 },
};

/** x8 has the number, x0 the first argument (AAPCS64; Linux, arch/arm64/kernel/syscall.c). */
const arm64: Architecture = {
  sweep: sweepArm64,
  flow: flowArm64,
  stub: stubArm64,
  mayBegin: mayBeginArm64,
  fallsThrough: fallsThroughArm64,
  number: 8,
  wrappers: { syscall: 0 },
};

export const ARCHITECTURES: Readonly<Record<CodeMachine, Architecture>> = { x86_64: x86, aarch64: arm64 };
