import * as tf from '@tensorflow/tfjs';
import { channelsLast, inOrder } from '../axes.js';
import { requireSize, Value } from '../value.js';
import { filterAxes, spread } from './conv.js';
import { window } from './slice.js';
import { halves, padSpatial, windowOf, type Window } from './spatial.js';
import type { Call, Family } from './op.js';

/** Transposed convolutions over one to three axes. */
export const convTranspose: Family = {
  ConvTranspose: (call, x, w, bias) => {
    const input = call.need(x, 'X');
    const filter = call.need(w, 'W');
    const groups = call.int('group', 1);
    if (filter.rank !== input.rank || filter.shape[0] !== input.shape[1] || filter.shape[0]! % groups !== 0)
      call.refuse(
        `weights of ${input.shape[1]} channels in ${groups} groups`,
        `[${filter.shape}] for an input [${input.shape}]`,
      );
    const moving = windowOf(call, input, call.list('kernel_shape') ?? filter.shape.slice(2));
    const reach = moving.kernel.map((size, i) => (size - 1) * moving.dilations[i]! + 1);
    const whole = reach.map((size, i) => (input.shape[i + 2]! - 1) * moving.strides[i]! + size);
    const { pads, sides } = borders(call, input, moving, whole);
    requireSize([input.shape[0]!, filter.shape[1]! * groups, ...sides]);
    const last = channelsLast(input.rank);
    const full = spreadOut(
      input.in(last),
      spread(filter.in(filterAxes(filter.rank)), moving.dilations),
      moving.strides,
      whole,
      groups,
    );
    // The border that is cut off; an output that reaches farther gets zeros.
    const reached = padSpatial(
      full,
      sides.map((side, i) => [0, Math.max(0, pads[i]![0] + side - whole[i]!)]),
    );
    const y = sides.reduce((result, side, i) => window(result, i + 1, pads[i]![0], side), reached);
    return Value.of(input.type, bias ? tf.add(y, bias.tensor()) : y, last);
  },
};

/** What is cut off on each side, and the sizes that are left. */
function borders(
  call: Call,
  x: Value,
  { strides, pads }: Window,
  whole: number[],
): { pads: [number, number][]; sides: number[] } {
  const extra = call.list(
    'output_padding',
    whole.map(() => 0),
  );
  const mode = call.text('auto_pad', 'NOTSET');
  const isSame = mode.startsWith('SAME');
  const wanted =
    call.list('output_shape')?.slice(-whole.length) ??
    (isSame ? strides.map((stride, i) => stride * x.shape[i + 2]!) : undefined);
  const cut = wanted
    ? wanted.map((side, i) =>
        halves(Math.max(0, whole[i]! + extra[i]! - side), mode === 'SAME_UPPER' ? mode : 'SAME_LOWER'),
      )
    : pads;
  const sides = wanted ?? whole.map((side, i) => side + extra[i]! - cut[i]![0] - cut[i]![1]);
  if (sides.some((side) => !(side > 0))) call.refuse('an output with sizes from 1 on', `[${sides}]`);
  return { pads: cut, sides };
}

/** The whole output, borders included: `[batch, ...sides, out]`. */
function spreadOut(x: tf.Tensor, w: tf.Tensor, strides: number[], sides: number[], groups: number): tf.Tensor {
  if (sides.length === 1) {
    const y = spreadOut(tf.expandDims(x, 1), tf.expandDims(w, 0), [1, ...strides], [1, ...sides], groups);
    return tf.squeeze(y, [1]);
  }
  const inputs = groups === 1 ? [x] : tf.split(x, groups, x.rank - 1);
  const filters = groups === 1 ? [w] : tf.split(w, groups, w.rank - 1);
  const shape = [x.shape[0]!, ...sides, w.shape[sides.length]!];
  const parts = inOrder(groups).map((i) => {
    const [input, filter] = [inputs[i]!, filters[i]!];
    return sides.length === 2
      ? tf.conv2dTranspose(
          input as tf.Tensor4D,
          filter as tf.Tensor4D,
          shape as [number, number, number, number],
          strides as [number, number],
          'valid',
        )
      : tf.conv3dTranspose(
          input as tf.Tensor5D,
          filter as tf.Tensor5D,
          shape as [number, number, number, number, number],
          strides as [number, number, number],
          'valid',
        );
  });
  return groups === 1 ? parts[0]! : tf.concat(parts, x.rank - 1);
}
