import tf from '../common/tf.cjs';

/**
 * Quadratic where `x` and `target` differ by less than `beta`, linear beyond.
 *
 * @param x any shape, and `target` like it
 * @param beta over 0
 * @returns like `x`: `d² / (2 beta)` where `d = |x - target| < beta`, else `d - beta / 2`; differentiable in both
 * @source Girshick, "Fast R-CNN", ICCV 2015, Eq. 3; torch.nn.functional.smooth_l1_loss(..., reduction='none')
 */
export function smoothL1<T extends tf.Tensor>(x: T, target: T, beta: number): T {
  return tf.tidy(() => {
    const distance = tf.abs(tf.sub(x, target));
    // The quadratic part up to beta, the linear one from there: one expression, so that no comparison needs a gradient.
    const near = tf.minimum(distance, beta);
    return tf.add(tf.div(tf.square(near), 2 * beta), tf.sub(distance, near)) as T;
  });
}
