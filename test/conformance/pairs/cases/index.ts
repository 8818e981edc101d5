import type { Pair } from '../pair.js';
import { libcs, libraries } from './libraries.js';
import { machines } from './machines.js';
import { formats, paths, permissions } from './paths.js';
import { scripts } from './scripts.js';
import { runtimes, wrappers } from './wrappers.js';

export const pairs: readonly Pair[] = [
  ...machines(),
  ...libcs(),
  ...libraries(),
  ...formats(),
  ...scripts(),
  ...paths(),
  ...permissions(),
  ...wrappers(),
  ...runtimes(),
];
