import type { Chooser } from './chooser.js';

/**
 * All of batch normalization: running statistics, weights and biases.
 *
 * @source Frankle et al., Training BatchNorm and Only BatchNorm (ICLR 2021); as adaptors: Bilen and Vedaldi, Universal representations (2017)
 */
export const bn: Chooser = {
  description: 'statistics, weights and biases of all normalizations',
  overBudget: true,
  choose: (items) => [...items.keys()].filter((index) => items[index]!.kind !== 'weights'),
};
