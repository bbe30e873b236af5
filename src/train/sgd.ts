import * as tf from '@tensorflow/tfjs';
import type { Parameter } from '../models/network.js';
import type { GradientUse } from './loss.js';

export interface OptimizerSettings {
  /** Share of the last update that the next one keeps. */
  momentum: number;
  /** Added to each gradient: this times the weight. */
  weightDecay: number;
}

/** Moves weights along their gradients. */
export interface Optimizer extends GradientUse {
  /** What it goes on from beside the network's weights, by name: a run's state. */
  kept: Map<string, tf.Variable>;
  dispose(): void;
}

/**
 * Stochastic gradient descent with momentum and weight decay: `g = dL/dw + decay w; m = momentum m + g; w = w - rate m`.
 *
 * @param parameters to train
 * @source torch.optim.SGD (dampening 0, no Nesterov)
 */
export function sgd(parameters: readonly Parameter[], settings: OptimizerSettings): Optimizer {
  const momenta = parameters.map(({ variable }) => tf.tidy(() => tf.variable(tf.zerosLike(variable), false)));
  return {
    variables: parameters.map(({ variable }) => variable),
    apply(gradients, rate) {
      parameters.forEach(({ variable }, i) => {
        const gradient = gradients[variable.name];
        // A weight that the loss does not depend on (an unused projection) stays as it is, as in PyTorch.
        if (gradient) descend(variable, momenta[i]!, gradient, rate, settings);
      });
    },
    kept: new Map(parameters.map(({ name }, i) => [name, momenta[i]!])),
    dispose: () => tf.dispose(momenta),
  };
}

/** Moves one weight. @returns its new value */
export function descend(
  weight: tf.Variable,
  momentum: tf.Variable,
  gradient: tf.Tensor,
  rate: tf.Scalar,
  settings: OptimizerSettings,
): tf.Tensor {
  const { momentum: share, weightDecay } = settings;
  const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay));
  const velocity = tf.add(tf.mul(momentum, share), decayed);
  momentum.assign(velocity);
  const next = tf.sub(weight, tf.mul(velocity, rate));
  weight.assign(next);
  return next;
}

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
