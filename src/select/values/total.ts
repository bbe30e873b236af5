import type { ItemValue } from './value.js';

/** The sum where Eq. 1 takes the mean: a large item is worth more than a small one that moved as far. */
export const total: ItemValue = {
  description: 'sum of the absolute changes',
  of: ({ change }) => change,
};
