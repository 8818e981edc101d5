import type { Finding, Severity } from '../model/rule.js';
import type { Reach } from '../model/start.js';
import type { Rule } from './rule.js';

const RANK: Readonly<Record<Severity, number>> = { blocker: 0, error: 1, warning: 2, info: 3 };

/**
 * How grave a rule is at a reach. A blocker that is not certain is a warning, and a draft only reports: neither may
 * decide a verdict.
 */
export function severityOf(rule: Rule, reach: Reach): Severity {
  if (rule.status === 'draft') return 'info';
  const severity = rule.severity[reach];
  return severity === 'blocker' && rule.confidence !== 'certain' ? 'warning' : severity;
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Gravest first, then by rule, path and text: the order of every report. */
export function compareFindings(left: Finding, right: Finding): number {
  return (
    RANK[left.severity] - RANK[right.severity] ||
    compareText(left.ruleId, right.ruleId) ||
    compareText(left.path ?? '', right.path ?? '') ||
    compareText(left.truth, right.truth) ||
    compareText(left.message, right.message)
  );
}
