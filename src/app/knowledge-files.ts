import type { Knowledge } from '../strings/knowledge.js';
import { KNOWLEDGE_FILES, parseKnowledge } from '../strings/knowledge.js';
import { knowledgeText } from './package-files.js';

/** What is known of paths, keys and APIs: the files of `rules/knowledge/`. */
export function readKnowledge(): Knowledge {
  const parsed = parseKnowledge({
    linuxPaths: knowledgeText(KNOWLEDGE_FILES.linuxPaths),
    registryKeys: knowledgeText(KNOWLEDGE_FILES.registryKeys),
    linuxApis: knowledgeText(KNOWLEDGE_FILES.linuxApis),
    windowsApis: knowledgeText(KNOWLEDGE_FILES.windowsApis),
  });
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
