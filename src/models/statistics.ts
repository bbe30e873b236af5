import tf from '../common/tf.cjs';

/**
 * What a normalization normalizes by. `running`: its running statistics, as at inference. `batch`: the batch's, which also move the running
 * ones. `sum`: the batch's, which are added to the running ones instead. A blend: a mean of both, which moves none.
 */
export type Statistics = 'batch' | 'sum' | 'running' | Blend;

/** How much the batch's statistics weigh, 0..1; the running ones have the rest. */
export interface Blend {
  batch: number;
}

/** A blend of the batch's statistics and the running ones. @source Schneider et al. (NeurIPS 2020), Eq. 4 */
export function blended<Values extends Record<'mean' | 'variance', tf.Tensor1D>>(
  { batch }: Blend,
  own: Values,
  running: Record<'mean' | 'variance', tf.Tensor>,
): Record<'mean' | 'variance', tf.Tensor1D> {
  const mix = (value: tf.Tensor1D, kept: tf.Tensor): tf.Tensor1D =>
    tf.add(tf.mul(value, batch), tf.mul(kept, 1 - batch)) as tf.Tensor1D;
  return { mean: mix(own.mean, running.mean), variance: mix(own.variance, running.variance) };
}
