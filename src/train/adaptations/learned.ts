import { gradientTensors, allTrainable } from '../freeze.js';
import type { Adaptation } from './adaptation.js';
import { tensors } from './items.js';

/** Every tensor that gradients reach: running statistics stay, and are what normalizations go by in training as later. */
export const learned: Adaptation = {
  name: 'learned',
  description: 'whole network but for running statistics',
  settings: {},
  result: 'network',
  open: (network) =>
    tensors(new Set(gradientTensors(network, allTrainable(network)).map(({ name }) => name))).open(network),
};
