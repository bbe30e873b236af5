import { knapsack } from '../knapsack.js';
import type { Chooser } from './chooser.js';

/** The knapsack on values averaged over all levels: one set of items, so that a swap always replaces the same tensors. */
export const union: Chooser = {
  description: "one set of items for all levels: largest sum of the levels' mean values within the budget",
  acrossLevels: true,
  choose: knapsack,
};
