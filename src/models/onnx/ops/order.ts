import tf from '../../../common/tf.cjs';
import { inOrder, positive } from '../axes.js';
import { engineType, Value } from '../value.js';
import type { Family } from './op.js';

/** The largest numbers along an axis, and where they are. */
export const order: Family = {
  TopK: (call, x, k) => {
    const value = call.need(x, 'X');
    const axis = positive(call.int('axis', -1), value.rank);
    const count = k?.data()[0] ?? call.int('k', 0);
    if (!(count >= 0 && count <= (value.shape[axis] ?? -1)))
      call.refuse(`at most ${value.shape[axis]} of them`, String(count));
    const axes = value.axes.at(-1) === axis ? value.axes : [...inOrder(value.rank).filter((one) => one !== axis), axis];
    const isLargest = call.flag('largest', true);
    const tensor = value.in(axes);
    const { values, indices } = tf.topk(isLargest ? tensor : tf.neg(tensor), count, call.flag('sorted', true));
    const found = tf.cast(isLargest ? values : tf.neg(values), engineType(value.type));
    return [Value.of(value.type, found, axes), Value.of('int64', indices, axes)];
  },
};
