import tf from '../../../common/tf.cjs';
import { inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { Value } from '../value.js';
import type { Call, Family } from './op.js';

/** Shares along an axis that sum to 1. */
export const softmax: Family = {
  Softmax: (call, x) => along(call, call.need(x, 'input'), (tensor) => tf.softmax(tensor)),
  LogSoftmax: (call, x) => along(call, call.need(x, 'input'), (tensor) => tf.logSoftmax(tensor)),
  Hardmax: (call, x) =>
    along(call, call.need(x, 'input'), (tensor) =>
      tf.cast(tf.oneHot(tf.argMax(tensor, -1), tensor.shape.at(-1)!), 'float32'),
    ),
};

/** Up to version 12 all axes from the given one on count as one. */
function along(call: Call, x: Value, compute: (tensor: tf.Tensor) => tf.Tensor): Value {
  const axis = positive(call.int('axis', call.opset < 13 ? 1 : -1), x.rank);
  if (call.opset < 13 && axis !== x.rank - 1) {
    const flat = x.reshaped([sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
    return Value.of(x.type, compute(flat.tensor())).reshaped(x.shape);
  }
  const axes = x.axes.at(-1) === axis ? x.axes : [...inOrder(x.rank).filter((one) => one !== axis), axis];
  return Value.of(x.type, compute(x.in(axes)), axes);
}
