import type tf from '../common/tf.cjs';
import { maxPoolPadded } from './pool.js';

/** Sizes of a square pooling window. */
export interface Window {
  /** Side of the window. */
  size: number;
  stride: number;
  /** Rows and columns added on every side, at most half of `size`, so that each window holds a value of the input. */
  padding: number;
}

/**
 * The largest value in each square window, with the same padding on both sides.
 *
 * @param x `[batch, height, width, channels]`
 * @returns `[batch, ceil((height + 2 padding - size + 1) / stride), ..., channels]`; differentiable: of equal values the first in
 *   its window, row by row, takes the gradient
 * @source PyTorch's MaxPool2d
 */
export function maxPool(x: tf.Tensor4D, { size, stride, padding }: Window): tf.Tensor4D {
  const pads: [number, number][] = [[padding, padding], [padding, padding]]; // prettier-ignore
  return maxPoolPadded(x, { size: [size, size], strides: [stride, stride], pads }) as tf.Tensor4D;
}
