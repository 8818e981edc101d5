import type { ElfBinary, Machine } from '../model/binary.js';

/** What dynamic string tokens stand for (ld.so(8), "Dynamic string tokens"). null: it cannot be expanded. */
export interface Tokens {
  readonly ORIGIN: string | null;
  readonly LIB: string;
  readonly PLATFORM: string;
}

const TOKEN = /\$(?:(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_])|\{(ORIGIN|LIB|PLATFORM)\})/g;

/** Expands the tokens; what is no token stays. null where one of them has no value. */
export function expandTokens(text: string, tokens: Tokens): string | null {
  if (!text.includes('$')) return text;
  if (tokens.ORIGIN === null && /\$(?:ORIGIN(?![A-Za-z0-9_])|\{ORIGIN\})/.test(text)) return null;
  return text.replace(TOKEN, (_, bare: string | undefined, braced: string | undefined) => {
    const name = bare ?? braced;
    if (name === 'ORIGIN') return tokens.ORIGIN ?? '';
    return name === 'LIB' ? tokens.LIB : tokens.PLATFORM;
  });
}

/** AT_PLATFORM as the kernel gives it on the oldest machine of each kind. */
const PLATFORMS: Readonly<Partial<Record<Machine, string>>> = {
  x86_64: 'x86_64',
  i386: 'i686',
  aarch64: 'aarch64',
  arm: 'v7l',
  ppc64le: 'power8',
  s390x: 'z900',
};

export function platformOf(binary: ElfBinary): string {
  return PLATFORMS[binary.machine] ?? binary.machine;
}

/**
 * Values that glibc on x86-64 puts in place of AT_PLATFORM by the processor (sysdeps/x86/cpu-features.c): the
 * directory depends on the machine.
 */
export const X86_PLATFORMS: readonly string[] = ['haswell', 'xeon_phi'];
