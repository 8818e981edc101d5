import { withinLimit, type ByteReader } from '../door.js';
import { MAX_SLICES } from './constants.js';
import { MACHO_MAGIC } from './magic.js';

/**
 * Fat header (mach-o/fat.h), always big endian: magic 0, nfat_arch 4, then per slice
 *
 *   field        fat_arch  fat_arch_64  size (32/64)
 *   cputype             0            0  4
 *   offset              8            8  4 / 8
 *   size               12           16  4 / 8
 *   whole entry        20           32
 */
export interface FatSlice {
  readonly offset: number;
  readonly size: number;
}

export function readFatSlices(reader: ByteReader): readonly FatSlice[] {
  const is64 = reader.u32(0) === MACHO_MAGIC.FAT_MAGIC_64;
  const count = withinLimit(reader.u32(4), MAX_SLICES, 4, 'architectures');
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + index * (is64 ? 32 : 20);
    return is64
      ? { offset: reader.safe64(at + 8, 'offset'), size: reader.safe64(at + 16, 'size') }
      : { offset: reader.u32(at + 8), size: reader.u32(at + 12) };
  });
}
