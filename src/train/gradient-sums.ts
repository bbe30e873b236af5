import tf from '../common/tf.cjs';
import type { Parameter } from '../models/network.js';
import type { GradientUse } from './loss.js';

/** Adds gradients up, batch by batch, and leaves the weights. */
export interface GradientSums extends GradientUse {
  /** By the parameter's name. */
  sums: ReadonlyMap<string, tf.Variable>;
  dispose(): void;
}

/** @param parameters to sum the gradients of */
export function gradientSums(parameters: readonly Parameter[]): GradientSums {
  const sums = parameters.map(({ variable }) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
  return {
    variables: parameters.map(({ variable }) => variable),
    apply(gradients) {
      parameters.forEach(({ variable }, i) => {
        const gradient = gradients[variable.name];
        if (gradient) sums[i]!.assign(tf.add(sums[i]!, gradient));
      });
    },
    sums: new Map(parameters.map(({ name }, i) => [name, sums[i]!])),
    dispose: () => tf.dispose(sums),
  };
}
