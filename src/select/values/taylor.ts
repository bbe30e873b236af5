import type { ItemValue } from './value.js';

/**
 * How far the loss at the level moves, to first order, when the item alone goes from the base's values to the fine-tuned ones.
 *
 * @source Molchanov et al., Importance Estimation for Neural Network Pruning (CVPR 2019): first-order expansion of the loss over a group of
 *   parameters, there for setting them to 0, and squared; here for the change, and its size instead of the square
 */
export const taylor: ItemValue = {
  description: "first-order effect of the change on the level's loss",
  needsGradients: true,
  of: ({ effect }) => Math.abs(effect),
};
