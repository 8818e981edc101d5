import { firstHash, secondHash } from '../../model/symbols.js';

/** Names that the loader finds without their `64` (musl 1.2.4, ldso/dynlink.c, `lfs64_list`). */
const NAMES: ReadonlySet<string> = new Set(
  `aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort creat fallocate fgetpos fopen
  freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs ftello ftruncate ftw getdents getrlimit glob globfree
  lio_listio lockf lseek lstat mkostemp mkostemps mkstemp mkstemps mmap nftw open openat posix_fadvise
  posix_fallocate pread preadv prlimit pwrite pwritev readdir scandir sendfile setrlimit stat statfs statvfs tmpfile
  truncate versionsort __fxstat __fxstatat __lxstat __xstat`.split(/\s+/),
);

/** `char buf[16]` in `get_lfs64`: what is longer is not looked up, which leaves `posix_fallocate64` out. */
const MAX_NAME_BYTES = 16;

/** The name under which libc has it; null where musl knows of none. Older ones define the `*64` names themselves. */
export function withoutLfs64(name: string): string | null {
  if (name.length > MAX_NAME_BYTES) return null;
  if (name === 'readdir64_r') return 'readdir_r';
  const plain = name.endsWith('64') ? name.slice(0, -2) : '';
  return NAMES.has(plain) ? plain : null;
}

/** Hashes of an ASCII name. */
export function hashesOf(name: string): { readonly first: number; readonly second: number } {
  const bytes = Uint8Array.from(name, (character) => character.charCodeAt(0));
  return { first: firstHash(bytes), second: secondHash(bytes) };
}
