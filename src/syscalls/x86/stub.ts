import { offsetOf, type CodeImage } from '../image.js';
import { MAP, RIP, X86Decoder } from './decoder.js';

const decoder = new X86Decoder();

/** Instructions of a stub up to its jump: endbr64, then the jump (psABI x86-64, 5.2; "PLT entries" of IBT). */
const STUB_INSTRUCTIONS = 2;

/** Address of the word that a stub jumps through: `jmp *slot(%rip)`, behind `endbr64` where there is one. */
export function stubX86(image: CodeImage, address: number): number | null {
  let at = offsetOf(image, address);
  if (at < 0) return null;
  const shift = address - at;
  for (let count = 0; count < STUB_INSTRUCTIONS; count++) {
    const length = decoder.decode(image.bytes, at, image.bytes.length);
    if (length === 0) return null;
    if (decoder.map === MAP.one && decoder.opcode === 0xff && (decoder.reg & 7) === 4 && decoder.base === RIP) {
      return decoder.ripTarget(at + shift);
    }
    const isEndbr = decoder.map === MAP.two && decoder.opcode === 0x1e && decoder.repeat === 0xf3;
    if (!isEndbr) return null;
    at += length;
  }
  return null;
}

/** ret, nop, int3, and the last byte of a longer nop. */
const ENDS: ReadonlySet<number> = new Set([0xc3, 0x90, 0xcc, 0x00]);

/** True where the byte in front of an address can be the end of a function, or what fills up the space behind it. */
export function mayBeginX86(image: CodeImage, address: number): boolean {
  return ENDS.has(image.bytes[offsetOf(image, address - 1)] ?? -1);
}
