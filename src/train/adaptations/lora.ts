import { factorTensors } from '../../adaptor/kinds/lora.js';
import { fail } from '../../common/errors.js';
import { canonicalJson, sha256 } from '../../common/files.js';
import { parseBudget } from '../../select/budget.js';
import { totalParameters } from '../../select/items.js';
import { type RankedTensor, spreadRanks } from '../../select/ranks.js';
import { loraFactors } from './lora-factors.js';
import type { Adaptation, Openable } from './adaptation.js';

/**
 * Low-rank changes of convolutions whose factors fit into a budget, everything else as it is, running statistics included.
 *
 * @param budget `0.2%` of the network's state, or a number of parameters; `open` throws E_SPLIT_BUDGET for one that has no room for any
 * @source Hu et al., LoRA (ICLR 2022); for convolutions Yeh et al., LyCORIS (ICLR 2024)
 */
export function lora(budget: string): Adaptation {
  return {
    name: 'lora',
    description: 'low-rank changes',
    settings: { budget },
    result: 'adaptor',
    open(network) {
      const allowed = parseBudget(budget, totalParameters(network.parameters));
      const ranks = spreadRanks(network.parameters, allowed);
      if (ranks.length === 0) {
        fail('E_SPLIT_BUDGET', {
          where: 'lora.budget',
          expected: 'room for a change of rank 1 of one convolution',
          got: budget,
          todo: 'Allow a larger budget.',
        });
      }
      const parameters = ranks.reduce((sum, { size }) => sum + size, 0);
      const fields = {
        format: 'gearnn-lora' as const,
        ranks,
        parameters,
        budget: { text: budget, parameters: allowed },
      };
      return { ...lowRank(ranks).open(network), fields };
    },
  };
}

/** Low-rank changes of these convolutions of a network. */
export function lowRank(ranks: readonly RankedTensor[]): Openable {
  return {
    open: (network) => ({
      changes: new Set(ranks.map(({ name }) => name)),
      identity: {
        trainable: 'all',
        lora: sha256(canonicalJson(ranks.map(({ name, rank }) => `${name}:${rank}`))).slice(0, 16),
      },
      optimizer({ seed, ...settings }) {
        const factors = loraFactors(network, { ranks, seed }, settings);
        return { ...factors, own: () => factorTensors(factors.factors()) };
      },
    }),
  };
}
