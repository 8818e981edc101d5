import type { ImageRequirements, Style } from '../model/report.js';
import { visible } from './escape.js';
import { platformText } from './platform-text.js';
import { kernelLines, kernelNeedsOf } from './kernel-needs.js';
import { paintFor, wrap } from './pretty/paint.js';

/** `xoscheck requires` for people: one line a requirement, with the file that makes it. */
export function requirementsText(found: ImageRequirements, style: Style): string {
  const paint = paintFor(style);
  const notes = found.notes.flatMap((note) => wrap(`Note: ${note}`, '', paint));
  const blocks = found.results.map(({ analysis, requirements }) => {
    const title = `${paint.bold(visible(analysis.image.reference))} ${paint.dim(`(${platformText(analysis.image.platform)})`)} asks for:`;
    const lines = [
      ...requirements.flatMap(({ text, path, ruleId }) => [
        ...wrap(text, '  ', paint),
        paint.dim(`    ${path === null ? '' : `${visible(path)}  `}${ruleId}`),
      ]),
      ...kernelLines(analysis.kernelNeeds ?? null, paint, style.verbose),
    ];
    return [title, ...(lines.length === 0 ? ['  nothing that was looked at'] : lines)].join('\n');
  });
  return `${[...(notes.length === 0 ? [] : [notes.join('\n')]), ...blocks].join('\n\n')}\n`;
}

/** The same for machines. */
export function requirementsJson({ tool, notes, results }: ImageRequirements): string {
  const document = {
    schemaVersion: '1',
    tool,
    notes,
    results: results.map(({ analysis, requirements }) => ({
      image: { reference: analysis.image.reference, platform: analysis.image.platform, digest: analysis.image.digest },
      requirements,
      kernelNeeds: kernelNeedsOf(analysis.kernelNeeds ?? null),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
