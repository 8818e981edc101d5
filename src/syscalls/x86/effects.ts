import { from, LOST, PASS, stackDistance, stackPlace, type Place, type Step } from '../trace.js';
import { MAP, NO_BASE, RIP, type X86Decoder } from './decoder.js';
import { byteRegister, codedRegister, ONE_BYTE_WRITES, TWO_BYTE_WRITES, writes } from './writes.js';

/** Register numbers as they are encoded (Intel SDM volume 2, table 3-1). */
export const REGISTER = { rax: 0, rdx: 2, rsp: 4, rbp: 5 } as const;

/** Where the stack and frame pointers are before an instruction; null: not known. */
export interface Frame {
  readonly stack: number | null;
  readonly base: number | null;
}

/** Where an instruction is, and what the file has at an address: null where that is no small number. */
export interface Surroundings {
  readonly address: number;
  readonly frame: Frame;
  readonly word: (address: number) => number | null;
}

const value = (number: number): Step => ({ kind: 'value', value: number });

/** What an instruction does to a place, read backwards. */
export function stepX86(instruction: X86Decoder, place: Place, around: Surroundings): Step {
  const distance = stackDistance(place);
  if (distance !== null) return stackStep(instruction, distance, around.frame);
  if (instruction.vector || instruction.map > MAP.two) return vectorStep(instruction, place);
  if (instruction.map === MAP.two) {
    const letter = TWO_BYTE_WRITES[instruction.opcode] ?? '.';
    return effect(letter, TWO_BYTE[instruction.opcode], instruction, place, around);
  }
  if (instruction.opcode === 0xff) return groupFiveStep(instruction, place);
  if (isMultiplication(instruction)) return place === REGISTER.rax || place === REGISTER.rdx ? LOST : PASS;
  const letter = ONE_BYTE_WRITES[instruction.opcode] ?? '.';
  return effect(letter, ONE_BYTE[instruction.opcode], instruction, place, around);
}

function effect(
  letter: string,
  known: Effect | undefined,
  instruction: X86Decoder,
  place: Place,
  around: Surroundings,
): Step {
  if (!writes(letter, instruction, place)) return PASS;
  return known === undefined ? LOST : known(instruction, place, around);
}

/** The word of the stack that the operand in memory is; null where it is none. */
function stackOperand({ base, index, displacement, mod }: X86Decoder, frame: Frame): number | null {
  if (mod === 3 || mod === -1 || index !== -1) return null;
  const pointer = base === REGISTER.rsp ? frame.stack : base === REGISTER.rbp ? frame.base : null;
  return pointer === null ? null : pointer + displacement;
}

/** mov to memory from a register or of an immediate. */
const STORES: ReadonlySet<number> = new Set([0x88, 0x89, 0xc6, 0xc7]);

function stackStep(instruction: X86Decoder, distance: number, frame: Frame): Step {
  const { map, opcode, vector, immediate } = instruction;
  if (map !== MAP.one || vector) return PASS;
  const pushesRegister = (opcode & 0xf8) === 0x50;
  if (pushesRegister || opcode === 0x68 || opcode === 0x6a) {
    if (frame.stack === null || frame.stack - 8 !== distance) return PASS;
    return pushesRegister ? from(codedRegister(instruction)) : value(immediate);
  }
  if (!STORES.has(opcode) || stackOperand(instruction, frame) !== distance) return PASS;
  return opcode < 0xc0 ? from(instruction.reg) : value(immediate);
}

/** SSE and AVX opcodes of map 0f whose result is in a general register: movd, pmovmskb, cvt*2si, movmsk, pextrw, kmov. */
const VECTOR_TO_GENERAL: ReadonlySet<number> = new Set([0x7e, 0xd7, 0x2c, 0x2d, 0x50, 0xc5, 0x93]);

/** Opcodes of the maps behind 0f 38 and 0f 3a and of VEX that write a general register: movbe, crc32, BMI, extractions. */
function isGeneral({ map, opcode }: X86Decoder): boolean {
  if (map === MAP.two) return VECTOR_TO_GENERAL.has(opcode);
  if (map === MAP.three38) return opcode >= 0xf0;
  return map > MAP.three3a || opcode === 0xf0 || (opcode & 0xfc) === 0x14;
}

function vectorStep(instruction: X86Decoder, place: Place): Step {
  const { reg, rm, vvvv, mod, vector } = instruction;
  const touched = reg === place || (vector && vvvv === place) || (mod === 3 && rm === place);
  return touched && isGeneral(instruction) ? LOST : PASS;
}

type Effect = (instruction: X86Decoder, place: Place, around: Surroundings) => Step;

/** xor and sub of a register with itself. */
const zeroing: Effect = ({ reg, rm, mod }) => (mod === 3 && reg === rm ? value(0) : LOST);

const load: Effect = (instruction, _, { address, frame, word }) => {
  if (instruction.mod === 3) return from(instruction.rm);
  if (instruction.segment) return LOST;
  // A variable is taken to have the value that the file gives it: Go keeps a number so (`fcntl64Syscall`).
  const fixed = instruction.base === RIP ? word(instruction.ripTarget(address)) : null;
  if (fixed !== null) return value(fixed);
  const distance = stackOperand(instruction, frame);
  return distance === null ? LOST : from(stackPlace(distance));
};

const immediate: Effect = (instruction) => value(instruction.immediate);

/** mov to the low byte: hand-written code clears the register before it. */
const byteImmediate: Effect = (instruction, place) =>
  codedRegister(instruction) === place && instruction.immediate >= 0 ? value(instruction.immediate) : LOST;

const pop: Effect = (_, __, { frame }) => (frame.stack === null ? LOST : from(stackPlace(frame.stack)));

const address: Effect = ({ base, index, displacement }) =>
  index === -1 && base !== RIP && base !== NO_BASE ? from(base, displacement) : LOST;

/** 81 and 83: add and sub change the number; or with all bits set is a short -1; cmp writes nothing. */
const groupOne: Effect = (instruction, place) => {
  const operation = instruction.reg & 7;
  if (operation === 7) return PASS;
  if (operation === 0) return from(place, instruction.immediate);
  if (operation === 5) return from(place, -instruction.immediate);
  return operation === 1 && instruction.immediate === -1 ? value(-1) : LOST;
};

/** f6 and f7: test writes nothing, not and neg their operand. */
const groupThree: Effect = ({ reg }) => ((reg & 7) < 2 ? PASS : LOST);

/** f6 and f7 with mul, imul, div, idiv. */
function isMultiplication({ opcode, reg }: X86Decoder): boolean {
  return (opcode === 0xf6 || opcode === 0xf7) && (reg & 7) >= 4;
}

/** ff: inc, dec, call, jmp, push. */
function groupFiveStep({ reg, rm, mod }: X86Decoder, place: Place): Step {
  const operation = reg & 7;
  if (operation === 2 || operation === 3) return CALLED.has(place) ? LOST : PASS;
  if (operation > 1 || mod !== 3 || rm !== place) return PASS;
  return from(place, operation === 0 ? 1 : -1);
}

/** What a called function may change (psABI x86-64, 3.2.1). */
const CALLED: ReadonlySet<number> = new Set([0, 1, 2, 6, 7, 8, 9, 10, 11]);

const widen: Effect = ({ mod, rm, rex }) => (mod === 3 ? from(byteRegister(rm, rex)) : LOST);

/** cmov: what was there before, or the operand. */
const conditional: Effect = (instruction, place, around) => {
  const loaded = load(instruction, place, around);
  return loaded.kind === 'from' ? { kind: 'from', places: [place, ...loaded.places], add: 0 } : LOST;
};

const each = (first: number, count: number, effect: Effect): Readonly<Record<number, Effect>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [first + index, effect]));

/** Opcodes that hand a constant on. */
const ONE_BYTE: Readonly<Record<number, Effect>> = {
  0x05: (instruction, place) => from(place, instruction.immediate),
  0x29: zeroing,
  0x2b: zeroing,
  0x31: zeroing,
  0x33: zeroing,
  0x63: load,
  0x80: ({ reg }) => ((reg & 7) === 7 ? PASS : LOST),
  0x81: groupOne,
  0x83: groupOne,
  0x89: ({ reg }) => from(reg),
  0x8b: load,
  0x8d: address,
  0xc7: immediate,
  0xf6: groupThree,
  0xf7: groupThree,
  ...each(0x58, 8, pop),
  ...each(0xb0, 8, byteImmediate),
  ...each(0xb8, 8, immediate),
};

const TWO_BYTE: Readonly<Record<number, Effect>> = {
  0xb6: widen,
  0xb7: widen,
  0xbe: widen,
  0xbf: widen,
  // bt writes nothing.
  0xba: ({ reg }) => ((reg & 7) === 4 ? PASS : LOST),
  ...each(0x40, 16, conditional),
};
