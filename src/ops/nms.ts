import tf from '../common/tf.cjs';

export interface NmsOptions {
  /** How many boxes stay at most; so many places the result has. */
  most: number;
  /** A box goes where it overlaps a better one by more than this, 0..1. */
  threshold: number;
  /** A box goes where its score is not above this. Default: none does. */
  leastScore?: number;
}

/**
 * Greedy non-maximum suppression of a fixed number of places, as a compiled graph needs it: those that no box fills say so.
 *
 * @param boxes x1, y1, x2, y2 `[n, 4]`
 * @param scores `[n]`
 * @returns `indices [most]` int32 of the boxes that stay, the best first, 0 in places that are free; `isFilled [most]` 1 or 0. No gradient
 * @source TensorFlow's NonMaxSuppressionV4, which gives the indices of torchvision.ops.nms, of equal scores the lower first
 */
export function nms(
  boxes: tf.Tensor2D,
  scores: tf.Tensor1D,
  { most, threshold, leastScore = -Infinity }: NmsOptions,
): { indices: tf.Tensor1D; isFilled: tf.Tensor1D } {
  return tf.tidy(() => {
    const places = Math.min(most, scores.size);
    const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(boxes, scores, places, threshold, leastScore, true); // prettier-ignore
    const isFilled = tf.cast(tf.less(tf.range(0, most, 1, 'int32'), validOutputs!), 'float32') as tf.Tensor1D;
    return { indices: tf.pad(selectedIndices as tf.Tensor1D, [[0, most - places]]), isFilled };
  });
}
