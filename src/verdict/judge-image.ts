import type { Guest } from '../model/host.js';
import type { FactTree, ImageFacts } from '../model/rule.js';
import type { JudgedImage, Route } from '../model/verdict.js';
import { openRequirements, prepareRules } from '../rules/index.js';
import type { Rule } from '../rules/rule.js';
import { decide } from './decide.js';

import { judgeRoute } from './judge-route.js';
import { mergeFindings } from './merge-findings.js';
import type { VerdictContext } from './summary.js';

/** Judges every rule on the guest of every route, and decides. Routes come best first. */
export function judgeImage(
  facts: ImageFacts,
  routes: readonly Route[],
  rules: readonly Rule[],
  guestFactsOf: (guest: Guest) => FactTree,
  context: VerdictContext,
): JudgedImage {
  const judge = prepareRules(rules, facts);
  const judged = routes.map((route) => judgeRoute(route, judge(guestFactsOf(route.guest))));
  const verdict = decide(judged, context);
  return {
    verdict,
    requirements: openRequirements(rules, facts),
    findings: mergeFindings(verdict.routes),
  };
}
