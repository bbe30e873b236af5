import tf from '../../../common/tf.cjs';
import { scatterElements } from '../../../ops/index.js';
import { requireSize, Value } from '../value.js';
import { windowOf } from './spatial.js';
import type { Family } from './op.js';

/** The largest numbers of a pooling put back where they came from. */
export const maxUnpool: Family = {
  MaxUnpool: (call, x, indices, wanted) => {
    const value = call.need(x, 'X');
    const { kernel, strides, pads } = windowOf(call, value);
    const sides = kernel.map((size, i) => (value.shape[i + 2]! - 1) * strides[i]! + size - pads[i]![0] - pads[i]![1]);
    const pooled = [...value.shape.slice(0, 2), ...sides];
    const shape = wanted?.numbers() ?? pooled;
    requireSize(shape);
    // Places count through the whole of the pooling's input, which the output may be larger than.
    const flat = tf.zeros([pooled.reduce((product, side) => product * side, 1)]);
    const places = tf.reshape(call.need(indices, 'I').tensor(), [value.size]);
    const put = tf.reshape(scatterElements(flat, places, tf.reshape(value.tensor(), [value.size]), 0), pooled);
    const beyond = shape.map((side, axis): [number, number] => [0, side - pooled[axis]!]);
    return Value.of(value.type, tf.pad(put, beyond));
  },
};
