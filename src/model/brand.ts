declare const brand: unique symbol;

/** A value that must not be swapped for another of the same shape. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Bytes from the start of the file. Always a safe integer. */
export type FileOffset = number;

/** Address in the process image; bigint, because ELF64 addresses pass 2^53. */
export type Vaddr = Brand<bigint, 'Vaddr'>;

/** Address relative to the image base (PE Format, "General Concepts"). */
export type Rva = Brand<number, 'Rva'>;

/** Digest of a stored blob, `sha256:<hex>` (OCI image-spec, descriptor.md, "Digests"). */
export type Digest = Brand<string, 'Digest'>;

/** Digest of the *uncompressed* layer tar (OCI image-spec, config.md, "Layer DiffID"). */
export type DiffId = Brand<string, 'DiffId'>;

export const vaddr = (value: bigint): Vaddr => value as Vaddr;
export const rva = (value: number): Rva => value as Rva;
export const digest = (value: string): Digest => value as Digest;
export const diffId = (value: string): DiffId => value as DiffId;
