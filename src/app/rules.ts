import { XosError } from '../model/error.js';
import type { RuleDocument } from '../model/rule-document.js';
import { ruleDocument } from '../rules/document.js';
import { readRules } from './knowledge.js';

/** All rules as documents, or the one that is asked for. */
export async function ruleDocuments(id: string | null, ownFolder: string | null): Promise<readonly RuleDocument[]> {
  const rules = (await readRules(ownFolder)).map(ruleDocument);
  if (id === null) return rules;
  const chosen = rules.filter((rule) => rule.id === id);
  if (chosen.length > 0) return chosen;
  throw new XosError('XOS_NO_SUCH_RULE', `There is no rule \`${id}\`.`, {
    suggestions: ['`xoscheck rules` lists them.'],
  });
}
