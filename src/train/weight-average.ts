import tf from '../common/tf.cjs';
import { fail } from '../common/errors.js';
import type { Network } from '../models/network.js';
import type { TrainableNames } from './freeze.js';

/** What weights are averaged over. */
export interface AverageOptions {
  /** Of all steps, those at the end: over 0, up to 1. */
  share: number;
  /** Of the whole run. */
  steps: number;
}

/** Means of what a run changes, over its last steps. */
export interface WeightAverage {
  /** Means so far, by name: part of a run's state. */
  kept: Map<string, tf.Variable>;
  /** Takes in the tensors as they are after a step, which counts from 0; nothing before the last steps. */
  take(step: number): void;
  /** Puts the means in the tensors' place. */
  put(): void;
  dispose(): void;
}

/**
 * Averages every tensor that a run may change, each step with the same weight, running statistics too. Those belong to the weights that
 * moved rather than to their mean; `statistics: 'precise'` measures them anew at the mean.
 *
 * @param names of the tensors
 * @source Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization (UAI 2018)
 */
export function averageWeights(
  network: Network,
  names: TrainableNames,
  { share, steps }: AverageOptions,
): WeightAverage {
  const averaged = network.parameters.filter(({ name }) => names.has(name));
  const means = averaged.map(({ variable }) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
  const first = steps - lastSteps(share, steps);
  return {
    kept: new Map(averaged.map(({ name }, i) => [`average/${name}`, means[i]!])),
    take(step) {
      const count = step - first + 1;
      if (count < 1) return;
      tf.tidy(() =>
        averaged.forEach(({ variable }, i) => {
          const mean = means[i]!;
          mean.assign(tf.add(mean, tf.div(tf.sub(variable, mean), count)));
        }),
      );
    },
    put: () => averaged.forEach(({ variable }, i) => variable.assign(means[i]!)),
    dispose: () => tf.dispose(means),
  };
}

/** How many steps a share of them is: at least the last one. */
export function lastSteps(share: number, steps: number): number {
  return Math.max(1, Math.round(share * steps));
}

/** @throws E_USAGE for an adaptation that keeps tensors of its own in place of the network's: their mean is not that of what they make */
export function refuseToAverage(): never {
  fail('E_USAGE', {
    where: 'train.average',
    expected: 'a fine-tune of whole tensors',
    got: 'one of factors, whose means would make other weights',
    todo: 'Leave --average out, or give --split in place of --adapt lora.',
  });
}
