/**
 * x86-64 micro-architecture levels (x86-64 psABI, "Micro-Architecture Levels", Table 3.1) in the words of /proc/cpuinfo:
 * SSE3 is `pni`, LZCNT is `abm`, and `xsave` stands for OSXSAVE, which Linux does not list.
 */
const LEVELS: readonly (readonly string[])[] = [
  ['lm', 'cmov', 'cx8', 'fpu', 'fxsr', 'mmx', 'syscall', 'sse', 'sse2'],
  ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'],
  ['avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'abm', 'movbe', 'xsave'],
  ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
];

/** Highest level of which the CPU has every feature, and those of all levels below; undefined where not even the first. */
export function x86Level(features: readonly string[]): number | undefined {
  const has = new Set(features);
  const missing = LEVELS.findIndex((level) => !level.every((feature) => has.has(feature)));
  const level = missing === -1 ? LEVELS.length : missing;
  return level === 0 ? undefined : level;
}
