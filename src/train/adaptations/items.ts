import { canonicalJson, sha256 } from '../../common/files.js';
import type { Split } from '../../select/split.js';
import { gradientTensors, type TrainableNames } from '../freeze.js';
import { optimizerOf } from '../optimizers.js';
import { trainableOf } from '../split-names.js';
import type { Adaptation, Openable } from './adaptation.js';

/**
 * The items of a split, everything else as it is.
 *
 * @param baseHash of the checkpoint that networks are of; `open` throws E_TRAIN_SPLIT where the split is of another one
 */
export function items(split: Split, baseHash: string): Adaptation {
  return {
    name: 'items',
    description: 'adaptor',
    settings: {},
    result: 'adaptor',
    open(network) {
      const { items: chosen, size: parameters, budget } = split;
      return {
        ...tensors(trainableOf(split, network, baseHash)).open(network),
        fields: { format: 'gearnn-adaptor', items: chosen, parameters, budget },
      };
    },
  };
}

/** Tensors of a network by their names. */
export function tensors(names: TrainableNames): Openable {
  return {
    open: (network) => ({
      changes: names,
      identity: { trainable: sha256(canonicalJson([...names].sort())).slice(0, 16) },
      optimizer: (settings) => optimizerOf(gradientTensors(network, names), settings),
    }),
  };
}
