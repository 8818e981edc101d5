import { EXIT } from '../model/error.js';
import type { Verdict } from '../model/verdict.js';

/** Where the gate closes; each level includes the ones before it (contract.md, "Exit codes"). */
export const FAIL_ON = ['never', 'blocked', 'not-ready', 'vm', 'emulation', 'warning'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** Whether the gate holds; null: something that decides is not known. */
export function gateHolds(verdict: Verdict, failOn: FailOn): boolean | null {
  const level = FAIL_ON.indexOf(failOn);
  if (level === 0) return true;
  if (verdict.outcome === 'unknown') return null;
  if (verdict.outcome === 'blocked') return false;
  if (level >= FAIL_ON.indexOf('not-ready') && !verdict.ready) return readinessUnknown(verdict) ? null : false;
  if (level >= FAIL_ON.indexOf('vm') && verdict.outcome === 'needs-vm') return false;
  if (level >= FAIL_ON.indexOf('emulation') && verdict.outcome === 'needs-emulation') return false;
  return failOn === 'warning' ? withoutWarnings(verdict) : true;
}

/** No route is known to serve as the host is now, but of one it is not known that it does not. */
function readinessUnknown(verdict: Verdict): boolean {
  return verdict.routes.some(
    (route) => route.works !== false && route.requires.every((requirement) => requirement.met !== false),
  );
}

function withoutWarnings(verdict: Verdict): boolean | null {
  if (verdict.outcome === 'runs-with-warnings') return false;
  const best = verdict.routes.find((route) => route.via === verdict.via);
  const findings = best?.findings.filter((finding) => finding.severity !== 'info') ?? [];
  return findings.some((finding) => finding.truth === 'unknown') ? null : true;
}

/** Exit code of a run whose images could all be read. The higher code wins. */
export function exitCodeFor(verdicts: readonly Verdict[], failOn: FailOn, allowUnknown: boolean): number {
  const holds = verdicts.map((verdict) => gateHolds(verdict, failOn));
  if (!allowUnknown && holds.includes(null)) return EXIT.undetermined;
  return holds.includes(false) ? EXIT.doesNotHold : EXIT.holds;
}
