import tf from '../../common/tf.cjs';
import type { DivergenceOptions } from '../divergence.js';

/**
 * Cross-entropy of a probability per place, from logits: `mean max(x, 0) - x z + log(1 + exp(-|x|))`, which does not overflow.
 *
 * @param logits `[batch, ...]`
 * @param truth 0..1 each, of the same shape
 * @param counts 1 where a place counts, 0 elsewhere
 * @returns scalar, differentiable in both
 */
export function sigmoidCrossEntropy(logits: tf.Tensor, truth: tf.Tensor, counts?: tf.Tensor): tf.Scalar {
  return tf.tidy(() => averaged(tf.sub(tf.softplus(logits), tf.mul(logits, truth)), counts));
}

/**
 * Kullback-Leibler divergence of two answers that are a probability per place: `T^2 mean KL(sigmoid(x / T) || sigmoid(y / T))`; 0 where both
 * are the same, and with the gradient in `y` that cross-entropy has.
 *
 * @param logits x of the answer that is right, `[batch, ...]`
 * @param others y, of the same shape
 */
export function sigmoidDivergence(
  logits: tf.Tensor,
  others: tf.Tensor,
  { counts, temperature = 1 }: DivergenceOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const [x, y] = temperature === 1 ? [logits, others] : [tf.div(logits, temperature), tf.div(others, temperature)];
    // softplus(y) - softplus(x) - p (y - x), with p = sigmoid(x).
    const perPlace = tf.sub(tf.sub(tf.softplus(y), tf.softplus(x)), tf.mul(tf.sigmoid(x), tf.sub(y, x)));
    const mean = averaged(perPlace, counts);
    return temperature === 1 ? mean : tf.mul(mean, temperature ** 2);
  });
}

function averaged(perPlace: tf.Tensor, counts?: tf.Tensor): tf.Scalar {
  if (!counts) return tf.mean(perPlace);
  return tf.div(tf.sum(tf.mul(perPlace, counts)), tf.maximum(tf.sum(counts), 1));
}
