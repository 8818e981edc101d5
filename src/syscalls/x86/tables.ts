/**
 * What follows an opcode (Intel SDM volume 2, appendix A, tables ), one letter an opcode, 64-bit mode:
 *
 *   .  nothing            m  ModRM             b  8-bit immediate      z  16- or 32-bit immediate
 *   M  ModRM + 8-bit      Z  ModRM + 16/32     w  16-bit immediate     v  as z, 64-bit with REX.W
 *   j  8-bit relative     J  32-bit relative   o  64-bit offset        e  16- and 8-bit immediate
 *   f  ModRM, an immediate only for /0 and /1  p  prefix               x  no such instruction
 *   E  escape to another map                   V  VEX, EVEX or XOP
 */
export const ONE_BYTE =
  'mmmmbzxxmmmmbzxE' +
  'mmmmbzxxmmmmbzxx' +
  'mmmmbzpxmmmmbzpx' +
  'mmmmbzpxmmmmbzpx' +
  'pppppppppppppppp' +
  '................' +
  'xxVmppppzZbM....' +
  'jjjjjjjjjjjjjjjj' +
  'MZxMmmmmmmmmmmmV' +
  '..........x.....' +
  'oooo....bz......' +
  'bbbbbbbbvvvvvvvv' +
  'MMw.VVMZe.w..bx.' +
  'mmmmxxx.mmmmmmmm' +
  'jjjjbbbbJJxj....' +
  'p.pp..ff......mm';

/** Opcodes behind 0f. */
export const TWO_BYTE =
  'mmmmx.....x.xm.M' +
  'mmmmmmmmmmmmmmmm' +
  'mmmmxxxxmmmmmmmm' +
  '......x.ExExxxxx' +
  'mmmmmmmmmmmmmmmm' +
  'mmmmmmmmmmmmmmmm' +
  'mmmmmmmmmmmmmmmm' +
  'MMMMmmm.mmxxmmmm' +
  'JJJJJJJJJJJJJJJJ' +
  'mmmmmmmmmmmmmmmm' +
  '...mMmxx...mMmmm' +
  'mmmmmmmmmmMmmmmm' +
  'mmMmMMMm........' +
  'mmmmmmmmmmmmmmmm' +
  'mmmmmmmmmmmmmmmm' +
  'mmmmmmmmmmmmmmmm';

const LETTERS = '.mbzMZwvjJoefpxEV';

/** The letters as numbers, for a table that is fast to read. */
export const SHAPE = {
  none: 0,
  modrm: 1,
  imm8: 2,
  immZ: 3,
  modrmImm8: 4,
  modrmImmZ: 5,
  imm16: 6,
  immV: 7,
  rel8: 8,
  rel32: 9,
  moffs: 10,
  enter: 11,
  group3: 12,
  prefix: 13,
  invalid: 14,
  escape: 15,
  vector: 16,
} as const;

export function shapes(table: string): Uint8Array {
  return Uint8Array.from(table, (letter) => LETTERS.indexOf(letter));
}
