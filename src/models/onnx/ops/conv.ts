import * as tf from '@tensorflow/tfjs';
import { fail } from '../../../common/errors.js';
import { conv2d } from '../../../ops/index.js';
import { channelsLast, inOrder } from '../axes.js';
import { Value } from '../value.js';
import { padSpatial, windowOf, type Window } from './spatial.js';
import type { Family } from './op.js';

/** Convolutions over one to three axes, in groups, dilated and strided. */
export const conv: Family = {
  Conv: (call, x, w, bias) => {
    const input = call.need(x, 'X');
    const filter = call.need(w, 'W');
    const window = windowOf(call, input, call.list('kernel_shape') ?? filter.shape.slice(2));
    const groups = call.int('group', 1);
    const [out, inner] = filter.shape as [number, number];
    if (filter.rank !== input.rank || inner * groups !== input.shape[1] || out % groups !== 0)
      call.refuse(
        `weights of ${input.shape[1]} channels in ${groups} groups`,
        `[${filter.shape}] for an input [${input.shape}]`,
      );
    const last = channelsLast(input.rank);
    const y = convolve(input.in(last), filter, window, groups);
    return Value.of(input.type, bias ? tf.add(y, bias.tensor()) : y, last);
  },
};

/** Order of a filter's axes on the engine: `[...kernel, in, out]`. */
export function filterAxes(rank: number): number[] {
  return [...inOrder(rank).slice(2), 1, 0];
}

/** @param x `[batch, ..., in]` */
function convolve(x: tf.Tensor, filter: Value, window: Window, groups: number): tf.Tensor {
  const w = filter.in(filterAxes(filter.rank));
  const { kernel, strides, dilations, pads } = window;
  if (kernel.length === 3) return voxels(x as tf.Tensor5D, w as tf.Tensor5D, window, groups);
  if (kernel.length === 2) {
    const options = { strides: pair(strides), dilations: pair(dilations), pads: sides(pads) };
    return conv2d(x as tf.Tensor4D, w as tf.Tensor4D, options);
  }
  const options = {
    strides: pair([1, ...strides]),
    dilations: pair([1, ...dilations]),
    pads: sides([[0, 0], ...pads]),
  };
  return tf.squeeze(conv2d(asRows(x), tf.expandDims(w, 0) as tf.Tensor4D, options), [1]);
}

/** A line of numbers as a picture of height 1. */
export function asRows(x: tf.Tensor): tf.Tensor4D {
  return tf.expandDims(x, 1) as tf.Tensor4D;
}

export function pair(list: readonly number[]): [number, number] {
  return list as [number, number];
}

/** `[top, bottom, left, right]` */
export function sides(pads: readonly [number, number][]): [number, number, number, number] {
  return pads.flat() as [number, number, number, number];
}

/** TensorFlow.js has no convolution of voxels with borders or groups. */
function voxels(x: tf.Tensor5D, w: tf.Tensor5D, { strides, dilations, pads }: Window, groups: number): tf.Tensor {
  if (dilations.some((one) => one !== 1) && strides.some((one) => one !== 1))
    fail('E_SHAPE', {
      where: 'conv3d',
      expected: 'a stride or a dilation',
      got: `both: [${strides}] and [${dilations}]`,
    });
  const triple = (list: number[]): [number, number, number] => list as [number, number, number];
  const inputs = tf.split(padSpatial(x, pads) as tf.Tensor5D, groups, 4) as tf.Tensor5D[];
  const filters = tf.split(w, groups, 4) as tf.Tensor5D[];
  const parts = inputs.map((input, i) =>
    tf.conv3d(input, filters[i]!, triple(strides), 'valid', 'NDHWC', triple(dilations)),
  );
  return tf.concat(parts, 4);
}
