import { fail } from '../../common/errors.js';
import { isScaleOrShift } from '../../select/choosers/affine.js';
import type { Adaptation } from './adaptation.js';
import { allItems } from './all-items.js';

/**
 * Scales and shifts of all normalizations, and of the layers of a file whose normalizations are folded into them; everything else as it is, running
 * statistics included. `open` throws E_TRAIN_SPLIT for a network that has none.
 *
 * @source Frankle et al., Training BatchNorm and Only BatchNorm (ICLR 2021)
 */
export const affine: Adaptation = {
  name: 'affine',
  description: 'scales and shifts',
  settings: {},
  result: 'adaptor',
  open: (network) =>
    allItems(network, isScaleOrShift, () =>
      fail('E_TRAIN_SPLIT', {
        where: '--adapt affine',
        expected: 'a network with scales and shifts, of normalizations or beside folded ones',
        got: `${network.spec.name}, which has none`,
        todo: 'Choose items with gearnn split, or take --adapt lora:0.2%.',
      }),
    ),
};
