import type { ElfFile } from './header.js';
import { programHeaderTable } from './header.js';

/** `UPX!`, little endian wherever UPX writes it as text. */
const UPX_MAGIC = 0x55505821;
/** UPX's pack header stands at the very end, with the offset of its loader behind it (UPX, src/packhead.cpp). */
const TAIL_BYTES = 64;

/**
 * UPX puts `l_info` right behind the program headers, its magic in the second word (UPX, src/stub/src/include/linux.h),
 * and a pack header at the end of the file. What the program needs is then hidden. The end counts only where a file has
 * no sections, as UPX leaves it: other text may stand there.
 */
export function packerOf(file: ElfFile): string | null {
  const table = programHeaderTable(file);
  if (table === null) return null;
  const { reader } = file;
  const info = table.offset + table.count * table.entrySize + 4;
  if (info + 4 <= reader.size && isMagic(reader.bytes(info, 4), 0)) return 'upx';
  if (file.header.e_shnum !== 0 || file.header.e_shoff !== 0n) return null;
  const from = Math.max(0, reader.size - TAIL_BYTES);
  const tail = reader.bytesUpTo(from, TAIL_BYTES);
  for (let at = 0; at + 4 <= tail.length; at += 1) if (isMagic(tail, at)) return 'upx';
  return null;
}

function isMagic(bytes: Uint8Array, at: number): boolean {
  return [24, 16, 8, 0].every((shift, index) => bytes[at + index] === ((UPX_MAGIC >>> shift) & 0xff));
}
