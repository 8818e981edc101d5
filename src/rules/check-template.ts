import type { FactRead } from './expression.js';
import { asText } from './fields.js';
import { findFact } from './scope.js';
import type { Checking } from './scope.js';
import type { SourceNode } from './source.js';
import { splitTemplate } from './template.js';
import type { Template } from './template.js';

/** Checks the placeholders of a text against the catalog. Faults stand at the start of the text. */
export function checkTemplate(node: SourceNode | null, what: string, checking: Checking): Template {
  const source = asText(node, what, checking.report);
  if (node === null) return { source, parts: [] };
  const visible = checking.names.filter((bound) => bound.positive);
  const parts: (string | FactRead)[] = [];
  for (const part of splitTemplate(source)) {
    if ('text' in part) {
      parts.push(part.text);
      continue;
    }
    const first = part.path.split('.', 1)[0];
    const hidden = checking.names.some((bound) => bound.name === first && !bound.positive);
    if (hidden) {
      checking.report(node.place, `\`{${part.path}}\` is bound under a \`not\`, so no one element stands for it`);
      continue;
    }
    const fact = findFact(part.path, node.place, visible, checking);
    if (fact?.type === 'record' || fact?.type === 'record-list') {
      checking.report(node.place, `\`{${part.path}}\` is a ${fact.type}; a text needs a value`);
    }
    if (fact !== null) parts.push(fact);
  }
  return { source, parts };
}
