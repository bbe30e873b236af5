import { fail } from '../../common/errors.js';
import { isScaleOrShift } from '../../select/choosers/affine.js';
import { itemsOf, totalParameters } from '../../select/items.js';
import type { Adaptation } from './adaptation.js';
import { tensors } from './items.js';

/**
 * Scales and shifts of all normalizations, and of the layers of a file whose normalizations are folded into them; everything else as it is, running
 * statistics included. Nothing has to be measured first, as nothing is chosen. `open` throws E_TRAIN_SPLIT for a network that has none.
 *
 * @source Frankle et al., Training BatchNorm and Only BatchNorm (ICLR 2021)
 */
export const affine: Adaptation = {
  name: 'affine',
  description: 'scales and shifts',
  settings: {},
  result: 'adaptor',
  open(network) {
    const items = itemsOf(network.parameters)
      .filter(isScaleOrShift)
      .map(({ name, tensors, size }) => ({ name, tensors, size }));
    if (items.length === 0) {
      fail('E_TRAIN_SPLIT', {
        where: '--adapt affine',
        expected: 'a network with scales and shifts, of normalizations or beside folded ones',
        got: `${network.spec.name}, which has none`,
        todo: 'Choose items with gearnn split, or take --adapt lora:0.2%.',
      });
    }
    const parameters = items.reduce((sum, { size }) => sum + size, 0);
    const share = (100 * parameters) / totalParameters(network.parameters);
    return {
      ...tensors(new Set(items.flatMap((item) => item.tensors))).open(network),
      fields: {
        format: 'gearnn-adaptor',
        items,
        parameters,
        budget: { text: `${Number(share.toPrecision(2))}%`, parameters },
      },
    };
  },
};
