import type { Evidence, Finding } from '../model/rule.js';
import type { JudgedImage, JudgedRoute, RouteId } from '../model/verdict.js';
import { compareFindings } from '../rules/index.js';

type RoutedFinding = JudgedImage['findings'][number];

/**
 * Findings of all routes, each once, with the routes on which it holds. The same rule on the same file with the same
 * evidence in the image is one finding, whatever the guest; its words are those for the best of its routes.
 */
export function mergeFindings(routes: readonly Pick<JudgedRoute, 'via' | 'findings'>[]): readonly RoutedFinding[] {
  const merged = new Map<string, { readonly finding: Finding; readonly via: Set<RouteId> }>();
  for (const { via, findings } of routes) {
    for (const finding of findings) {
      const key = keyOf(finding);
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { finding, via: new Set([via]) });
      else known.via.add(via);
    }
  }
  return [...merged.values()].map(({ finding, via }) => ({ ...finding, routes: [...via] })).sort(compareFindings);
}

function keyOf({ ruleId, path, layer, severity, truth, evidence }: Finding): string {
  return JSON.stringify([ruleId, path, layer, severity, truth, evidence.filter(isOfImage).map(partsOf)]);
}

function isOfImage({ kind }: Evidence): boolean {
  return !kind.startsWith('guest.');
}

function partsOf({ kind, value, offset }: Evidence): readonly unknown[] {
  return [kind, value, offset];
}
