/** How sure it is that a call decides: made on the way from the start, made with a way out, or only pointed to. */
export type SystemCallUseKind = 'needed' | 'fallback' | 'unknown';

/** A place from which a call is made. */
export interface SystemCallSite {
  readonly path: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Name of the function, null where the file has none. */
  readonly function: string | null;
}

/** A system call that the start path may make. */
export interface SystemCallUse {
  readonly name: string;
  readonly number: number;
  readonly use: SystemCallUseKind;
  /** First mainline release that has it on this machine; null where that is not known. */
  readonly since: string | null;
  readonly sites: readonly SystemCallSite[];
}

/** What sets the oldest kernel: a call, the note of a glibc whose loader checks it, a runtime. */
export interface KernelFloor {
  readonly kind: 'system-call' | 'abi-note' | 'runtime';
  /** `statx`, `glibc 2.31`, `Go 1.24`. */
  readonly name: string;
  readonly version: string;
  readonly path: string | null;
  readonly offset: number | null;
}

/** What the start path of a Linux image asks of the kernel, read from its code. */
export interface KernelNeeds {
  readonly machine: 'x86_64' | 'aarch64';
  /** Oldest kernel; null where nothing says one. */
  readonly minimum: string | null;
  readonly setBy: KernelFloor | null;
  /** Sorted by name. */
  readonly systemCalls: readonly SystemCallUse[];
  /** False where code could not be followed; then `notFollowed` says where. */
  readonly complete: boolean;
  readonly notFollowed: readonly { readonly path: string; readonly text: string }[];
}
