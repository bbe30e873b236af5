import { type Chooser, knapsackOf } from './chooser.js';

/** The knapsack among what gradients reach, tensor by tensor: running statistics stay the base's. */
export const learned: Chooser = {
  description: 'largest sum of values within the budget, running statistics left out',
  choose: (items, capacity) => knapsackOf(items, capacity, ({ kind }) => kind !== 'statistics'),
};
