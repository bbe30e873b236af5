import tf from '../../common/tf.cjs';

/** Keeps the quotient finite where nothing is foreground. */
const LEAST = 1e-6;

/**
 * Jaccard distance of two answers that are a probability per place: `1 - (|p| + |q| - |p - q|) / (|p| + |q| + |p - q|)` of sums over the whole
 * batch: of masks it is 1 - IoU. 0 where both are the same, however unsure they are.
 *
 * @param probabilities p, `[batch, ...]`
 * @param others q, of the same shape
 * @param counts 1 where a place counts, 0 elsewhere
 * @source Wang, Ning, Blaschko, Jaccard Metric Losses (NeurIPS 2023), Eq. 4
 */
export function jaccardDistance(probabilities: tf.Tensor, others: tf.Tensor, counts?: tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const total = (x: tf.Tensor): tf.Tensor => tf.sum(counts ? tf.mul(x, counts) : x);
    const apart = total(tf.abs(tf.sub(probabilities, others)));
    const both = tf.add(total(probabilities), total(others));
    return tf.div(tf.mul(2, apart), tf.add(tf.add(both, apart), LEAST));
  });
}
