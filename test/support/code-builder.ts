/** Where {@link codeFile} puts the first byte of code. */
export const CODE_ADDRESS = 0x401000;
/** Where it puts the first byte of data. */
export const DATA_ADDRESS = 0x402000;

const PAGE = 0x1000;

/**
 * A static program with fixed addresses (gABI 4.1, Figures 4-3 and 5-1): a header, code that starts at its first byte,
 * and data. It has no symbols, no sections and no frames.
 */
export function codeFile(
  code: string,
  options: { machine?: 'x86_64' | 'aarch64'; data?: Uint8Array } = {},
): Uint8Array {
  const instructions = hexBytes(code);
  const data = options.data ?? new Uint8Array(0);
  const bytes = new Uint8Array(2 * PAGE + data.length);
  const fields = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  fields.setUint16(16, 2, true);
  fields.setUint16(18, options.machine === 'aarch64' ? 183 : 62, true);
  fields.setUint32(20, 1, true);
  fields.setBigUint64(24, BigInt(CODE_ADDRESS), true);
  fields.setBigUint64(32, 64n, true);
  fields.setUint16(52, 64, true);
  fields.setUint16(54, 56, true);
  fields.setUint16(56, 2, true);
  fields.setUint16(58, 64, true);
  load(fields, 64, { flags: 5, offset: PAGE, address: CODE_ADDRESS, size: instructions.length });
  load(fields, 120, { flags: 6, offset: 2 * PAGE, address: DATA_ADDRESS, size: data.length });
  bytes.set(instructions, PAGE);
  bytes.set(data, 2 * PAGE);
  return bytes;
}

interface Load {
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function load(fields: DataView, at: number, { flags, offset, address, size }: Load): void {
  fields.setUint32(at, 1, true);
  fields.setUint32(at + 4, flags, true);
  fields.setBigUint64(at + 8, BigInt(offset), true);
  fields.setBigUint64(at + 16, BigInt(address), true);
  fields.setBigUint64(at + 24, BigInt(address), true);
  fields.setBigUint64(at + 32, BigInt(size), true);
  fields.setBigUint64(at + 40, BigInt(size), true);
  fields.setBigUint64(at + 48, BigInt(PAGE), true);
}

/** Bytes written as hex digits; blanks and line ends do not count. */
export function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s+/g, '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** arm64 instructions, each as the number that its manual writes, in the order of memory. */
export function words(...instructions: readonly number[]): string {
  return instructions
    .map((word) => {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, word, true);
      return Buffer.from(bytes).toString('hex');
    })
    .join('');
}
