import * as tf from '@tensorflow/tfjs';

/** Sizes of a square pooling window. */
export interface Window {
  /** Side of the window. */
  size: number;
  stride: number;
  /** Rows and columns added on every side, at most half of `size`, so that each window holds a value of the input. */
  padding: number;
}

/**
 * The largest value in each window, with the same padding on both sides, as PyTorch pads: what is added is below every number.
 * TensorFlow's own `same` pads a strided window on one side only, and its native kernel takes no other padding.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, ceil((height + 2 padding - size + 1) / stride), ..., channels]`; differentiable: of equal values the first in
 *   its window, row by row, takes the gradient
 * @source PyTorch's MaxPool2d
 */
export function maxPool(x: tf.Tensor4D, { size, stride, padding }: Window): tf.Tensor4D {
  return tf.tidy(() => {
    const sides: [number, number] = [padding, padding];
    const padded = padding === 0 ? x : tf.pad4d(x, [[0, 0], sides, sides, [0, 0]], -Infinity);
    return tf.maxPool(padded, size, stride, 'valid');
  });
}
