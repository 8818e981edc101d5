import type { Finding } from '../model/rule.js';
import type { JudgedRoute, Route } from '../model/verdict.js';

/**
 * A known failure outweighs anything that could not be read: a route is closed by an unmet requirement that cannot be
 * set up, or by a blocker that holds; it is unknown where one of them is unknown; else it works.
 */
export function judgeRoute(route: Route, findings: readonly Finding[]): JudgedRoute {
  const decisive = route.requires.filter((requirement) => !requirement.setup);
  const blockers = findings.filter((finding) => finding.severity === 'blocker');
  const blockedBy = [
    ...decisive.filter((requirement) => requirement.met === false).map((requirement) => requirement.id),
    ...new Set(blockers.filter((finding) => finding.truth === 'yes').map((finding) => finding.ruleId)),
  ];
  const unknown =
    decisive.some((requirement) => requirement.met === null) || blockers.some((finding) => finding.truth === 'unknown');
  const works = blockedBy.length > 0 ? false : unknown ? null : true;
  const ready = works !== false && route.requires.every((requirement) => requirement.met === true);
  return { ...route, works, ready, findings, blockedBy };
}

/** Requirements that still have to be set up, or of which the profile does not say whether they are. */
export function notReady(route: JudgedRoute): JudgedRoute['requires'] {
  return route.requires.filter((requirement) => requirement.met !== true);
}

/** What holds on a route that works and is more than information. What is only unknown is reported, not counted. */
export function warningsOf(route: JudgedRoute): JudgedRoute['findings'] {
  return route.findings.filter((finding) => finding.truth === 'yes' && finding.severity !== 'info');
}
