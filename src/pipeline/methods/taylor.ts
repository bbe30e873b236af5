import { splitMethod } from './split-method.js';

/** The adaptor with other values in the same knapsack; gradients at the base's weights take an epoch per level. */
export const taylor = splitMethod("as the adaptor, items valued by their change's first-order effect on the loss", {
  values: 'taylor',
});
