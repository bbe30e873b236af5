import tf from '../common/tf.cjs';
import type { MoverMaker } from './mover.js';

/**
 * Stochastic gradient descent with momentum: `m = momentum m + g; w = w - rate m`.
 *
 * @source torch.optim.SGD (dampening 0, no Nesterov)
 */
export const sgd: MoverMaker = (weight, { momentum: share }) => {
  const momentum = tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
  return {
    kept: [momentum],
    move(gradient, rate) {
      const velocity = tf.add(tf.mul(momentum, share), gradient);
      momentum.assign(velocity);
      const next = tf.sub(weight, tf.mul(velocity, rate));
      weight.assign(next);
      return next;
    },
  };
};
