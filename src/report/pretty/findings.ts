import type { ReportResult } from '../../model/report.js';
import type { Finding, Severity } from '../../model/rule.js';
import type { RouteId } from '../../model/verdict.js';
import { shorten, visible } from '../escape.js';
import type { Paint } from './paint.js';
import { MARK_OF_SEVERITY, wrap } from './paint.js';

type Placed = Finding & { readonly routes: readonly RouteId[] };

/** Subjects of one rule that are named before the rest is counted. */
const SHOWN_PER_RULE = 3;

const WORDS: Readonly<Record<Severity, readonly [string, string]>> = {
  blocker: ['blocker', 'blockers'],
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['note', 'notes'],
};

/** `2 blockers, 1 warning`; what is only likely unknown counts apart. */
export function countLine(findings: readonly Placed[]): string {
  const certain = findings.filter(({ truth }) => truth === 'yes');
  const parts = (['blocker', 'error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = certain.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${WORDS[severity][count === 1 ? 0 : 1]}`];
  });
  const unknown = findings.length - certain.length;
  return [...parts, ...(unknown === 0 ? [] : [`${unknown} undetermined`])].join(', ');
}

/**
 * What is shown without --verbose: where a route works, what holds on it; where none does, everything that closes one.
 * Information is left out.
 */
export function shownFindings({ judged }: ReportResult, verbose: boolean): readonly Placed[] {
  const { via } = judged.verdict;
  return judged.findings.filter(
    ({ severity, routes }) => verbose || (severity !== 'info' && (via === null || routes.includes(via))),
  );
}

/** Findings grouped by rule, heaviest first. */
export function findingLines(result: ReportResult, paint: Paint): readonly string[] {
  const shown = shownFindings(result, paint.style.verbose);
  const groups = new Map<string, Placed[]>();
  for (const finding of shown) {
    const key = `${finding.ruleId} ${finding.truth}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => groupLines(group, result, paint));
}

function groupLines(group: readonly Placed[], result: ReportResult, paint: Paint): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const mark = first.truth === 'unknown' ? 'unknown' : MARK_OF_SEVERITY[first.severity];
  const count = group.length === 1 ? '' : paint.dim(` (${group.length} times)`);
  const routes = routeNote(first, result, paint);
  const lines = [
    `  ${paint.mark(mark)} ${paint.bold(visible(first.title))}${count} ${paint.dim(first.ruleId)}${routes}`,
  ];
  const limit = paint.style.verbose ? group.length : SHOWN_PER_RULE;
  for (const finding of group.slice(0, limit)) lines.push(...subjectLines(finding, result, paint));
  if (group.length > limit) lines.push(paint.dim(`      and ${group.length - limit} more (--verbose names them)`));
  if (first.consequence !== null) lines.push(...wrap(`What you would see: ${first.consequence}`, '      ', paint));
  lines.push(...remedyLines(first, paint), '');
  return lines;
}

/** Says where a finding holds on some of the routes only. */
function routeNote(finding: Placed, result: ReportResult, paint: Paint): string {
  const all = result.judged.verdict.routes.length;
  return finding.routes.length === 0 || finding.routes.length === all
    ? ''
    : paint.dim(` on ${finding.routes.join(', ')}`);
}

function subjectLines(finding: Finding, result: ReportResult, paint: Paint): readonly string[] {
  const prefix = finding.truth === 'unknown' ? 'Could not be determined: ' : '';
  const lines = [...wrap(prefix + finding.message, '      ', paint)];
  const layer = finding.layer === null ? undefined : result.analysis.image.layers[finding.layer];
  if (layer !== undefined && finding.layer !== null && finding.path !== null) {
    const instruction = layer.createdBy === null ? '' : `: ${visible(layer.createdBy)}`;
    const text = `      from layer ${finding.layer + 1} of ${result.analysis.image.layers.length}${instruction}`;
    lines.push(paint.dim(shorten(text, paint.width)));
  }
  return lines;
}

function remedyLines(finding: Finding, paint: Paint): readonly string[] {
  return finding.remedies.flatMap(({ text, command }, index) => {
    const lead = index === 0 ? 'What to do: ' : 'Or: ';
    const lines = [...wrap(lead + text, '      ', paint)];
    return command === null ? lines : [...lines, `        ${paint.colourOf('note')(`$ ${visible(command)}`)}`];
  });
}
