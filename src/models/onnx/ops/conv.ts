import * as tf from '@tensorflow/tfjs';
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
  const count = window.kernel.length;
  if (count === 1) {
    // As rows of height 1.
    const flat = {
      kernel: [1, ...window.kernel],
      strides: [1, ...window.strides],
      dilations: [1, ...window.dilations],
      pads: [[0, 0], ...window.pads] as [number, number][],
    };
    const y = planar(tf.expandDims(x, 1) as tf.Tensor4D, tf.expandDims(w, 0) as tf.Tensor4D, flat, groups);
    return tf.squeeze(y, [1]);
  }
  return count === 2 ? planar(x as tf.Tensor4D, w as tf.Tensor4D, window, groups) : voxels(x, w, window, groups);
}

function planar(x: tf.Tensor4D, filter: tf.Tensor4D, window: Window, groups: number): tf.Tensor4D {
  const inChannels = x.shape[3];
  const { w, dilations } = undilated(filter, window);
  const strides = window.strides as [number, number];
  if (groups > 1 && groups === inChannels) {
    const [height, width, , out] = w.shape;
    const depthwise = tf.reshape(w, [height, width, inChannels, out / inChannels]) as tf.Tensor4D;
    return tf.depthwiseConv2d(
      padSpatial(x, window.pads) as tf.Tensor4D,
      depthwise,
      strides,
      'valid',
      'NHWC',
      dilations,
    );
  }
  const pads = [[0, 0], ...window.pads, [0, 0]] as tf.backend_util.ExplicitPadding;
  const isPadded = window.pads.flat().some((side) => side > 0);
  const one = (input: tf.Tensor4D, weights: tf.Tensor4D): tf.Tensor4D =>
    tf.conv2d(input, weights, strides, isPadded ? pads : 'valid', 'NHWC', dilations);
  return inGroups(x, w, groups, one);
}

/** TensorFlow.js takes a stride or a dilation, not both: then the filter gets zeros between its weights. */
function undilated(
  filter: tf.Tensor4D,
  { strides, dilations }: Window,
): { w: tf.Tensor4D; dilations: [number, number] } {
  if (strides.every((one) => one === 1) || dilations.every((one) => one === 1))
    return { w: filter, dilations: dilations as [number, number] };
  return { w: spread(filter, dilations) as tf.Tensor4D, dilations: [1, 1] };
}

/** A filter with zeros between its weights, as far apart as it is dilated. */
export function spread(filter: tf.Tensor, dilations: readonly number[]): tf.Tensor {
  return dilations.reduce((w, dilation, axis) => {
    if (dilation === 1) return w;
    const { shape } = w;
    const size = shape[axis]!;
    const before = shape.slice(0, axis).reduce((product, side) => product * side, 1);
    const behind = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
    const wide = tf.pad(tf.reshape(w, [before, size, 1, behind]), [
      [0, 0],
      [0, 0],
      [0, dilation - 1],
      [0, 0],
    ]);
    const reach = (size - 1) * dilation + 1;
    const cut = tf.slice(tf.reshape(wide, [before, size * dilation, behind]), [0, 0, 0], [before, reach, behind]);
    return tf.reshape(
      cut,
      shape.map((side, i) => (i === axis ? reach : side)),
    );
  }, filter);
}

/** The groups' own convolutions side by side. */
function inGroups<T extends tf.Tensor>(x: T, w: T, groups: number, one: (x: T, w: T) => T): T {
  if (groups === 1) return one(x, w);
  const inputs = tf.split(x, groups, x.rank - 1) as T[];
  const filters = tf.split(w, groups, w.rank - 1) as T[];
  return tf.concat(
    inputs.map((input, i) => one(input, filters[i]!)),
    x.rank - 1,
  ) as T;
}

function voxels(x: tf.Tensor, filter: tf.Tensor, window: Window, groups: number): tf.Tensor {
  const w = spread(filter, window.dilations) as tf.Tensor5D;
  const strides = window.strides as [number, number, number];
  return inGroups(padSpatial(x, window.pads) as tf.Tensor5D, w, groups, (input, weights) =>
    tf.conv3d(input, weights, strides, 'valid'),
  );
}
