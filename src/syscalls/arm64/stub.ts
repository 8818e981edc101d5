import { offsetOf, type CodeImage } from '../image.js';
import { addressDistance, WORD } from './sweep.js';

const BTI = 0xd503245f;
const RET = 0xd65f03c0;
const NOP = 0xd503201f;

/** Address of the word that a stub jumps through: `adrp x16; ldr x17, [x16, #n]; …; br x17` (AAELF64, "PLT"). */
export function stubArm64(image: CodeImage, address: number): number | null {
  const start = offsetOf(image, address);
  if (start < 0 || start + 5 * WORD > image.bytes.length) return null;
  const word = (index: number): number => image.fields.getUint32(start + index * WORD, true);
  const first = word(0) === BTI ? 1 : 0;
  const page = word(first);
  const load = word(first + 1);
  // adrp x16 and ldr x17, [x16, #n].
  if ((page & 0x9f00001f) >>> 0 !== 0x90000010 || (load & 0xffc003ff) >>> 0 !== 0xf9400211) return null;
  const place = address + first * WORD;
  return place - (place % 4096) + addressDistance(page) + ((load >>> 10) & 0xfff) * 8;
}

/** True where the word in front of an address is ret, nop or nothing. */
export function mayBeginArm64(image: CodeImage, address: number): boolean {
  const at = offsetOf(image, address - WORD);
  if (at < 0) return false;
  const word = image.fields.getUint32(at, true);
  return word === RET || word === NOP || word === 0;
}
