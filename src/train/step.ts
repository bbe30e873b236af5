import * as tf from '@tensorflow/tfjs';
import { compile, type Compiled } from '../engine/compile.js';
import type { Precision } from '../engine/precision.js';
import type { Network } from '../models/network.js';
import { gradientTensors, type TrainableNames } from './freeze.js';
import type { Task } from '../models/task.js';

export interface OptimizerSettings {
  /** Share of the last update that the next one keeps. */
  momentum: number;
  /** Added to each gradient: this times the weight. */
  weightDecay: number;
}

/** One optimizer step as one native graph. */
export interface TrainingStep {
  /**
   * Images int32 `[batch, height, width, 3]` in 0..255, labels int32 `[batch, height, width]`, and the learning rate, a scalar;
   * gives the loss before the step, a scalar that the caller disposes. A task that needs noise is given it last.
   */
  run: Compiled<[tf.Tensor4D, tf.Tensor3D, tf.Scalar, ...tf.Tensor4D[]], tf.Scalar>;
  /** The running average of each trained tensor's gradient, by the tensor's name, and whatever else a run goes on from. */
  momenta: Map<string, tf.Variable>;
  dispose(): void;
}

/**
 * Stochastic gradient descent with momentum and weight decay: `g = dL/dw + decay w; m = momentum m + g; w = w - rate m`.
 *
 * @source torch.optim.SGD (dampening 0, no Nesterov)
 */
export function createStep(
  network: Network,
  task: Task,
  trainable: TrainableNames,
  { momentum, weightDecay }: OptimizerSettings,
  precision: Precision,
): TrainingStep {
  const tensors = gradientTensors(network, trainable);
  const weights = tensors.map(({ variable }) => variable);
  const momenta = weights.map((weight) => tf.tidy(() => tf.variable(tf.zerosLike(weight), false)));
  const run = compile(
    (images: tf.Tensor4D, labels: tf.Tensor3D, rate: tf.Scalar, ...noise: tf.Tensor4D[]): tf.Scalar => {
      const loss = (): tf.Scalar => task.loss(network, images, labels, ...noise);
      // Where running statistics alone are trained, the forward pass is all.
      const { value, grads } = weights.length > 0 ? tf.variableGrads(loss, weights) : { value: loss(), grads: {} };
      weights.forEach((weight, i) => {
        const gradient = (grads as tf.NamedTensorMap)[weight.name];
        // A weight that the loss does not depend on (an unused projection) stays as it is, as in PyTorch.
        if (!gradient) return;
        const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weight, weightDecay));
        const velocity = tf.add(tf.mul(momenta[i]!, momentum), decayed);
        momenta[i]!.assign(velocity);
        weight.assign(tf.sub(weight, tf.mul(velocity, rate)));
      });
      return value;
    },
    undefined,
    { precision },
  );
  return {
    run,
    momenta: new Map(tensors.map(({ name }, i) => [name, momenta[i]!])),
    dispose: () => {
      run.dispose();
      for (const variable of momenta) variable.dispose();
    },
  };
}
