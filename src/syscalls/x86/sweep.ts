import type { CodeImage } from '../image.js';
import { ENOSYS, type SweepSink } from '../sweep.js';
import { MAP, NO_BASE, RIP, X86Decoder } from './decoder.js';

const decoder = new X86Decoder();

/** Bytes that are read at once: a pointer, an SSE register, an AVX register. */
const WIDTH = { word: 8, sse: 16, avx: 32 } as const;

/** Passes over the bytes of `[offset, end)`, of which the first has the address `address`. */
export function sweepX86(image: CodeImage, offset: number, end: number, address: number, sink: SweepSink): void {
  const { bytes, relocatable } = image;
  const shift = address - offset;
  for (let at = offset; at < end;) {
    const length = decoder.decode(bytes, at, end);
    if (length === 0) {
      at += 1;
      continue;
    }
    see(decoder, at + shift, sink);
    if (!relocatable) seeNumbers(decoder, sink);
    at += length;
  }
}

function see(instruction: X86Decoder, address: number, sink: SweepSink): void {
  const { map, base, vector } = instruction;
  if (map === MAP.one) seeOneByte(instruction, address, sink);
  else if (map === MAP.two && !vector) seeTwoByte(instruction, address, sink);
  if (base === RIP && !instruction.segment) seeOperand(instruction, instruction.ripTarget(address), sink);
}

function seeOneByte(instruction: X86Decoder, address: number, sink: SweepSink): void {
  const { opcode, length, immediate } = instruction;
  if (opcode === 0xe8) sink.call(address + length + immediate);
  else if (opcode === 0xe9 || opcode === 0xeb || (opcode & 0xf0) === 0x70) {
    sink.jump(address + length + immediate, address);
  } else if (opcode === 0x83 || opcode === 0x81 || opcode === 0x3d) seeComparison(instruction, sink);
  else if ((opcode & 0xf8) === 0xb8 && isErrnoSet(immediate)) sink.enosys();
}

/** Errnos that a set of several is tested for: with more, the number is most likely something else. */
const MAX_ERRNOS = 8;

/** A set of errnos as bits of 64, as a compiler writes `errno == EPERM || errno == ENOSYS` (for `bt`). */
function isErrnoSet(value: number): boolean {
  if (value < 2 ** ENOSYS || value >= 2 ** 48) return false;
  const high = Math.floor(value / 2 ** 32);
  return (high & (1 << (ENOSYS - 32))) !== 0 && bitsOf(high) + bitsOf(value >>> 0) <= MAX_ERRNOS;
}

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function seeTwoByte({ opcode, length, immediate }: X86Decoder, address: number, sink: SweepSink): void {
  if (opcode === 0x05) sink.site(address);
  else if ((opcode & 0xf0) === 0x80) sink.jump(address + length + immediate, address);
}

/** A fixed place is taken by `lea`, read by most others, and written by the forms of `mov` that end in memory. */
function seeOperand({ map, opcode, vector }: X86Decoder, target: number, sink: SweepSink): void {
  if (map !== MAP.one) {
    sink.load(target, vector ? WIDTH.avx : WIDTH.sse);
    return;
  }
  if (opcode === 0x8d) sink.take(target);
  else if (opcode !== 0x89 && opcode !== 0x88 && opcode !== 0xc7 && opcode !== 0xc6) sink.load(target, WIDTH.word);
}

function seeComparison({ opcode, reg, immediate, rex, mod }: X86Decoder, sink: SweepSink): void {
  const compares = opcode === 0x3d || ((reg & 7) === 7 && mod !== -1);
  if (!compares) return;
  if (immediate === -ENOSYS || (immediate === ENOSYS && opcode === 0x83 && (rex & 8) === 0)) sink.enosys();
}

/** Opcodes whose 32-bit immediate can be an address: mov, push, add, cmp. */
function hasNumber({ map, opcode }: X86Decoder): boolean {
  if (map !== MAP.one) return false;
  return (opcode & 0xf8) === 0xb8 || opcode === 0xc7 || opcode === 0x68 || opcode === 0x81 || (opcode & 0xc7) === 0x05;
}

function seeNumbers(instruction: X86Decoder, sink: SweepSink): void {
  if (hasNumber(instruction))
    sink.number(instruction.immediate < 0 ? instruction.immediate >>> 0 : instruction.immediate);
  const { base, index, displacement, mod } = instruction;
  if (mod === -1 || mod === 3 || base === RIP || displacement <= 0 || instruction.segment) return;
  if (base === NO_BASE && index === -1) seeOperand(instruction, displacement, sink);
  else sink.number(displacement);
}
