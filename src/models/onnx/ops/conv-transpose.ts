import tf from '../../../common/tf.cjs';
import { channelsLast } from '../axes.js';
import { requireSize, Value } from '../value.js';
import { convolveTransposed, filterAxes } from './convolve.js';
import { halves, padSpatial, requireKernel, windowOf, type Window } from './spatial.js';
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
    requireKernel(call, moving, filter);
    const { pads, extra, out } = borders(call, input, moving);
    requireSize([input.shape[0]!, filter.shape[1]! * groups, ...out]);
    const last = channelsLast(input.rank);
    // Numbers behind the last that any weight reaches are 0; the engine knows of them only below a stride.
    const beyond = extra.map((side, i) => Math.max(0, side - moving.strides[i]! + 1));
    const added = extra.map((side, i) => side - beyond[i]!);
    const weights = filter.in(filterAxes(filter.rank));
    const reached = convolveTransposed(input.in(last), weights, groups, { ...moving, pads }, added);
    const y = padSpatial(
      reached,
      beyond.map((side) => [0, side]),
    );
    return Value.of(input.type, bias ? tf.add(y, bias.tensor()) : y, last);
  },
};

/** What is cut off on each side, and what is added behind. */
function borders(
  call: Call,
  x: Value,
  { kernel, strides, dilations, pads }: Window,
): Record<'extra' | 'out', number[]> & Pick<Window, 'pads'> {
  const whole = kernel.map((size, i) => (x.shape[i + 2]! - 1) * strides[i]! + (size - 1) * dilations[i]! + 1);
  const extra = call.list(
    'output_padding',
    whole.map(() => 0),
  );
  const mode = call.text('auto_pad', 'NOTSET');
  const same = mode.startsWith('SAME') ? strides.map((stride, i) => stride * x.shape[i + 2]!) : undefined;
  const wanted = call.list('output_shape')?.slice(-whole.length) ?? same;
  const cut = wanted
    ? wanted.map((side, i) =>
        halves(Math.max(0, whole[i]! + extra[i]! - side), mode === 'SAME_UPPER' ? mode : 'SAME_LOWER'),
      )
    : pads;
  const out = wanted ?? whole.map((side, i) => side + extra[i]! - cut[i]![0] - cut[i]![1]);
  if (out.some((side) => !(side > 0))) call.refuse('an output with sizes from 1 on', `[${out}]`);
  return { pads: cut, out, extra: out.map((side, i) => side - (whole[i]! - cut[i]![0] - cut[i]![1])) };
}
