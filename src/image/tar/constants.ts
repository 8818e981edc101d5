/**
 * Tar header block (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 *
 *   field      offset  size      field      offset  size
 *   name            0   100      linkname      157   100
 *   mode          100     8      magic         257     6
 *   uid           108     8      version       263     2
 *   gid           116     8      devmajor      329     8
 *   size          124    12      devminor      337     8
 *   mtime         136    12      prefix        345   155   (ustar; 131 in star archives)
 *   chksum        148     8      sparse        386    96   (GNU, old sparse format: 4 × 24)
 *   typeflag      156     1      isextended    482     1   (GNU)
 *                                realsize      483    12   (GNU)
 */
export const BLOCK = 512;

export const NAME = { at: 0, size: 100 } as const;
export const MODE = { at: 100, size: 8 } as const;
export const UID = { at: 108, size: 8 } as const;
export const GID = { at: 116, size: 8 } as const;
export const SIZE = { at: 124, size: 12 } as const;
export const MTIME = { at: 136, size: 12 } as const;
export const CHKSUM = { at: 148, size: 8 } as const;
export const TYPEFLAG_AT = 156;
export const LINKNAME = { at: 157, size: 100 } as const;
export const MAGIC_AT = 257;
export const DEVMAJOR = { at: 329, size: 8 } as const;
export const DEVMINOR = { at: 337, size: 8 } as const;
export const PREFIX = { at: 345, size: 155 } as const;
/** star archives have atime and ctime behind a shorter prefix, and `tar\0` at the block's end. */
export const STAR_PREFIX = { at: 345, size: 131 } as const;
export const STAR_TRAILER_AT = 508;

/** GNU old sparse format: (offset, numbytes) pairs of 12 bytes each. */
export const SPARSE_AT = 386;
export const SPARSE_PAIRS = 4;
export const ISEXTENDED_AT = 482;
export const REALSIZE = { at: 483, size: 12 } as const;
/** A block that goes on with the pairs. */
export const EXTENDED_PAIRS = 21;
export const EXTENDED_ISEXTENDED_AT = 504;
export const SPARSE_NUMBER = 12;

/**
 * Longest body of a header that describes the next one (PAX records, GNU long names), in bytes; Go's archive/tar, with
 * which engines unpack, refuses more than 1 MiB.
 */
export const MAX_EXTENSION = 1024 * 1024;
/** Stored parts of one sparse file. */
export const MAX_SPARSE_REGIONS = 100_000;
/** Global PAX records kept from all `g` headers of an archive. */
export const MAX_GLOBAL_RECORDS = 1000;
/** Longest value of one extended attribute (Linux include/uapi/linux/limits.h, XATTR_SIZE_MAX). */
export const MAX_XATTR = 65_536;
