import tf from '../../../common/tf.cjs';
import { conv2d, conv3d, convTranspose2d, convTranspose3d } from '../../../ops/index.js';
import { inOrder } from '../axes.js';
import type { Window } from './spatial.js';

/** Order of a filter's axes on the engine: `[...kernel, in, out]`. */
export function filterAxes(rank: number): number[] {
  return [...inOrder(rank).slice(2), 1, 0];
}

/**
 * A convolution over one to three axes; the filter's channels tell the number of groups.
 *
 * @param x `[batch, ..., in]`
 * @param w `[...kernel, in, out]`
 */
export function convolve(x: tf.Tensor, w: tf.Tensor, window: Window): tf.Tensor {
  const { strides, dilations, pads } = window;
  if (strides.length === 1) return ofLine(x, w, window, (image, filter, planar) => convolve(image, filter, planar));
  if (strides.length === 2) {
    const options = { strides: pair(strides), dilations: pair(dilations), pads: borders(pads) };
    return conv2d(x as tf.Tensor4D, w as tf.Tensor4D, options);
  }
  const options = { strides: triple(strides), dilations: triple(dilations), pads };
  return conv3d(x as tf.Tensor5D, w as tf.Tensor5D, options);
}

/**
 * The transposed convolution over one to three axes.
 *
 * @param x `[batch, ..., in]`
 * @param w `[...kernel, out / groups, in]`
 * @param added to the end of each axis, less than its stride
 */
export function convolveTransposed(
  x: tf.Tensor,
  w: tf.Tensor,
  groups: number,
  window: Window,
  added: number[],
): tf.Tensor {
  const { strides, dilations, pads } = window;
  if (strides.length === 1)
    return ofLine(x, w, window, (image, filter, planar) =>
      convolveTransposed(image, filter, groups, planar, [0, ...added]),
    );
  if (strides.length === 2) {
    const options = {
      strides: pair(strides),
      dilations: pair(dilations),
      pads: borders(pads),
      outputPadding: pair(added),
    };
    return convTranspose2d(x as tf.Tensor4D, w as tf.Tensor4D, groups, options);
  }
  const options = { strides: triple(strides), dilations: triple(dilations), pads, outputPadding: triple(added) };
  return convTranspose3d(x as tf.Tensor5D, w as tf.Tensor5D, groups, options);
}

/** A line of numbers as a picture of height 1. */
function ofLine(
  x: tf.Tensor,
  w: tf.Tensor,
  line: Window,
  planar: (x: tf.Tensor, w: tf.Tensor, window: Window) => tf.Tensor,
): tf.Tensor {
  const window: Window = {
    kernel: [1, ...line.kernel],
    strides: [1, ...line.strides],
    dilations: [1, ...line.dilations],
    pads: [[0, 0], ...line.pads],
  };
  return tf.squeeze(planar(tf.expandDims(x, 1), tf.expandDims(w, 0), window), [1]);
}

function pair(list: readonly number[]): [number, number] {
  return list as [number, number];
}

function triple(list: readonly number[]): [number, number, number] {
  return list as [number, number, number];
}

/** `[top, bottom, left, right]` */
function borders(pads: readonly [number, number][]): [number, number, number, number] {
  return pads.flat() as [number, number, number, number];
}
