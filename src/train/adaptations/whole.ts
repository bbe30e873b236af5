import { allTrainable, gradientTensors } from '../freeze.js';
import { optimizerOf } from '../optimizers.js';
import type { Adaptation } from './adaptation.js';

/** Every tensor but the fixed ones. */
export const whole: Adaptation = {
  name: 'whole',
  description: 'whole network',
  settings: {},
  result: 'network',
  open(network) {
    const changes = allTrainable(network);
    return {
      changes,
      identity: { trainable: 'all' },
      optimizer: (settings) => optimizerOf(gradientTensors(network, changes), settings),
    };
  },
};
