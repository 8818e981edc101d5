import type { ImageAnalysis } from '../model/analysis.js';
import type { ImageFacts } from '../model/rule.js';
import type { Reach } from '../model/start.js';
import { allGaps } from './binary-gaps.js';
import { collectBinaries } from './binary-facts.js';
import { collectImage } from './image-facts.js';
import { collectPrograms } from './program-facts.js';
import { collectReferences } from './reference-facts.js';

/** Everything about one image that rules can read. Built once, judged for every guest. */
export function collectFacts(analysis: ImageAnalysis): ImageFacts {
  const programs = collectPrograms(analysis);
  const binaries = collectBinaries(analysis);
  const reaches = new Map<string, Reach>();
  // Damaged files are no subjects, yet the analysis says how they are reached.
  for (const { entry, reach } of analysis.binaries) reaches.set(entry.path, reach);
  for (const { path, reach } of [...binaries, ...programs]) reaches.set(path, reach);
  const gaps = allGaps(analysis);
  return {
    image: collectImage(analysis, gaps, (path) => reaches.get(path) ?? 'present'),
    programs,
    binaries,
    references: collectReferences(analysis),
    gaps,
  };
}
