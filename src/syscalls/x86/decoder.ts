import { ONE_BYTE, SHAPE, shapes, TWO_BYTE } from './tables.js';

const ONE = shapes(ONE_BYTE);
const TWO = shapes(TWO_BYTE);

/** No instruction is longer (Intel SDM volume 2, 2.3.11). */
const MAX_LENGTH = 15;

/** Base register of an operand that is relative to the next instruction, and of one with no base at all. */
export const RIP = -2;
export const NO_BASE = -1;

/** Which table an opcode stands in: alone, behind 0f, 0f 38, 0f 3a. */
export const MAP = { one: 0, two: 1, three38: 2, three3a: 3 } as const;

/**
 * Length and operands of one x86-64 instruction at a time (Intel SDM volume 2, chapter 2): what is needed to follow
 * constants and addresses, not what it computes. The fields hold the last instruction that was decoded.
 */
export class X86Decoder {
  length = 0;
  map = 0;
  opcode = 0;
  /** Prefixes 66 and f2 or f3 were there; REX as written, 0 without one. */
  operandSize = false;
  repeat = 0;
  rex = 0;
  /** VEX, EVEX or XOP encoding, and its register `vvvv`. */
  vector = false;
  vvvv = 0;
  /** FS or GS: the operand is of the thread, not of the image. */
  segment = false;
  /** 3: the operand `rm` is a register; -1: there is no ModRM byte. */
  mod = -1;
  reg = 0;
  rm = 0;
  base = NO_BASE;
  index = -1;
  displacement = 0;
  /** Immediate or relative offset, sign-extended. */
  immediate = 0;
  /** Bytes from the start of the instruction to its immediate and to its displacement. */
  private at = 0;
  private end = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  /** Decodes at `from`; 0 where there is no instruction or it would pass `end`. */
  decode(bytes: Uint8Array, from: number, end: number): number {
    this.bytes = bytes;
    this.at = from;
    this.end = Math.min(end, from + MAX_LENGTH);
    this.clear();
    const shape = this.readOpcode();
    if (shape === SHAPE.invalid) return 0;
    this.readOperands(shape);
    this.length = this.at - from;
    return this.at > this.end ? 0 : this.length;
  }

  /** The operand as an address, where it is relative to the instruction pointer; `address` is the instruction's own. */
  ripTarget(address: number): number {
    return address + this.length + this.displacement;
  }

  private clear(): void {
    this.map = MAP.one;
    this.operandSize = false;
    this.repeat = 0;
    this.rex = 0;
    this.vector = false;
    this.segment = false;
    this.mod = -1;
    this.base = NO_BASE;
    this.index = -1;
    this.displacement = 0;
    this.immediate = 0;
  }

  private byte(): number {
    const value = this.bytes[this.at] ?? 0;
    this.at += 1;
    return value;
  }

  private readOpcode(): number {
    for (;;) {
      if (this.at >= this.end) return SHAPE.invalid;
      const byte = this.byte();
      const shape = ONE[byte] ?? SHAPE.invalid;
      if (shape !== SHAPE.prefix) {
        this.opcode = byte;
        if (shape === SHAPE.escape) return this.readEscape();
        return shape === SHAPE.vector ? this.readVector(byte) : shape;
      }
      this.readPrefix(byte);
    }
  }

  private readPrefix(byte: number): void {
    if ((byte & 0xf0) === 0x40) {
      this.rex = byte;
      return;
    }
    // REX counts only directly in front of the opcode.
    this.rex = 0;
    if (byte === 0x66) this.operandSize = true;
    else if (byte === 0xf2 || byte === 0xf3) this.repeat = byte;
    else if (byte === 0x64 || byte === 0x65) this.segment = true;
  }

  private readEscape(): number {
    const byte = this.byte();
    this.opcode = byte;
    this.map = MAP.two;
    if (byte === 0x38) {
      this.map = MAP.three38;
      this.opcode = this.byte();
      return SHAPE.modrm;
    }
    if (byte === 0x3a) {
      this.map = MAP.three3a;
      this.opcode = this.byte();
      return SHAPE.modrmImm8;
    }
    return TWO[byte] ?? SHAPE.invalid;
  }

  /** VEX in two and three bytes, EVEX, XOP (Intel SDM volume 2, 2.3 and 2.7; AMD APM volume 3, 1.2.6). */
  private readVector(first: number): number {
    const second = this.byte();
    if (first === 0x8f && (second & 0x1f) < 8) {
      this.at -= 1;
      return SHAPE.modrm;
    }
    this.vector = true;
    this.rex = 0x40 | ((~second >> 5) & 4);
    if (first === 0xc5) {
      this.map = MAP.two;
      this.vvvv = (~second >> 3) & 15;
    } else {
      this.rex |= (~second >> 5) & 3;
      this.map = second & (first === 0x62 ? 7 : 31);
      const third = this.byte();
      this.rex |= (third >> 4) & 8;
      this.vvvv = (~third >> 3) & 15;
      if (first === 0x62) this.at += 1;
    }
    this.opcode = this.byte();
    return this.vectorShape();
  }

  private vectorShape(): number {
    const { map, opcode } = this;
    if (map === MAP.two && opcode === 0x77) return SHAPE.none;
    if (map === 10) return SHAPE.modrmImmZ;
    const withImmediate = map === MAP.three3a || map === 8;
    if (withImmediate || (map === MAP.two && TWO[opcode] === SHAPE.modrmImm8)) return SHAPE.modrmImm8;
    return SHAPE.modrm;
  }

  private readOperands(shape: number): void {
    switch (shape) {
      case SHAPE.none:
        return;
      case SHAPE.imm8:
      case SHAPE.rel8:
        this.immediate = this.signed(1);
        return;
      case SHAPE.rel32:
        this.immediate = this.signed(4);
        return;
      case SHAPE.immZ:
        this.immediate = this.signed(this.operandSize ? 2 : 4);
        return;
      case SHAPE.immV:
        this.readWideImmediate();
        return;
      case SHAPE.imm16:
        this.immediate = this.signed(2);
        return;
      case SHAPE.moffs:
        this.at += 8;
        return;
      case SHAPE.enter:
        this.at += 3;
        return;
      default:
        this.readModrm();
        this.readTail(shape);
    }
  }

  private readTail(shape: number): void {
    if (shape === SHAPE.modrmImm8) this.immediate = this.signed(1);
    else if (shape === SHAPE.modrmImmZ) this.immediate = this.signed(this.operandSize ? 2 : 4);
    else if (shape === SHAPE.group3 && (this.reg & 7) < 2) {
      this.immediate = this.signed(this.opcode === 0xf6 ? 1 : this.operandSize ? 2 : 4);
    }
  }

  private readWideImmediate(): void {
    if ((this.rex & 8) === 0) {
      this.immediate = this.signed(this.operandSize ? 2 : 4);
      return;
    }
    const low = this.signed(4);
    this.immediate = this.signed(4) * 2 ** 32 + (low >>> 0);
  }

  private readModrm(): void {
    const byte = this.byte();
    this.mod = byte >> 6;
    this.reg = ((byte >> 3) & 7) | ((this.rex & 4) << 1);
    this.rm = byte & 7;
    if (this.mod === 3) {
      this.rm |= (this.rex & 1) << 3;
      return;
    }
    if (this.rm === 4) this.readSib();
    else if (this.mod === 0 && this.rm === 5) this.base = RIP;
    else this.base = this.rm | ((this.rex & 1) << 3);
    const noBase = this.base === RIP || this.base === NO_BASE;
    if (this.mod === 2 || noBase) this.displacement = this.signed(4);
    else if (this.mod === 1) this.displacement = this.signed(1);
  }

  private readSib(): void {
    const byte = this.byte();
    const index = ((byte >> 3) & 7) | ((this.rex & 2) << 2);
    this.index = index === 4 ? -1 : index;
    const base = byte & 7;
    this.base = base === 5 && this.mod === 0 ? NO_BASE : base | ((this.rex & 1) << 3);
  }

  private signed(length: 1 | 2 | 4): number {
    const { bytes, at } = this;
    this.at += length;
    if (length === 1) return ((bytes[at] ?? 0) << 24) >> 24;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    if (length === 2) return (low << 16) >> 16;
    return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }
}
