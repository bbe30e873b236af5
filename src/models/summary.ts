import { isNormalization, isStatistic, type NetworkConfig } from './network.js';
import { createNetwork } from './registry.js';

/** What a network is made of. */
export interface NetworkSummary {
  name: string;
  /** Weights and biases, the fixed upsampler's included, as PyTorch counts `parameters()`. */
  parameters: number;
  /** Those where normalization is frozen, as torchvision's detectors with weights have it; absent for networks that learn by their batches' statistics. */
  parametersWhereFrozen?: number;
  /** The whole state: parameters and running statistics. Budgets in percent refer to it. */
  state: number;
  /** Every tensor of the state, in the reference's order; `parameters` sum to `state`. */
  tensors: { name: string; shape: number[]; parameters: number }[];
}

/**
 * Counts a network's tensors. Makes the network on the running engine and frees it.
 *
 * @throws E_MODEL_NAME, E_USAGE as {@link createNetwork} does
 */
export function summarize(config: NetworkConfig): NetworkSummary {
  const network = createNetwork(config, { seed: null });
  const { parameters, keepsStatistics } = network;
  const count = (kept: typeof parameters): number => kept.reduce((sum, { size }) => sum + size, 0);
  const summary = {
    name: config.name,
    parameters: count(parameters.filter((parameter) => !isStatistic(parameter))),
    ...(keepsStatistics && { parametersWhereFrozen: count(parameters.filter((one) => !isNormalization(one))) }),
    state: count(parameters),
    tensors: parameters.map(({ name, shape, size }) => ({ name, shape, parameters: size })),
  };
  network.dispose();
  return summary;
}
