import type { X86Decoder } from './decoder.js';

/**
 * General registers that an opcode writes (Intel SDM volume 2, the pages of the single instructions), one letter an
 * opcode, for those that hand no constant on:
 *
 *   .  none   M R  the operand `rm`, `reg`   m r  the same, of 8 bits   X x  both   a  `rm` and rax   O  the coded one
 *   E  the coded one and rax   A rax   D rdx   B rbp   C rcx   S  rcx rsi rdi   L  rax rsi   T  rax rdx
 *   G  rax rcx rdx   U  rax rcx rdx rbx   Y  rax rcx r11   K  what a called function may change (psABI x86-64, 3.2.1)
 */
export const ONE_BYTE_WRITES =
  'mMrRAA..mMrRAA..' +
  'mMrRAA..mMrRAA..' +
  'mMrRAA..mMrRAA..' +
  'mMrRAA..........' +
  '................' +
  '........OOOOOOOO' +
  '...R.....R.R....' +
  '................' +
  'mM.M..xXmMrRMR.M' +
  '.EEEEEEE.D.....A' +
  'AA..SSSS..SSLLSS' +
  'OOOOOOOOOOOOOOOO' +
  'mM....mMBB......' +
  'mMmM...A........' +
  'CCC.AA..K...AA..' +
  '......mM......mM';

export const TWO_BYTE_WRITES =
  '.GRR.Y..........' +
  '................' +
  '............RR..' +
  '.TTT............' +
  'RRRRRRRRRRRRRRRR' +
  'R...............' +
  '................' +
  '..............M.' +
  '................' +
  'mmmmmmmmmmmmmmmm' +
  '..U.MM.....MMM.R' +
  'aaRMRRRRR.MMRRRR' +
  'xX...R.TOOOOOOOO' +
  '.......R........' +
  '................' +
  '................';

/** Registers by their number; those that some opcodes write whatever their operands are. */
const FIXED: Readonly<Record<string, readonly number[]>> = {
  A: [0],
  B: [5],
  C: [1],
  D: [2],
  E: [0],
  G: [0, 1, 2],
  K: [0, 1, 2, 6, 7, 8, 9, 10, 11],
  L: [0, 6],
  S: [1, 6, 7],
  T: [0, 2],
  U: [0, 1, 2, 3],
  Y: [0, 1, 11],
  a: [0],
};

/** Without REX the numbers 4 to 7 are the high bytes of the first four registers. */
export function byteRegister(number: number, rex: number): number {
  return rex === 0 && number >= 4 && number < 8 ? number - 4 : number;
}

/** The register in the low bits of an opcode. */
export const codedRegister = ({ opcode, rex }: X86Decoder): number => (opcode & 7) | ((rex & 1) << 3);

const rmRegister = ({ mod, rm }: X86Decoder): number => (mod === 3 ? rm : -1);
const byteRmRegister = ({ mod, rm, rex }: X86Decoder): number => (mod === 3 ? byteRegister(rm, rex) : -1);

const OPERANDS: Readonly<Record<string, (instruction: X86Decoder) => readonly number[]>> = {
  M: (instruction) => [rmRegister(instruction)],
  R: ({ reg }) => [reg],
  m: (instruction) => [byteRmRegister(instruction)],
  r: ({ reg, rex }) => [byteRegister(reg, rex)],
  X: (instruction) => [rmRegister(instruction), instruction.reg],
  x: (instruction) => [byteRmRegister(instruction), byteRegister(instruction.reg, instruction.rex)],
  a: (instruction) => [rmRegister(instruction)],
  O: (instruction) => [codedRegister(instruction)],
  E: (instruction) => [codedRegister(instruction)],
};

/** True where an opcode with this letter writes the register. */
export function writes(letter: string, instruction: X86Decoder, register: number): boolean {
  if (FIXED[letter]?.includes(register) === true) return true;
  return OPERANDS[letter]?.(instruction).includes(register) === true;
}
