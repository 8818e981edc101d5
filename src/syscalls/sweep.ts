/** What one pass over the instructions of a function finds. Addresses are of the image. */
export interface SweepSink {
  /** A direct call. */
  call(target: number): void;
  /** A direct jump, conditional or not, and where it stands. */
  jump(target: number, from: number): void;
  /** An address that the code computes: of a function, a table, an object. */
  take(address: number): void;
  /** A number in a program with fixed addresses that may be one. */
  number(value: number): void;
  /** A read of so many bytes at a fixed place. */
  load(address: number, width: number): void;
  /** The instruction that enters the kernel. */
  site(address: number): void;
  /** A comparison with ENOSYS. */
  enosys(): void;
}

/** The number of ENOSYS on every architecture that is followed (asm-generic/errno.h). */
export const ENOSYS = 38;
