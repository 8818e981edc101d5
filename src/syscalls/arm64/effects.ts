import { from, LOST, PASS, stackDistance, stackPlace, type Place, type Step } from '../trace.js';
import { isCall, SVC } from './sweep.js';

/** Registers by their number; 31 is the stack pointer or zero, as the instruction has it. */
export const SP = 31;
/** What a called function may change: x0 to x18 and the link register (AAPCS64, 6.1.1). */
const clobbered = (register: number): boolean => register <= 18 || register === 30;

const value = (number: number): Step => ({ kind: 'value', value: number });

/** Distances of the stack pointer and of x29 from the stack at entry; null: not known. */
export interface Frame {
  readonly stack: number | null;
  readonly base: number | null;
}

/** What a word of code does to a place, read backwards. */
export function stepArm64(word: number, place: Place, frame: Frame): Step {
  const distance = stackDistance(place);
  if (distance !== null) return stackStep(word, distance, frame);
  if (isCall(word) || isIndirectCall(word)) return clobbered(place) ? LOST : PASS;
  if (word === SVC) return place === 0 ? LOST : PASS;
  return registerStep(word, place, frame);
}

/** blr (C6.2). */
export const isIndirectCall = (word: number): boolean => (word & 0xfffffc1f) >>> 0 === 0xd63f0000;

function registerStep(word: number, place: Place, frame: Frame): Step {
  const target = word & 31;
  const wide = moveWide(word, place);
  if (wide !== null) return wide;
  // orr Xd, xzr, Xm: mov between registers.
  if ((word & 0x7fe0ffe0) >>> 0 === 0x2a0003e0) {
    if (target !== place) return PASS;
    const source = (word >>> 16) & 31;
    return source === SP ? value(0) : from(source);
  }
  // add and sub with an immediate.
  if ((word & 0x3f800000) >>> 0 === 0x11000000) return target === place ? sumStep(word) : PASS;
  const load = loadStep(word, place, frame);
  if (load !== null) return load;
  return writesTarget(word) && target === place ? LOST : PASS;
}

/** movz, movn and movk (C4.1.92, "Move wide (immediate)"); movk of a low part is no way to write a number of a call. */
function moveWide(word: number, place: Place): Step | null {
  if ((word & 0x1f800000) >>> 0 !== 0x12800000) return null;
  if ((word & 31) !== place) return PASS;
  const kind = (word >>> 29) & 3;
  const shift = 16 * ((word >>> 21) & 3);
  const immediate = ((word >>> 5) & 0xffff) * 2 ** shift;
  if (kind === 2) return value(immediate);
  return kind === 0 ? value(-1 - immediate) : LOST;
}

function sumStep(word: number): Step {
  const immediate = ((word >>> 10) & 0xfff) * ((word >>> 22) & 1 ? 4096 : 1);
  const source = (word >>> 5) & 31;
  if (source === SP) return LOST;
  return from(source, (word >>> 30) & 1 ? -immediate : immediate);
}

/** An access to memory with a base: which registers, where. */
interface Access {
  readonly isLoad: boolean;
  readonly registers: readonly number[];
  readonly base: number;
  readonly offset: number;
  readonly bytes: number;
  /** What is added to the base before (`pre`) or after (`post`) it. */
  readonly writeBack: 'none' | 'pre' | 'post';
}

/** ldr, str, ldp and stp of general registers in their forms with an immediate; null for any other word. */
export function accessOf(word: number): Access | null {
  const base = (word >>> 5) & 31;
  if ((word & 0x3e000000) >>> 0 === 0x28000000) {
    const bytes = word >>> 31 === 1 ? 8 : 4;
    const mode = (word >>> 23) & 3;
    const offset = ((((word >>> 15) & 0x7f) << 25) >> 25) * bytes;
    const registers = [word & 31, (word >>> 10) & 31];
    return { isLoad: ((word >>> 22) & 1) === 1, registers, base, offset, bytes, writeBack: writeBackOf(mode) };
  }
  if ((word & 0x3f000000) >>> 0 === 0x39000000) {
    const bytes = 1 << (word >>> 30);
    const offset = ((word >>> 10) & 0xfff) * bytes;
    return { isLoad: ((word >>> 22) & 3) !== 0, registers: [word & 31], base, offset, bytes, writeBack: 'none' };
  }
  if ((word & 0x3f200000) >>> 0 === 0x38000000) {
    const mode = (word >>> 10) & 3;
    const offset = (((word >>> 12) & 0x1ff) << 23) >> 23;
    const writeBack = mode === 1 ? 'post' : mode === 3 ? 'pre' : 'none';
    return {
      isLoad: ((word >>> 22) & 3) !== 0,
      registers: [word & 31],
      base,
      offset,
      bytes: 1 << (word >>> 30),
      writeBack,
    };
  }
  return null;
}

const writeBackOf = (mode: number): Access['writeBack'] => (mode === 1 ? 'post' : mode === 3 ? 'pre' : 'none');

/** Distance of the word of the stack that is accessed for the register at `index`; null where it is none. */
function stackWord({ base, offset, bytes, writeBack }: Access, index: number, frame: Frame): number | null {
  const pointer = base === SP ? frame.stack : base === 29 ? frame.base : null;
  return pointer === null ? null : pointer + (writeBack === 'post' ? 0 : offset) + index * bytes;
}

function loadStep(word: number, place: Place, frame: Frame): Step | null {
  const access = accessOf(word);
  if (access === null) return null;
  const index = access.isLoad ? access.registers.indexOf(place) : -1;
  if (index === -1) return access.base === place && access.writeBack !== 'none' && place !== SP ? LOST : PASS;
  const distance = stackWord(access, index, frame);
  return distance === null ? LOST : from(stackPlace(distance));
}

function stackStep(word: number, distance: number, frame: Frame): Step {
  const access = accessOf(word);
  if (access === null || access.isLoad) return PASS;
  const index = access.registers.findIndex((_, at) => stackWord(access, at, frame) === distance);
  const register = access.registers[index];
  if (register === undefined) return PASS;
  return register === SP ? value(0) : from(register);
}

/** Data processing and exclusive or literal loads write the register in the low five bits (C4.1). */
function writesTarget(word: number): boolean {
  const group = (word >>> 25) & 15;
  const isData = group === 8 || group === 9 || group === 5 || group === 13;
  const isOtherLoad = (group & 5) === 4 && (word & 0x04000000) === 0;
  return isData || isOtherLoad;
}
