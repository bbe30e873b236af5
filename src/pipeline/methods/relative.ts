import { splitMethod } from './split-method.js';

/** The adaptor with other values in the same knapsack. */
export const relative = splitMethod("as the adaptor, items valued by their change relative to the weights' size", {
  values: 'relative',
});
