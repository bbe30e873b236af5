import { type Chooser, knapsackOf } from './chooser.js';

/** The knapsack among weights and biases of convolutions and dense layers: normalizations stay the base's, statistics included. */
export const convolutions: Chooser = {
  description: 'largest sum of values within the budget, normalizations left out',
  choose: (items, capacity) => knapsackOf(items, capacity, ({ kind }) => kind === 'weights'),
};
