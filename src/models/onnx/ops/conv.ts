import tf from '../../../common/tf.cjs';
import { channelsLast } from '../axes.js';
import { Value } from '../value.js';
import { convolve, filterAxes } from './convolve.js';
import { requireKernel, windowOf } from './spatial.js';
import type { Family } from './op.js';

/** Convolutions over one to three axes, in groups, dilated and strided. */
export const conv: Family = {
  Conv: (call, x, w, bias) => {
    const input = call.need(x, 'X');
    const filter = call.need(w, 'W');
    const window = windowOf(call, input, call.list('kernel_shape') ?? filter.shape.slice(2));
    const reach = window.kernel.map((size, i) => (size - 1) * window.dilations[i]! + 1);
    // An engine may not check it.
    if (reach.some((size, i) => size > input.shape[i + 2]! + window.pads[i]![0] + window.pads[i]![1]))
      call.refuse(`an input as large as the window [${reach}]`, `[${input.shape}]`);
    const groups = call.int('group', 1);
    requireKernel(call, window, filter);
    const [out, inner] = filter.shape as [number, number];
    if (filter.rank !== input.rank || inner * groups !== input.shape[1] || out === 0 || out % groups !== 0)
      call.refuse(
        `weights of ${input.shape[1]} channels in ${groups} groups`,
        `[${filter.shape}] for an input [${input.shape}]`,
      );
    const last = channelsLast(input.rank);
    const y = convolve(input.in(last), filter.in(filterAxes(filter.rank)), window);
    return Value.of(input.type, bias ? tf.add(y, bias.tensor()) : y, last);
  },
};
