/** Magic numbers of Mach-O files (mach-o/loader.h, mach-o/fat.h), as the first four bytes read big endian. */
export const MACHO_MAGIC = {
  MH_MAGIC: 0xfeedface,
  MH_CIGAM: 0xcefaedfe,
  MH_MAGIC_64: 0xfeedfacf,
  MH_CIGAM_64: 0xcffaedfe,
  FAT_MAGIC: 0xcafebabe,
  FAT_MAGIC_64: 0xcafebabf,
} as const;

/**
 * A Java class starts with the fat magic too, and has minor and major version where a fat file has `nfat_arch`
 * (JVMS 4.1). The oldest major version is 45 (JDK 1.0.2), and no fat file has that many architectures.
 */
export const OLDEST_CLASS_VERSION = 45;

export type MachoMagic = 'thin' | 'fat' | 'java-class';

/** What the first eight bytes say; null where they are neither Mach-O nor a Java class. */
export function machoMagic(head: Uint8Array): MachoMagic | null {
  if (head.length < 8) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  switch (view.getUint32(0)) {
    case MACHO_MAGIC.MH_MAGIC:
    case MACHO_MAGIC.MH_CIGAM:
    case MACHO_MAGIC.MH_MAGIC_64:
    case MACHO_MAGIC.MH_CIGAM_64:
      return 'thin';
    case MACHO_MAGIC.FAT_MAGIC:
      if (view.getUint32(4) === 0) return null;
      return view.getUint32(4) < OLDEST_CLASS_VERSION ? 'fat' : 'java-class';
    case MACHO_MAGIC.FAT_MAGIC_64:
      return view.getUint32(4) > 0 && view.getUint32(4) < OLDEST_CLASS_VERSION ? 'fat' : null;
    default:
      return null;
  }
}
