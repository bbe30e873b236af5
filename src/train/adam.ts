import tf from '../common/tf.cjs';
import type { MoverMaker } from './mover.js';

/** Share of the mean square that the next step keeps, and what keeps the quotient finite. */
const SQUARE_SHARE = 0.999;
const EPSILON = 1e-8;

/**
 * Adam: `m = b m + (1 - b) g; v = c v + (1 - c) g^2; w = w - rate (m / (1 - b^t)) / (sqrt(v / (1 - c^t)) + 1e-8)`, where `b` is the momentum and
 * `c` 0.999. Each number moves by about the rate, however large its gradients are.
 *
 * @source Kingma and Ba, Adam (ICLR 2015), Algorithm 1; torch.optim.Adam
 */
export const adam: MoverMaker = (weight, { momentum: share }) => {
  const zeros = (): tf.Variable => tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
  const [mean, square] = [zeros(), zeros()];
  // `b^t` and `c^t`: what is missing from averages that began at 0.
  const one = (): tf.Variable => tf.tidy(() => tf.variable(tf.scalar(1), false));
  const [meanLack, squareLack] = [one(), one()];
  const follow = (average: tf.Variable, value: tf.Tensor, by: number): tf.Tensor => {
    const next = tf.add(tf.mul(average, by), tf.mul(value, 1 - by));
    average.assign(next);
    return next;
  };
  const lessen = (lack: tf.Variable, by: number): tf.Tensor => {
    const next = tf.mul(lack, by);
    lack.assign(next);
    return next;
  };
  return {
    kept: [mean, square, meanLack, squareLack],
    move(gradient, rate) {
      const m = tf.div(follow(mean, gradient, share), tf.sub(1, lessen(meanLack, share)));
      const v = tf.div(follow(square, tf.square(gradient), SQUARE_SHARE), tf.sub(1, lessen(squareLack, SQUARE_SHARE)));
      const next = tf.sub(weight, tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), EPSILON))));
      weight.assign(next);
      return next;
    },
  };
};
