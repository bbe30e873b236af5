import tf from '../../common/tf.cjs';

/**
 * Entropy of softmax outputs, averaged over all places: pixels, or images.
 *
 * @param logits `[batch, ..., classes]`
 * @returns scalar `-mean sum_j P_j log P_j`, at least 0, differentiable
 */
export function meanEntropy(logits: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const log = tf.logSoftmax(logits);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(log), log), -1))) as tf.Scalar;
  });
}
