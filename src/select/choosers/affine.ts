import type { ChoosableItem, Chooser } from './chooser.js';

/** Whether an item is a scale or a shift; running statistics are neither. */
export const isScaleOrShift = ({ kind }: Pick<ChoosableItem, 'kind'>): boolean => kind === 'normalization';

/**
 * Scales and shifts of all normalizations, and of the layers of a file whose normalizations are folded into them; running statistics stay.
 *
 * @source Frankle et al., Training BatchNorm and Only BatchNorm (ICLR 2021)
 */
export const affine: Chooser = {
  description: 'scales and shifts of all normalizations',
  overBudget: true,
  choose: (items) => [...items.keys()].filter((index) => isScaleOrShift(items[index]!)),
};
