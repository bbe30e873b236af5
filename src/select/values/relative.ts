import type { ItemValue } from './value.js';

/** Mean size of weights below which they count as of this size: something that was 0 and moves is worth much, not infinitely much. */
const LEAST = 1e-8;

/** Mean absolute change over the mean absolute weight, so that items of large weights are no better off. */
export const relative: ItemValue = {
  description: "mean absolute change relative to the weights' mean size",
  of: ({ change, weight, count }) => change / Math.max(weight, LEAST * count),
};
