import type { Style } from '../model/report.js';
import type { RuleDocument } from '../model/rule-document.js';
import { visible } from './escape.js';
import { MARK_OF_SEVERITY, pad, paintFor, wrap } from './pretty/paint.js';

/** One line a rule, by area. */
export function ruleTable(rules: readonly RuleDocument[], style: Style): string {
  const paint = paintFor(style);
  const columns = Math.max(...rules.map(({ id }) => id.length)) + 2;
  const areas = [...new Set(rules.map(({ area }) => area))].sort();
  const blocks = areas.map((area) => {
    const rows = rules
      .filter((rule) => rule.area === area)
      .map(
        ({ id, title, severity }) =>
          `  ${paint.mark(MARK_OF_SEVERITY[severity.start])} ${pad(visible(id), columns)}${paint.dim(visible(title))}`,
      );
    return [paint.bold(visible(area)), ...rows].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

/** The long explanation of one rule. */
export function rulePage(rule: RuleDocument, style: Style): string {
  const paint = paintFor(style);
  const { start, later, present } = rule.severity;
  const severities =
    start === later && later === present
      ? start
      : `${start} at the start, ${later} when loaded later, ${present} when it only lies there`;
  const lines = [
    `${paint.bold(visible(rule.title))} ${paint.dim(visible(rule.id))}`,
    ...wrap(
      `${rule.area}, about one ${rule.subject}; ${severities}; ${rule.confidence}; since ${rule.since}`,
      '  ',
      paint,
    ),
    '',
    ...wrap(rule.explanation, '  ', paint),
    ...(rule.consequence === null ? [] : ['', ...wrap(`What you would see: ${rule.consequence}`, '  ', paint)]),
    ...part('When it is asked', rule.applies, paint.bold),
    ...part('When it holds', rule.match, paint.bold),
    ...part(
      'What to do',
      rule.remedies.flatMap(({ text, command, where, effort }) => [
        ...wrap(`${text} (${where}, effort ${effort})`, '', paint),
        ...(command === null ? [] : [`  $ ${visible(command)}`]),
      ]),
      paint.bold,
    ),
    ...part('When this is wrong', rule.falseAlarms, paint.bold),
    ...part(
      'Examples',
      rule.cases.map(({ name, expect }) => `${expect}: ${visible(name)}`),
      paint.bold,
    ),
    ...part(
      'Sources',
      rule.references.map(({ title, url }) => `${visible(title)}: ${visible(url)}`),
      paint.bold,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function part(title: string, lines: readonly string[], bold: (text: string) => string): readonly string[] {
  return lines.length === 0 ? [] : ['', bold(title), ...lines.map((line) => `  ${line}`)];
}
