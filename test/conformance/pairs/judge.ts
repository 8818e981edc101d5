import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../../src/app/check.js';
import { readHost } from '../../../src/app/knowledge.js';
import type { Finding } from '../../../src/model/rule.js';
import type { ReportResult } from '../../../src/model/report.js';
import { profileJson } from '../../../src/report/profile.js';
import { workFolder } from '../support/work.js';

let profile: Promise<string> | null = null;

/** This machine as it was detected, with Docker as it comes; the file of the profile. */
export function thisMachineWithDocker(): Promise<string> {
  profile ??= writeProfile();
  return profile;
}

async function writeProfile(): Promise<string> {
  const detected = await readHost(null);
  const engine = {
    name: 'docker',
    version: '29.7.2',
    containers: 'linux',
    runtime: 'runc',
    seccompProfile: 'default',
    vm: null,
  } as const;
  const path = join(workFolder(), 'this-machine.json');
  writeFileSync(path, profileJson({ ...detected, id: 'this-machine', engine }));
  return path;
}

/** What we say of one image on one host. */
export async function judge(reference: string, host: string): Promise<ReportResult> {
  const report = await check(reference, {
    hosts: [host],
    platform: null,
    allPlatforms: true,
    rules: null,
    ignore: [],
    verify: false,
    onProgress: () => undefined,
    stdin: nothing(),
  });
  const [result] = report.results;
  if (result === undefined) throw new Error(`no result for ${reference}`);
  return result;
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async iterable that ends at once
async function* nothing(): AsyncIterable<Uint8Array> {
  yield* [];
}

/** Everything that a finding says, for the search for a name in it. */
export function wordsOf(finding: Finding): string {
  return [finding.ruleId, finding.message, finding.path ?? '', JSON.stringify(finding.evidence)].join('\n');
}

/** Findings that close the native route, or else the route that serves. */
export function closingFindings(result: ReportResult): readonly Finding[] {
  const { routes } = result.judged.verdict;
  return routes.flatMap(({ findings }) =>
    findings.filter(({ severity, truth }) => severity === 'blocker' && truth === 'yes'),
  );
}
