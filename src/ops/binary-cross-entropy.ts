import tf from '../common/tf.cjs';

/**
 * Cross-entropy of a yes-or-no answer.
 *
 * @param logits any shape, any real numbers
 * @param targets like `logits`, 0..1
 * @returns like `logits`, at least 0; differentiable in both
 * @source torch.nn.functional.binary_cross_entropy_with_logits(..., reduction='none')
 */
export function binaryCrossEntropy<T extends tf.Tensor>(logits: T, targets: T): T {
  return tf.tidy(() => tf.sub(tf.softplus(logits), tf.mul(logits, targets)) as T);
}
