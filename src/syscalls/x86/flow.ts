import { offsetOf, wordAt, type CodeImage } from '../image.js';
import type { CodeFlow, Exit } from '../flow.js';
import { predecessors } from '../flow.js';
import { lowerBound } from '../pointers.js';
import { MAP, RIP, X86Decoder } from './decoder.js';
import { REGISTER, stepX86, type Frame } from './effects.js';
import { codedRegister } from './writes.js';

const decoder = new X86Decoder();

/** Instructions of one function that are taken apart; the longest of glibc that enters the kernel has 12 000. */
const MAX_INSTRUCTIONS = 65_536;

const NEXT: Exit = { through: true, branch: null, slot: null, isCall: false, indirect: false, padding: false };
const END: Exit = { ...NEXT, through: false };
const PADDING: Exit = { ...NEXT, padding: true };

/** Takes `[offset, end)` apart, of which the first byte has the address `address`. */
export function flowX86(image: CodeImage, offset: number, end: number, address: number): CodeFlow {
  const { bytes } = image;
  const shift = address - offset;
  const addresses: number[] = [];
  const exits: Exit[] = [];
  const deltas: FrameChange[] = [];
  for (let at = offset; at < end && addresses.length < MAX_INSTRUCTIONS;) {
    const length = decoder.decode(bytes, at, end);
    addresses.push(at + shift);
    exits.push(length === 0 ? END : exitOf(decoder, at + shift));
    deltas.push(length === 0 ? KEEP : changeOf(decoder));
    at += Math.max(length, 1);
  }
  const indexAt = (wanted: number): number => {
    const index = lowerBound(addresses, wanted);
    return addresses[index] === wanted ? index : -1;
  };
  const { before, after } = predecessors(exits, indexAt);
  const frames = framesOf(deltas, after);
  return {
    addresses,
    indexAt,
    before: (index) => before[index] ?? [],
    stackAt: (index) => frames[index]?.stack ?? null,
    exit: (index) => exits[index] ?? END,
    step: (index, place) => {
      const at = addresses[index] ?? 0;
      decoder.decode(bytes, at - shift, end);
      const frame = frames[index] ?? UNKNOWN;
      return stepX86(decoder, place, { address: at, frame, word: (target) => smallWord(image, target) });
    },
    implied: (index, next, place) => {
      if (index === 0 || exits[index]?.branch === null) return null;
      const zeroWhen = zeroBranch(bytes, (addresses[index] ?? 0) - shift, end);
      if (zeroWhen === null || (indexAt(exits[index]?.branch ?? -1) === next) !== zeroWhen) return null;
      decoder.decode(bytes, (addresses[index - 1] ?? 0) - shift, end);
      return isSelfTest(decoder, place) ? 0 : null;
    },
    returnAddressBytes: 8,
  };
}

/** The number that the file has at an address; null where it has none, or one that no system call has. */
function smallWord(image: CodeImage, address: number): number | null {
  const word = wordAt(image, offsetOf(image, address));
  return word > 0 && word < 1024 ? word : null;
}

/** True: the branch is taken where the comparison in front of it was with zero; false: it is not; null: another one. */
function zeroBranch(bytes: Uint8Array, at: number, end: number): boolean | null {
  decoder.decode(bytes, at, end);
  const { map, opcode } = decoder;
  const condition = map === MAP.one ? opcode - 0x70 : map === MAP.two ? opcode - 0x80 : -1;
  return condition === 4 ? true : condition === 5 ? false : null;
}

/** `test r, r` */
function isSelfTest({ map, opcode, mod, reg, rm, vector }: X86Decoder, place: number): boolean {
  return map === MAP.one && !vector && opcode === 0x85 && mod === 3 && reg === rm && reg === place;
}

/** Opcodes behind which nothing follows: ret, int3, hlt; and behind 0f: ud2, ud1, ud0. */
const ENDS: ReadonlySet<number> = new Set([0xc2, 0xc3, 0xcc, 0xf4]);
const TWO_BYTE_ENDS: ReadonlySet<number> = new Set([0x0b, 0xb9, 0xff]);

/** True where the last instruction of `[offset, end)` goes on behind it. */
export function fallsThroughX86({ bytes }: CodeImage, offset: number, end: number): boolean {
  const behind = decoder.decode(bytes, end, bytes.length) === 0 ? END : exitOf(decoder, end);
  if (behind.padding || behind === END) return false;
  let last = END;
  for (let at = offset; at < end;) {
    const length = decoder.decode(bytes, at, end);
    last = length === 0 ? END : exitOf(decoder, at);
    at += Math.max(length, 1);
  }
  return last.through && !last.isCall && !last.padding;
}

function exitOf(instruction: X86Decoder, address: number): Exit {
  const { map, opcode, length, immediate, vector } = instruction;
  if (vector || map > MAP.two) return NEXT;
  if (map === MAP.two) {
    if ((opcode & 0xf0) === 0x80) return { ...NEXT, branch: address + length + immediate };
    if (opcode === 0x1f) return PADDING;
    return TWO_BYTE_ENDS.has(opcode) ? END : NEXT;
  }
  if (opcode === 0xff) return indirectExit(instruction, address);
  if (opcode === 0x90) return PADDING;
  if (ENDS.has(opcode)) return END;
  return isBranch(opcode) ? branchExit(opcode, address + length + immediate) : NEXT;
}

/** Conditional jumps, loop, call and jmp. */
function isBranch(opcode: number): boolean {
  return (opcode & 0xf0) === 0x70 || (opcode & 0xfc) === 0xe0 || opcode === 0xe8 || opcode === 0xe9 || opcode === 0xeb;
}

function branchExit(opcode: number, branch: number): Exit {
  if (opcode === 0xe8) return { ...NEXT, branch, isCall: true };
  return opcode === 0xe9 || opcode === 0xeb ? { ...END, branch } : { ...NEXT, branch };
}

function indirectExit(instruction: X86Decoder, address: number): Exit {
  const operation = instruction.reg & 7;
  const slot = instruction.base === RIP && instruction.mod !== 3 ? instruction.ripTarget(address) : null;
  if (operation === 2) return { ...NEXT, slot, isCall: true };
  return operation === 4 ? { ...END, slot, indirect: slot === null } : NEXT;
}

/** What an instruction does to the stack and frame pointers. */
type FrameChange = (frame: Frame) => Frame;

const UNKNOWN: Frame = { stack: null, base: null };
const KEEP: FrameChange = (frame) => frame;
const moved = (bytes: number): FrameChange => {
  return ({ stack, base }) => ({ stack: stack === null ? null : stack + bytes, base });
};

/** Opcodes that move the stack pointer by a word whatever their operands are: push, pushf; pop, popf. */
const PUSHES: ReadonlySet<number> = new Set([
  0x68,
  0x6a,
  0x9c,
  ...Array.from({ length: 8 }, (_, index) => 0x50 + index),
]);
const POPS: ReadonlySet<number> = new Set([0x8f, 0x9d, ...Array.from({ length: 8 }, (_, index) => 0x58 + index)]);

function changeOf(instruction: X86Decoder): FrameChange {
  const { map, opcode, reg, rm, mod, immediate } = instruction;
  if (map !== MAP.one) return KEEP;
  if (PUSHES.has(opcode) || isPushOfMemory(instruction)) return moved(-8);
  if (POPS.has(opcode)) return popped(opcode < 0x60 ? codedRegister(instruction) : -1);
  if (opcode === 0xc9) return ({ base }) => ({ stack: base === null ? null : base + 8, base: null });
  const isSum = (opcode === 0x81 || opcode === 0x83) && rm === REGISTER.rsp;
  return isSum && mod === 3 ? adjusted(reg & 7, immediate) : (pointerChange(instruction) ?? KEEP);
}

const isPushOfMemory = ({ opcode, reg }: X86Decoder): boolean => opcode === 0xff && (reg & 7) === 6;

function popped(register: number): FrameChange {
  const keep = moved(8);
  return register === REGISTER.rbp ? (frame) => ({ ...keep(frame), base: null }) : keep;
}

function adjusted(operation: number, immediate: number): FrameChange {
  if (operation === 0) return moved(immediate);
  return operation === 5 ? moved(-immediate) : KEEP;
}

/** mov and lea between the two pointers. */
function pointerChange({ opcode, reg, rm, mod, base, index, displacement }: X86Decoder): FrameChange | null {
  if (opcode === 0x8d && index === -1 && (reg === REGISTER.rsp || reg === REGISTER.rbp)) {
    const source = (frame: Frame): number | null =>
      base === REGISTER.rsp ? frame.stack : base === REGISTER.rbp ? frame.base : null;
    return (frame) => assigned(frame, reg, plus(source(frame), displacement));
  }
  if (mod !== 3 || (opcode !== 0x89 && opcode !== 0x8b)) return null;
  const [target, origin] = opcode === 0x89 ? [rm, reg] : [reg, rm];
  if (target !== REGISTER.rsp && target !== REGISTER.rbp) return null;
  return (frame) =>
    assigned(frame, target, origin === REGISTER.rsp ? frame.stack : origin === REGISTER.rbp ? frame.base : null);
}

const plus = (left: number | null, right: number): number | null => (left === null ? null : left + right);

function assigned(frame: Frame, register: number, value: number | null): Frame {
  return register === REGISTER.rsp ? { ...frame, stack: value } : { ...frame, base: value };
}

/** The frame before each instruction, by the first way that leads there. */
function framesOf(changes: readonly FrameChange[], after: (index: number) => readonly number[]): readonly Frame[] {
  const frames: Frame[] = [{ stack: 0, base: null }];
  const waiting = [0];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const frame = frames[index] ?? UNKNOWN;
    const next = changes[index]?.(frame) ?? frame;
    for (const successor of after(index)) {
      if (frames[successor] !== undefined) continue;
      frames[successor] = next;
      waiting.push(successor);
    }
  }
  return frames;
}
