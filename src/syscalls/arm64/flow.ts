import { predecessors, type CodeFlow, type Exit } from '../flow.js';
import type { CodeImage } from '../image.js';
import { accessOf, isIndirectCall, SP, stepArm64, type Frame } from './effects.js';
import { branchDistance, isCall, WORD } from './sweep.js';

const MAX_INSTRUCTIONS = 65_536;

const NEXT: Exit = { through: true, branch: null, slot: null, isCall: false, indirect: false, padding: false };
const END: Exit = { ...NEXT, through: false };
const NOP = 0xd503201f;

/** Takes `[offset, end)` apart, of which the first byte has the address `address`. */
export function flowArm64({ fields }: CodeImage, offset: number, end: number, address: number): CodeFlow {
  const count = Math.min(Math.floor((end - offset) / WORD), MAX_INSTRUCTIONS);
  const words = Array.from({ length: count }, (_, index) => fields.getUint32(offset + index * WORD, true));
  const exits = words.map((word, index) => exitOf(word, address + index * WORD));
  const indexAt = (wanted: number): number => {
    const index = (wanted - address) / WORD;
    return Number.isInteger(index) && index >= 0 && index < count ? index : -1;
  };
  const { before, after } = predecessors(exits, indexAt);
  const frames = framesOf(words, after);
  return {
    addresses: words.map((_, index) => address + index * WORD),
    indexAt,
    before: (index) => before[index] ?? [],
    step: (index, place) => stepArm64(words[index] ?? NOP, place, frames[index] ?? UNKNOWN),
    implied: (index, next, place) => impliedZero(words[index] ?? NOP, exits[index] ?? END, indexAt, next, place),
    stackAt: (index) => frames[index]?.stack ?? null,
    exit: (index) => exits[index] ?? END,
    returnAddressBytes: 0,
  };
}

function exitOf(word: number, address: number): Exit {
  const distance = branchDistance(word);
  if (distance !== null) {
    const branch = address + distance;
    if (isCall(word)) return { ...NEXT, branch, isCall: true };
    return (word & 0xfc000000) >>> 0 === 0x14000000 ? { ...END, branch } : { ...NEXT, branch };
  }
  if (isIndirectCall(word)) return { ...NEXT, isCall: true };
  // br, ret; udf, brk.
  if ((word & 0xfffffc1f) >>> 0 === 0xd61f0000) return { ...END, indirect: true };
  if ((word & 0xfffffc1f) >>> 0 === 0xd65f0000 || word >>> 16 === 0 || (word & 0xffe0001f) >>> 0 === 0xd4200000)
    return END;
  return word === NOP ? { ...NEXT, padding: true } : NEXT;
}

/** cbz and cbnz say that the register is zero on one of their two ways. */
function impliedZero(
  word: number,
  { branch }: Exit,
  indexAt: (address: number) => number,
  next: number,
  place: number,
): number | null {
  if ((word & 0x7e000000) >>> 0 !== 0x34000000 || (word & 31) !== place || branch === null) return null;
  const zeroWhenTaken = ((word >>> 24) & 1) === 0;
  return (indexAt(branch) === next) === zeroWhenTaken ? 0 : null;
}

const UNKNOWN: Frame = { stack: null, base: null };
const plus = (left: number | null, right: number): number | null => (left === null ? null : left + right);

function framesOf(words: readonly number[], after: (index: number) => readonly number[]): readonly Frame[] {
  const frames: Frame[] = [{ stack: 0, base: null }];
  const waiting = [0];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const next = changed(words[index] ?? NOP, frames[index] ?? UNKNOWN);
    for (const successor of after(index)) {
      if (frames[successor] !== undefined) continue;
      frames[successor] = next;
      waiting.push(successor);
    }
  }
  return frames;
}

function changed(word: number, frame: Frame): Frame {
  const access = accessOf(word);
  if (access !== null) {
    const moves = access.base === SP && access.writeBack !== 'none';
    const restores = access.isLoad && access.registers.includes(29);
    return { stack: moves ? plus(frame.stack, access.offset) : frame.stack, base: restores ? null : frame.base };
  }
  return pointerChange(word, frame);
}

/** add and sub of 64 bits with an immediate, to and from the two pointers. */
function pointerChange(word: number, frame: Frame): Frame {
  const target = word & 31;
  if ((word & 0xbf800000) >>> 0 !== 0x91000000 || (target !== SP && target !== 29)) return frame;
  const immediate = ((word >>> 10) & 0xfff) * ((word >>> 22) & 1 ? 4096 : 1);
  const source = (word >>> 5) & 31;
  const pointer = source === SP ? frame.stack : source === 29 ? frame.base : null;
  const result = plus(pointer, (word >>> 30) & 1 ? -immediate : immediate);
  return target === SP ? { ...frame, stack: result } : { ...frame, base: result };
}

/** True where the last instruction of `[offset, end)` goes on behind it. */
export function fallsThroughArm64({ fields }: CodeImage, offset: number, end: number): boolean {
  if (end - offset < WORD || end + WORD > fields.byteLength) return false;
  const behind = fields.getUint32(end, true);
  if (behind === NOP || behind === 0) return false;
  const last = exitOf(fields.getUint32(end - WORD, true), 0);
  return last.through && !last.isCall && !last.padding;
}
