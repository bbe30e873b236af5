import * as tf from '@tensorflow/tfjs';
import { inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { hostData, requireSize, Value } from '../value.js';
import { window } from './slice.js';
import type { Call, Family } from './op.js';

/** Numbers of a value by their places. */
export const gather: Family = {
  Gather: (call, x, indices) => gathered(call, call.need(x, 'data'), call.need(indices, 'indices')),
  GatherElements: (call, x, indices) => {
    const value = call.need(x, 'data');
    const places = call.need(indices, 'indices');
    const flat = elementPlaces(call, value.shape, places, positive(call.int('axis', 0), value.rank));
    return Value.of(value.type, rows(value, 1, flat, places.shape));
  },
  GatherND: (call, x, indices) => {
    const value = call.need(x, 'data');
    const places = call.need(indices, 'indices');
    const batch = call.int('batch_dims', 0);
    const depth = batch + (places.shape.at(-1) ?? 0);
    if (depth > value.rank) call.refuse(`indices of at most ${value.rank - batch} axes`, `[${places.shape}]`);
    const flat = rowPlaces(call, value.shape, places, batch);
    const width = sizeOf(value.shape.slice(depth));
    return Value.of(value.type, rows(value, width, flat, [...places.shape.slice(0, -1), ...value.shape.slice(depth)]));
  },
};

function gathered(call: Call, x: Value, indices: Value): Value {
  const axis = positive(call.int('axis', 0), x.rank);
  const size = x.shape[axis] ?? call.refuse(`an axis of ${x.rank}`, String(axis));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  requireSize(shape);
  if (indices.isHost) {
    const places = [...indices.data()].map((place) => positive(place, size));
    const wrong = places.find((place) => !(place >= 0 && place < size));
    if (wrong !== undefined) call.refuse(`indices from 0 to ${size - 1}`, String(wrong));
    if (x.isHost && x.rank === 1)
      return Value.ofHost(
        x.type,
        shape,
        hostData(
          x.type,
          places.map((place) => x.data()[place]!),
        ),
      );
    if (indices.rank === 0) {
      // Without the axis, whatever the order: a range of one.
      const one = window(x.in(x.axes), x.axes.indexOf(axis), places[0]!, 1);
      return Value.of(x.type, one, x.axes).reshaped(shape);
    }
  }
  const places = enginePlaces(indices, size);
  if (indices.rank === 1) {
    const place = x.axes.indexOf(axis);
    return Value.of(x.type, tf.gather(x.in(x.axes), places, place), x.axes);
  }
  return Value.of(x.type, tf.reshape(tf.gather(x.tensor(), places, axis), shape));
}

/** Places counted from the start, as one list. */
function enginePlaces(indices: Value, size: number): tf.Tensor1D {
  if (indices.isHost)
    return tf.tensor1d(
      [...indices.data()].map((place) => positive(place, size)),
      'int32',
    );
  const places = tf.reshape(tf.cast(indices.tensor(), 'int32'), [indices.size]);
  return tf.where(
    tf.less(places, tf.scalar(0, 'int32')),
    tf.add(places, tf.scalar(size, 'int32')),
    places,
  ) as tf.Tensor1D;
}

/** Rows of `width` numbers by their places among all rows of the value. */
function rows(x: Value, width: number, places: Int32Array, shape: readonly number[]): tf.Tensor {
  requireSize(shape);
  const all = tf.reshape(x.tensor(), [x.size / width, width]);
  return tf.reshape(tf.gather(all, tf.tensor1d(places, 'int32')), [...shape]);
}

/** For each element of `indices`, the place in a value of `shape` that has its coordinates, save along `axis` the index itself. */
export function elementPlaces(call: Call, shape: readonly number[], indices: Value, axis: number): Int32Array {
  const steps = stepsOf(shape);
  const places = new Int32Array(indices.size);
  const at = shape.map(() => 0);
  indices.data().forEach((index: number, i: number) => {
    places[i] = at.reduce((sum, p, k) => sum + (k === axis ? inside(call, index, shape[axis]!) : p) * steps[k]!, 0);
    for (let k = at.length - 1; k >= 0 && ++at[k]! === indices.shape[k]; k--) at[k] = 0;
  });
  return places;
}

/** For each tuple along the last axis of `indices`, the place of the row of `shape` that it names, behind `batch` axes that both share. */
export function rowPlaces(call: Call, shape: readonly number[], indices: Value, batch = 0): Int32Array {
  const count = indices.shape.at(-1) ?? 0;
  const steps = stepsOf(shape.slice(0, batch + count));
  const shared = sizeOf(indices.shape.slice(batch, -1));
  const data = indices.data();
  return Int32Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, i) => {
    const start = Math.floor(i / shared) * sizeOf(shape.slice(batch, batch + count));
    return inOrder(count).reduce(
      (sum, k) => sum + inside(call, data[i * count + k]!, shape[batch + k]!) * steps[batch + k]!,
      start,
    );
  });
}

/** How far apart neighbours along each axis are. */
function stepsOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function inside(call: Call, index: number, size: number): number {
  const place = positive(index, size);
  return place >= 0 && place < size ? place : call.refuse(`indices from ${-size} to ${size - 1}`, String(index));
}
