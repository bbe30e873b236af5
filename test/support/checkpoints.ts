import * as tf from '@tensorflow/tfjs';
import type { CheckpointConfig } from '../../src/models/checkpoint-config.js';
import { saveCheckpoint } from '../../src/models/checkpoint.js';
import { createNetwork } from '../../src/models/registry.js';
import { stateDict, type StateDict } from '../../src/models/state-dict.js';

type Config = Omit<CheckpointConfig, 'format' | 'version'>;

/** A network of two classes that is made in a moment. */
export const SMALL: Config = {
  network: { name: 'drn-d-22', classes: 2, width: 0.125 },
  classes: [
    { name: 'road', color: [128, 64, 128] },
    { name: 'sky', color: [70, 130, 180] },
  ],
  ignore: 255,
  preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  storage: 'fp32',
  training: { level: 'clean' },
};

/**
 * Writes a checkpoint of {@link SMALL} with the weights of seed 0.
 *
 * @param change called with the state before it is written
 * @returns its hash
 */
export async function writeCheckpoint(
  folder: string,
  config: Partial<Config> = {},
  change: (state: StateDict) => void = () => {},
): Promise<string> {
  await tf.setBackend('cpu');
  const merged = { ...SMALL, ...config };
  const network = createNetwork(merged.network, { seed: 0 });
  const state = stateDict(network);
  network.dispose();
  change(state);
  return saveCheckpoint(folder, merged, state, network.parameters);
}

/** Adds to every value of some tensors. */
export function shift(amounts: Record<string, number>): (state: StateDict) => void {
  return (state) => {
    for (const [name, amount] of Object.entries(amounts)) {
      const { data } = state.get(name)!;
      data.forEach((value, i) => (data[i] = value + amount));
    }
  };
}
