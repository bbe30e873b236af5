import * as tf from '@tensorflow/tfjs';
import { positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { Value } from '../value.js';
import { elementPlaces, rowPlaces } from './gather.js';
import type { Call, Family, Op } from './op.js';

/** Values with numbers at some places replaced, or combined with others. */
export const scatter: Family = {
  ScatterElements: scatterElements(),
  Scatter: scatterElements(),
  ScatterND: (call, x, indices, updates) => {
    const [value, places, given] = [call.need(x, 'data'), call.need(indices, 'indices'), call.need(updates, 'updates')];
    const width = sizeOf(value.shape.slice(places.shape.at(-1)));
    return scattered(call, value, width, rowPlaces(call, value.shape, places), given);
  },
};

function scatterElements(): Op {
  return (call, x, indices, updates) => {
    const [value, places, given] = [call.need(x, 'data'), call.need(indices, 'indices'), call.need(updates, 'updates')];
    const axis = positive(call.int('axis', 0), value.rank);
    return scattered(call, value, 1, elementPlaces(call, value.shape, places, axis), given);
  };
}

const COMBINE: Record<string, (old: tf.Tensor, given: tf.Tensor) => tf.Tensor> = {
  none: (_, given) => given,
  add: tf.add,
  mul: tf.mul,
  max: tf.maximum,
  min: tf.minimum,
};

/**
 * Rows of `width` numbers at `places` combined with those of `updates`. A row that is named several times is combined with each in turn; made of
 * gathers, which have gradients.
 */
function scattered(call: Call, x: Value, width: number, places: Int32Array, updates: Value): Value {
  const reduction = call.text('reduction', 'none');
  const combine = COMBINE[reduction] ?? call.refuse(`a reduction of ${Object.keys(COMBINE).join(', ')}`, reduction);
  if (reduction === 'none' && x.isHost && updates.isHost && !x.isFloat) {
    const data = x.data().slice();
    places.forEach((row, i) => data.set(updates.data().subarray(i * width, (i + 1) * width), row * width));
    return Value.ofHost(x.type, x.shape, data);
  }
  const count = x.size / width;
  const given = tf.reshape(updates.tensor(), [places.length, width]);
  let rows = tf.reshape(x.tensor(), [count, width]);
  for (const round of rounds(places, reduction === 'none')) {
    const targets = [...round.keys()];
    const from = tf.gather(given, tf.tensor1d([...round.values()], 'int32'));
    const made = reduction === 'none' ? from : combine(tf.gather(rows, tf.tensor1d(targets, 'int32')), from);
    const origin = Int32Array.from({ length: count }, (_, row) => row);
    targets.forEach((row, i) => (origin[row] = count + i));
    rows = tf.gather(tf.concat([rows, made]), tf.tensor1d(origin, 'int32')) as tf.Tensor2D;
  }
  return Value.of(x.type, tf.reshape(rows, [...x.shape]));
}

/** Which update each row takes, in as many rounds as the row that is named most often needs; with `onlyLast` in one. */
function rounds(places: Int32Array, onlyLast: boolean): Map<number, number>[] {
  const result: Map<number, number>[] = [];
  const seen = new Map<number, number>();
  places.forEach((row, update) => {
    const round = onlyLast ? 0 : (seen.get(row) ?? 0);
    seen.set(row, round + 1);
    (result[round] ??= new Map()).set(row, update);
  });
  return result;
}
