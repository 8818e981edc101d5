import type { Report, ReportResult, Reporter, Style } from '../model/report.js';
import type { JudgedRoute, Outcome, Verdict } from '../model/verdict.js';
import { describeFormatError } from '../model/gap.js';
import { visible } from './escape.js';
import { platformText } from './platform-text.js';
import { chainLines } from './pretty/chain.js';
import { countLine, findingLines, shownFindings } from './pretty/findings.js';
import type { Mark, Paint } from './pretty/paint.js';
import { pad, paintFor, wrap } from './pretty/paint.js';

/** For a person: the one sentence, the chain, the routes, the findings and what to do. */
export const pretty: Reporter = {
  id: 'pretty',
  summary: 'for people: verdict, chain, routes, findings, what to do',
  render: (report, style) => prettyText(report, style),
};

/** Gaps that are listed before the rest is counted. */
const SHOWN_GAPS = 5;

const MARK_OF_OUTCOME: Readonly<Record<Outcome, Mark>> = {
  runs: 'good',
  'runs-with-warnings': 'warn',
  'needs-emulation': 'warn',
  'needs-vm': 'warn',
  blocked: 'bad',
  unknown: 'unknown',
};

function prettyText(report: Report, style: Style): string {
  const paint = paintFor(style);
  const notes = report.notes.flatMap((note) => wrap(`Note: ${note}`, '', paint));
  const blocks = report.results.map((result) => resultLines(result, paint).join('\n'));
  const parts = [...(notes.length === 0 ? [] : [notes.join('\n')]), ...matrix(report, paint), ...blocks];
  return `${parts.join('\n\n').trimEnd()}\n`;
}

/** With several results, a table of one line each comes first. */
function matrix({ results }: Report, paint: Paint): readonly string[] {
  if (results.length < 2) return [];
  const rows = results.map(({ analysis, host, judged }) => {
    const { outcome, via } = judged.verdict;
    const mark = paint.mark(MARK_OF_OUTCOME[outcome]);
    return `${mark} ${pad(platformText(analysis.image.platform), 16)} ${pad(visible(host.id), 36)} ${outcome}${via === null ? '' : ` (${via})`}`;
  });
  return [rows.join('\n')];
}

function resultLines(result: ReportResult, paint: Paint): readonly string[] {
  const { analysis, host, judged } = result;
  const { verdict } = judged;
  const mark = MARK_OF_OUTCOME[verdict.outcome];
  const shown = shownFindings(result, paint.style.verbose);
  const hidden = judged.findings.filter((finding) => !shown.includes(finding));
  const findings = findingLines(result, paint);
  const lines = [
    `${paint.bold(visible(analysis.image.reference))} ${paint.dim(`(${platformText(analysis.image.platform)}) on ${visible(host.title)}`)}`,
    '',
    ...marked(paint, mark, verdict.summary),
    '',
    ...section('Start path', chainLines(result, paint), paint),
    ...section(
      'Routes',
      verdict.routes.flatMap((route) => routeLines(route, verdict, paint)),
      paint,
    ),
    ...section('Findings', findings, paint, countLine(shown)),
    ...section('Not read', gapLines(result, paint), paint),
  ];
  if (hidden.length > 0) lines.push(paint.dim(`${countLine(hidden)} more with --verbose`));
  return lines;
}

function marked(paint: Paint, mark: Mark, text: string): readonly string[] {
  const [first = '', ...rest] = wrap(text, '  ', paint);
  const colour = paint.colourOf(mark);
  return [
    `${paint.mark(mark)} ${paint.bold(colour(first.trimStart()))}`,
    ...rest.map((line) => paint.bold(colour(line))),
  ];
}

function section(title: string, lines: readonly string[], paint: Paint, note = ''): readonly string[] {
  if (lines.length === 0) return [];
  const body = lines.at(-1) === '' ? lines : [...lines, ''];
  return [`${paint.bold(title)}${note === '' ? '' : paint.dim(`  ${note}`)}`, ...body];
}

/** One line a route; what it would still need, where it could become the way to go. */
function routeLines(route: JudgedRoute, { via, ready }: Verdict, paint: Paint): readonly string[] {
  const mark: Mark = route.works === null ? 'unknown' : !route.works ? 'bad' : route.ready ? 'good' : 'none';
  const state = route.works === null ? 'unknown' : !route.works ? 'closed' : route.ready ? 'ready' : 'not set up';
  const closed = route.blockedBy.length === 0 ? '' : paint.dim(`  by ${[...new Set(route.blockedBy)].join(', ')}`);
  const wanted = route.via === via || (!ready && route.works !== false) || paint.style.verbose;
  const open = wanted ? route.requires.filter(({ met }) => met !== true) : [];
  return [
    `  ${paint.mark(mark)} ${pad(route.via, 11)} ${state}${closed}  ${paint.dim(visible(route.title))}`,
    ...open.flatMap((need) => needLines(need, paint)),
  ];
}

function needLines({ text, met, remedy }: JudgedRoute['requires'][number], paint: Paint): readonly string[] {
  const state = met === null ? 'not known' : 'missing';
  return [
    ...wrap(`${state}: ${text}`, '      ', paint),
    ...(remedy === null ? [] : [`        ${paint.colourOf('note')(visible(remedy))}`]),
  ];
}

function gapLines({ analysis }: ReportResult, paint: Paint): readonly string[] {
  const limit = paint.style.verbose ? analysis.gaps.length : SHOWN_GAPS;
  const lines = analysis.gaps.slice(0, limit).flatMap(({ path, layer, part, error }) => {
    const where = layer === null ? '' : ` (layer ${layer + 1})`;
    return wrap(`${path}${where}: ${part} ${describeFormatError(error)}.`, '  ', paint);
  });
  const rest = analysis.gaps.length - limit;
  return rest > 0 ? [...lines, paint.dim(`  and ${rest} more (--verbose names them)`)] : lines;
}
