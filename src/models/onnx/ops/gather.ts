import tf from '../../../common/tf.cjs';
import { gatherElements, gatherNd } from '../../../ops/index.js';
import { positive } from '../axes.js';
import { takenData } from '../tensor-data.js';
import { requireSize, Value } from '../value.js';
import { isFolded } from './elementwise.js';
import { window } from './slice.js';
import type { Call, Family } from './op.js';

/** Numbers of a value by their places; negative ones count from the end. */
export const gather: Family = {
  Gather: (call, x, indices) => gathered(call, call.need(x, 'data'), call.need(indices, 'indices')),
  GatherElements: (call, x, indices) => {
    const value = call.need(x, 'data');
    const axis = positive(call.int('axis', 0), value.rank);
    return Value.of(value.type, gatherElements(value.tensor(), call.need(indices, 'indices').tensor(), axis));
  },
  GatherND: (call, x, indices) => {
    const value = call.need(x, 'data');
    const places = call.need(indices, 'indices');
    const batch = call.int('batch_dims', 0);
    if (batch + (places.shape.at(-1) ?? 0) > value.rank)
      call.refuse(`indices of at most ${value.rank - batch} axes`, `[${places.shape}]`);
    return Value.of(value.type, gatherNd(value.tensor(), places.tensor(), batch));
  },
};

function gathered(call: Call, x: Value, indices: Value): Value {
  const axis = positive(call.int('axis', 0), x.rank);
  const size = x.shape[axis] ?? call.refuse(`an axis of ${x.rank}`, String(axis));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  requireSize(shape);
  if (indices.isHost) {
    const places = indices.numbers().map((place) => positive(place, size));
    const wrong = places.find((place) => !(place >= 0 && place < size));
    if (wrong !== undefined) call.refuse(`indices from 0 to ${size - 1}`, String(wrong));
    if (isFolded(x)) return Value.ofHost(x.type, shape, takenData(x.data(), x.shape, axis, places));
    if (indices.rank === 0) {
      // Without the axis, whatever the order: a range of one.
      const one = window(x.in(x.axes), x.axes.indexOf(axis), places[0]!, 1);
      return Value.of(x.type, one, x.axes).reshaped(shape);
    }
  }
  const places = enginePlaces(indices, size);
  if (indices.rank === 1) return Value.of(x.type, tf.gather(x.in(x.axes), places, x.axes.indexOf(axis)), x.axes);
  return Value.of(x.type, tf.reshape(tf.gather(x.tensor(), places, axis), shape));
}

/** Places counted from the start, as one list. */
function enginePlaces(indices: Value, size: number): tf.Tensor1D {
  if (indices.isHost)
    return tf.tensor1d(
      indices.numbers().map((place) => positive(place, size)),
      'int32',
    );
  const places = tf.reshape(tf.cast(indices.tensor(), 'int32'), [indices.size]);
  const end = tf.scalar(size, 'int32');
  return tf.where(tf.less(places, tf.scalar(0, 'int32')), tf.add(places, end), places) as tf.Tensor1D;
}
