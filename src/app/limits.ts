import { XosError } from '../model/error.js';
import type { Limits } from '../model/load.js';

/** Bounds that no honest image reaches; what reaches one is reported as not read. */
export const DEFAULT_LIMITS: Limits = {
  entries: 2_000_000,
  pathBytes: 4096,
  layerBytes: 64 * 1024 ** 3,
  /** Deflate's own limit is about 1032; real layers stay below 50. Counts once a stream has 256 MiB. */
  compressionRatio: 200,
  manifestBytes: 4 * 1024 ** 2,
  retainedBytes: 96 * 1024 ** 2,
};

/** Name on the command line → field. */
const NAMES = {
  entries: 'entries',
  'path-bytes': 'pathBytes',
  'layer-bytes': 'layerBytes',
  'compression-ratio': 'compressionRatio',
  'manifest-bytes': 'manifestBytes',
  'retained-bytes': 'retainedBytes',
} as const satisfies Record<string, keyof Limits>;

export const LIMIT_NAMES: readonly string[] = Object.keys(NAMES);

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `--limit NAME=VALUE …` → all limits; `K`, `M` and `G` stand for powers of 1024. */
export function limitsFrom(words: readonly string[]): Limits {
  const changed: Partial<Record<keyof Limits, number>> = {};
  for (const word of words) {
    const [name = '', value = ''] = word.split('=');
    const field = new Map<string, keyof Limits>(Object.entries(NAMES)).get(name);
    const parts = /^(\d{1,15})([kmg]?)$/i.exec(value);
    const number = Number(parts?.[1]) * (FACTORS[parts?.[2]?.toLowerCase() ?? ''] ?? 1);
    if (field === undefined || !Number.isSafeInteger(number) || number < 1) throw notALimit(word);
    changed[field] = number;
  }
  return { ...DEFAULT_LIMITS, ...changed };
}

function notALimit(word: string): XosError {
  return new XosError('XOS_USAGE', `\`--limit ${word}\` is not NAME=VALUE with a name that is known and a number.`, {
    suggestions: [`Names: ${LIMIT_NAMES.join(', ')}. Values: 5000, 64K, 512M, 8G.`],
  });
}
