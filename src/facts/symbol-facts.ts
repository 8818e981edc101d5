import type { MissingSymbol } from '../model/resolution.js';
import type { FactValue } from '../model/rule.js';
import type { Occurrence } from './occurrences.js';

/** Symbols that are told of one file; one is enough to end it. */
const MAX_TOLD = 20;

/** Symbols that a file uses and that are missing in a process that maps it, those of the start first. */
export function symbolFacts(occurrences: readonly Occurrence[]): FactValue {
  const byName = new Map<string, MissingSymbol>();
  for (const missing of occurrences.flatMap(({ object }) => object.missingSymbols ?? [])) {
    const key = `${missing.name}\0${missing.version ?? ''}`;
    if (missing.when === 'start' || !byName.has(key)) byName.set(key, missing);
  }
  const all = [...byName.values()].toSorted((a, b) => Number(a.when === 'call') - Number(b.when === 'call'));
  return all.slice(0, MAX_TOLD).map(({ name, version, provider, providerPath, when }) => ({
    name,
    text: version === null ? name : `${name}, version ${version}`,
    provider,
    'provider-path': providerPath,
    when,
  }));
}
