import type { NetworkConfig } from './network.js';
import { createNetwork } from './registry.js';

/** What a network is made of. */
export interface NetworkSummary {
  name: string;
  /** Weights and biases, the fixed upsampler's included, as PyTorch counts `parameters()`. */
  parameters: number;
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
  const network = createNetwork(config);
  const count = (kept: typeof network.state): number => kept.reduce((sum, { parameters }) => sum + parameters, 0);
  const summary = {
    name: config.name,
    parameters: count(network.state.filter(({ kind }) => kind !== 'running_mean' && kind !== 'running_var')),
    state: count(network.state),
    tensors: network.state.map(({ name, shape, parameters }) => ({ name, shape, parameters })),
  };
  network.dispose();
  return summary;
}
