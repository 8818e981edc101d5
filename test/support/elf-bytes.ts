/** Bytes that are written one field after another, in one byte order. */
export class ElfBytes {
  readonly bits: 32 | 64;
  private readonly little: boolean;
  private readonly bytes: number[] = [];

  constructor(bits: 32 | 64, endianness: 'little' | 'big') {
    this.bits = bits;
    this.little = endianness === 'little';
  }

  get length(): number {
    return this.bytes.length;
  }

  /** An unsigned integer of `size` bytes. */
  uint(value: number | bigint, size: number): this {
    const all = Array.from({ length: size }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));
    this.bytes.push(...(this.little ? all : all.reverse()));
    return this;
  }

  u8(value: number): this {
    return this.uint(value, 1);
  }

  u16(value: number): this {
    return this.uint(value, 2);
  }

  u32(value: number): this {
    return this.uint(value, 4);
  }

  /** Elf32_Word-sized in ELF32, Elf64_Xword-sized in ELF64: addresses, offsets and most sizes. */
  word(value: number | bigint): this {
    return this.uint(value, this.bits / 8);
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  /** UTF-8 with a NUL behind it. */
  cString(text: string): this {
    return this.raw(new TextEncoder().encode(text)).u8(0);
  }

  align(alignment: number): this {
    while (this.bytes.length % alignment !== 0) this.bytes.push(0);
    return this;
  }

  uleb128(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

/** A string table (gABI 4.1, "String Table"): offsets of texts, each once. */
export class ElfStrings {
  private readonly offsets = new Map<string, number>([['', 0]]);
  private readonly chunks: Uint8Array[] = [Uint8Array.of(0)];
  private size = 1;

  offset(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    const chunk = new TextEncoder().encode(`${text}\0`);
    const at = this.size;
    this.chunks.push(chunk);
    this.size += chunk.length;
    this.offsets.set(text, at);
    return at;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.chunks.flatMap((chunk) => [...chunk]));
  }
}
