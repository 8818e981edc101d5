import type { CodeImage } from '../image.js';
import { ENOSYS, type SweepSink } from '../sweep.js';

/** Instructions are words of four bytes (Arm Architecture Reference Manual for A-profile, C4.1). */
export const WORD = 4;
/** `svc #0` (C6.2, SVC). */
export const SVC = 0xd4000001;

/** Sign-extends the lowest `bits` bits. */
export const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

/** Distance in bytes of a direct branch; null where the word is none (C4.1.94, "Branches"). */
export function branchDistance(word: number): number | null {
  if ((word & 0x7c000000) >>> 0 === 0x14000000) return signed(word & 0x3ffffff, 26) * WORD;
  const isConditional = (word & 0xff000000) >>> 0 === 0x54000000;
  const comparesZero = (word & 0x7e000000) >>> 0 === 0x34000000;
  if (isConditional || comparesZero) return signed((word >>> 5) & 0x7ffff, 19) * WORD;
  const testsBit = (word & 0x7e000000) >>> 0 === 0x36000000;
  return testsBit ? signed((word >>> 5) & 0x3fff, 14) * WORD : null;
}

export const isCall = (word: number): boolean => (word & 0xfc000000) >>> 0 === 0x94000000;

/** Distance of adr, or of the page of adrp, which counts from the page of the instruction. */
export function addressDistance(word: number): number {
  const immediate = signed((((word >>> 5) & 0x7ffff) << 2) | ((word >>> 29) & 3), 21);
  return word >>> 31 === 1 ? immediate * 4096 : immediate;
}

/** Passes over the words of `[offset, end)`; addresses are made of adrp and what adds to it. */
export function sweepArm64(image: CodeImage, offset: number, end: number, address: number, sink: SweepSink): void {
  const pages = new Map<number, number>();
  for (let at = offset; at + WORD <= end; at += WORD) {
    const word = image.fields.getUint32(at, true);
    const place = address + at - offset;
    if (word === SVC) sink.site(place);
    const distance = branchDistance(word);
    if (distance === null) seeAddress(word, place, pages, sink);
    else if (isCall(word)) sink.call(place + distance);
    else sink.jump(place + distance, place);
  }
}

function seeAddress(word: number, place: number, pages: Map<number, number>, sink: SweepSink): void {
  const target = word & 31;
  const source = (word >>> 5) & 31;
  if ((word & 0x1f000000) >>> 0 === 0x10000000) {
    if (word >>> 31 === 1) pages.set(target, place - (place % 4096) + addressDistance(word));
    else sink.take(place + addressDistance(word));
    return;
  }
  const page = pages.get(source);
  const immediate = (word >>> 10) & 0xfff;
  // add Xd, Xn, #imm
  if ((word & 0xff800000) >>> 0 === 0x91000000) {
    if (page !== undefined) sink.take(page + immediate);
  } else if (isLoad(word)) {
    if (page !== undefined) sink.load(page + immediate * loadBytes(word), Math.max(8, loadBytes(word)));
  } else if (isComparison(word)) sink.enosys();
}

/** ldr with an unsigned offset, of a general or a vector register (C4.1.96, "Load/store register (unsigned immediate)"). */
function isLoad(word: number): boolean {
  return (word & 0x3b400000) >>> 0 === 0x39400000;
}

function loadBytes(word: number): number {
  const isQuad = (word & 0x04800000) >>> 0 === 0x04800000 && word >>> 30 === 0;
  return isQuad ? 16 : 1 << (word >>> 30);
}

/** `cmn Xn, #38` and `cmp Wn, #38`. */
function isComparison(word: number): boolean {
  const immediate = (word >>> 10) & 0xfff;
  if (immediate !== ENOSYS || (word & 31) !== 31) return false;
  const kind = (word & 0x7fc00000) >>> 0;
  return kind === 0x31000000 || (word & 0xffc00000) >>> 0 === 0x71000000;
}
