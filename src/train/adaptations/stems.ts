import { fail } from '../../common/errors.js';
import type { Adaptation } from './adaptation.js';
import { allItems } from './all-items.js';

/**
 * Scales and shifts of the layers that read the picture; everything else as it is. What a distortion does to every pixel alike, as dimming does, asks
 * for no more. `open` throws E_TRAIN_SPLIT for a network that has none.
 */
export const stems: Adaptation = {
  name: 'stems',
  description: 'scales and shifts of first layers',
  settings: {},
  result: 'adaptor',
  open(network) {
    const own = new Set(network.stems.layers.flatMap(({ scale, shift }) => [scale, shift]));
    return allItems(
      network,
      ({ tensors }) => tensors.every((name) => own.has(name)),
      () =>
        fail('E_TRAIN_SPLIT', {
          where: '--adapt stems',
          expected: 'a network whose first layers have scales and shifts of their own',
          got: `${network.spec.name}, of which none has`,
          todo: 'Take --adapt affine, or choose items with gearnn split.',
        }),
    );
  },
};
