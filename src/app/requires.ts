import { collectFacts } from '../facts/collect.js';
import type { ImageRequirements } from '../model/report.js';
import { openRequirements } from '../rules/requirements.js';
import type { CheckOptions } from './check.js';
import { analyseReference } from './check.js';
import { readKernelNeeds } from './kernel-needs.js';
import { readRules } from './knowledge.js';
import { packageVersion } from './package-files.js';

/** The rules judged with no guest at all: what stays open is what the image asks of any machine. */
export async function requirementsOf(
  reference: string,
  options: Omit<CheckOptions, 'hosts' | 'rules' | 'ignore'>,
  ownRules: string | null,
): Promise<ImageRequirements> {
  const rules = await readRules(ownRules);
  const { analyses, notes } = await analyseReference(reference, options, null);
  const results = [];
  for (const found of analyses) {
    const analysis = { ...found, kernelNeeds: await readKernelNeeds(reference, found, options) };
    results.push({ analysis, requirements: openRequirements(rules, collectFacts(analysis)) });
  }
  return { tool: { name: 'xoscheck', version: packageVersion() }, notes, results };
}
