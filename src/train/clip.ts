import tf from '../common/tf.cjs';
import type { GradientUse } from './loss.js';

/** Keeps the quotient finite, as PyTorch has it. */
const EPSILON = 1e-6;

/**
 * What uses gradients, made to get them shorter: all are multiplied by one factor where their norm, taken together, is above a bound.
 *
 * @param norm the bound, over 0
 * @source torch.nn.utils.clip_grad_norm_: `g min(1, norm / (|all g| + 1e-6))`
 */
export function clipped<Use extends GradientUse>(use: Use, norm: number): Use {
  return {
    ...use,
    apply(gradients: tf.NamedTensorMap, rate: tf.Scalar) {
      const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
      if (squares.length === 0) return use.apply(gradients, rate);
      const whole = tf.sqrt(squares.reduce((sum, square) => tf.add(sum, square)));
      const factor = tf.minimum(tf.div(norm, tf.add(whole, EPSILON)), 1);
      const shorter = Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)] as const);
      use.apply(Object.fromEntries(shorter), rate);
    },
  };
}
