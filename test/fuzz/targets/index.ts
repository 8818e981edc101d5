import type { Target } from '../target.js';
import { archiveTargets } from './archive.js';
import { binaryTargets } from './binary.js';
import { knowledgeTargets } from './knowledge.js';
import { programTargets } from './program.js';
import { wholeTargets } from './whole.js';

/** Everything that reads what others wrote. */
export const targets: readonly Target[] = [
  ...archiveTargets,
  ...binaryTargets,
  ...programTargets,
  ...knowledgeTargets,
  ...wholeTargets,
];
