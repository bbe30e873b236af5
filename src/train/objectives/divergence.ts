import * as tf from '@tensorflow/tfjs';

export interface DivergenceOptions {
  /** 1 where a place counts, 0 elsewhere, `[batch, ...]`. Default: all count. */
  counts?: tf.Tensor;
  /** What logits are divided by: the higher, the more do classes beside the best one weigh. Default: 1. */
  temperature?: number;
}

/**
 * Kullback-Leibler divergence of two softmax outputs, averaged over the places that count: pixels, or images.
 *
 * @param logits `[batch, ..., classes]` of P
 * @param others the same of Q
 * @returns scalar `mean sum_j P_j (log P_j - log Q_j)`, at least 0, differentiable in both
 */
export function meanDivergence(
  logits: tf.Tensor,
  others: tf.Tensor,
  { counts, temperature = 1 }: DivergenceOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const softened = (x: tf.Tensor): tf.Tensor => tf.logSoftmax(temperature === 1 ? x : tf.div(x, temperature));
    const [p, q] = [softened(logits), softened(others)];
    const perPlace = tf.sum(tf.mul(tf.exp(p), tf.sub(p, q)), -1);
    if (!counts) return tf.mean(perPlace) as tf.Scalar;
    return tf.div(tf.sum(tf.mul(perPlace, counts)), tf.maximum(tf.sum(counts), 1)) as tf.Scalar;
  });
}
