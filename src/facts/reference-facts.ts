import type { ImageAnalysis } from '../model/analysis.js';
import type { RootfsEntry } from '../model/rootfs.js';
import type { FactTree, SubjectFacts } from '../model/rule.js';

/** Facts of what files refer to; one subject for each file and value, with the first place. */
export function collectReferences(analysis: ImageAnalysis): readonly SubjectFacts[] {
  const seen = new Set<string>();
  const subjects: SubjectFacts[] = [];
  for (const { entry, reach, reference } of analysis.references) {
    const key = `${entry.path}\0${reference.kind}\0${reference.value}`;
    if (seen.has(key)) continue;
    seen.add(key);
    subjects.push({
      path: entry.path,
      layer: entry.layer,
      reach,
      facts: {
        kind: reference.kind,
        value: reference.value,
        class: reference.class,
        path: entry.path,
        reach,
        ...fileFacts(entry),
        encoding: reference.encoding,
        offset: reference.offset,
        library: reference.library,
      },
    });
  }
  return subjects;
}

function fileFacts(entry: RootfsEntry): FactTree {
  const { content } = entry;
  if (content?.kind === 'text') return { 'file-kind': 'text', 'file-is-library': false, managed: null };
  if (content?.kind !== 'binary') return { 'file-kind': 'other', 'file-is-library': false, managed: null };
  const { binary } = content;
  return {
    'file-kind': binary.format,
    'file-is-library':
      binary.format === 'elf'
        ? binary.kind === 'shared-object'
        : binary.format === 'pe'
          ? binary.kind === 'dll'
          : false,
    managed: binary.format === 'pe' ? binary.clr !== null : null,
  };
}
