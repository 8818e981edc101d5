import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import type { ReportResult } from '../../src/model/report.js';
import { judge } from './pairs/judge.js';
import { buildPlainImage, plainImages } from './pairs/plain-images.js';
import { readPart, replacePart, table } from './pairs/table.js';

/**
 * Plain distribution images, about which nothing is to be said: every finding above `info` must stand in the list
 * below with the reason why it is right. Needs root, overlayfs, debootstrap and a mirror of Debian.
 */
const DOCUMENT = new URL('../../docs/accuracy.md', import.meta.url);
const HOST = 'linux-amd64';

/** Findings above `info` that are right, with the reason. */
const RIGHT: readonly { readonly image: string; readonly rule: string; readonly path: string; readonly why: string }[] =
  [];

interface PlainResult {
  readonly name: string;
  readonly result: ReportResult;
}

const results: PlainResult[] = [];

describe('plain images', () => {
  test.each(plainImages.map((image) => [image.name, image] as const))('%s', async (name, image) => {
    const result = await judge(buildPlainImage(image), HOST);
    results.push({ name, result });
    expect(aboveInfo(result).filter((finding) => reasonFor(name, finding) === null)).toEqual([]);
    expect(result.judged.verdict.via).toBe('native');
    expect(result.analysis.gaps).toEqual([]);
  });

  test('docs/accuracy.md shows these results', () => {
    if (results.length < plainImages.length) return;
    const document = readFileSync(DOCUMENT, 'utf8');
    if (process.env['UPDATE'] === '1') writeFileSync(DOCUMENT, replacePart(document, 'plain-images', resultTable()));
    else expect(readPart(document, 'plain-images')).toBe(resultTable());
  });
});

afterAll(() => {
  const binaries = results.reduce((sum, { result }) => sum + result.analysis.binaries.length, 0);
  const findings = results.reduce((sum, { result }) => sum + aboveInfo(result).length, 0);
  console.log(`${results.length} plain images with ${binaries} binaries: ${findings} findings above info`);
});

interface Shown {
  readonly rule: string;
  readonly severity: string;
  readonly path: string;
  readonly message: string;
}

function aboveInfo({ judged }: ReportResult): readonly Shown[] {
  return judged.findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ ruleId, severity, path, message }) => ({ rule: ruleId, severity, path: path ?? '', message }));
}

function reasonFor(image: string, finding: Shown): string | null {
  const right = RIGHT.find((each) => each.image === image && each.rule === finding.rule && each.path === finding.path);
  return right?.why ?? null;
}

/** Package versions move, so counts of files do not stand here. */
function resultTable(): string {
  const rows = results.map(({ name, result }) => {
    const findings = aboveInfo(result).map((finding) => {
      return `${finding.rule} (${finding.severity}) ${finding.path}: ${reasonFor(name, finding) ?? 'false alarm'}`;
    });
    const { argv } = result.analysis.start;
    return [name, `\`${argv.join(' ')}\``, result.judged.verdict.outcome, findings.join('; ') || 'none'];
  });
  return table(['image', 'starts', 'verdict', 'findings above info'], rows);
}
