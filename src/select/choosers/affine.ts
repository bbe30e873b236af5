import type { Chooser } from './chooser.js';

/**
 * Scales and shifts of all normalizations, and of the layers of a file whose normalizations are folded into them; running statistics stay.
 *
 * @source Frankle et al., Training BatchNorm and Only BatchNorm (ICLR 2021)
 */
export const affine: Chooser = {
  description: 'scales and shifts of all normalizations',
  overBudget: true,
  choose: (items) => [...items.keys()].filter((index) => items[index]!.kind === 'normalization'),
};
