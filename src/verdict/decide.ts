import type { JudgedRoute, Outcome, Verdict } from '../model/verdict.js';
import { warningsOf } from './judge-route.js';
import { summarise } from './summary.js';
import type { VerdictContext } from './summary.js';

/** How a route stands: the lower, the better. */
function rankOf(route: JudgedRoute): number {
  if (route.works === true) return route.ready ? 0 : 1;
  return route.works === null ? 2 : 3;
}

/**
 * Routes come best first. One that works as the host is now beats one that has to be set up; both beat one that is
 * unknown, and that beats a closed one. The order in which they came decides among equals.
 */
export function decide(routes: readonly JudgedRoute[], context: VerdictContext): Verdict {
  const sorted = [...routes].sort((left, right) => rankOf(left) - rankOf(right));
  const [first] = sorted;
  const best = first?.works === true ? first : null;
  const outcome = outcomeOf(sorted, best);
  return {
    outcome,
    via: best?.via ?? null,
    ready: best?.ready ?? false,
    summary: summarise({ outcome, best, routes: sorted, context }),
    routes: sorted,
  };
}

function outcomeOf(routes: readonly JudgedRoute[], best: JudgedRoute | null): Outcome {
  if (best === null) return routes.some((route) => route.works === null) ? 'unknown' : 'blocked';
  switch (best.kind) {
    case 'native':
      return warningsOf(best).length > 0 ? 'runs-with-warnings' : 'runs';
    case 'emulation':
      return 'needs-emulation';
    case 'vm':
      return 'needs-vm';
  }
}
