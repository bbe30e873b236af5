import { affine } from './affine.js';
import { bn } from './bn.js';
import { bnStatistics } from './bn-statistics.js';
import type { Chooser } from './chooser.js';
import { convolutions } from './convolutions.js';
import { firstLayers } from './first-layers.js';
import { greedy } from './greedy.js';
import { knapsack } from './knapsack.js';
import { learned } from './learned.js';
import { random } from './random.js';
import { union } from './union.js';

/** Every way to choose, the paper's first. */
export const choosers = {
  knapsack,
  greedy,
  random,
  learned,
  convolutions,
  'first-layers': firstLayers,
  'bn-statistics': bnStatistics,
  affine,
  bn,
  union,
} satisfies Record<string, Chooser>;

export type ChooserName = keyof typeof choosers;
export const CHOOSER_NAMES = Object.keys(choosers) as [ChooserName, ...ChooserName[]];
