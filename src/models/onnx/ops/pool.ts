import tf from '../../../common/tf.cjs';
import { averagePoolPadded, maxPoolPadded, stridedSlice, type PoolOptions } from '../../../ops/index.js';
import { channelsLast, inOrder } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { requireSize, Value } from '../value.js';
import { reduced } from './reduce.js';
import { padSpatial, windowOf, type Window } from './spatial.js';
import type { Call, Family } from './op.js';

/** One number for each place of a window. */
export const pool: Family = {
  MaxPool: (call, x) => maxPool(call, call.need(x, 'X')),
  AveragePool: (call, x) => averagePool(call, call.need(x, 'X')),
  LpPool: (call, x) => {
    const value = call.need(x, 'X');
    const moving = placesOf(call, value);
    const p = call.int('p', 2);
    const taps = tapsOf(value, moving, 0).map((tap) => tf.pow(tf.abs(tap), p));
    return Value.of(value.type, tf.pow(tf.addN(taps), 1 / p), channelsLast(value.rank));
  },
  GlobalAveragePool: (call, x) => global(call, call.need(x, 'X'), tf.mean),
  GlobalMaxPool: (call, x) => global(call, call.need(x, 'X'), tf.max),
};

function global(call: Call, x: Value, compute: (x: tf.Tensor, axes: number[]) => tf.Tensor): Value {
  return reduced(call, x, inOrder(x.rank).slice(2), compute);
}

/** A window and the places that it takes; with `ceil_mode` the last may reach beyond the border. */
interface Places extends Window {
  /** Numbers of places. */
  out: number[];
  /** Rows and columns beyond the border behind that the last place reaches. */
  beyond: number[];
}

function placesOf(call: Call, x: Value): Places {
  const moving = windowOf(call, x);
  const { kernel, strides, dilations, pads } = moving;
  const isCeil = call.flag('ceil_mode');
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]! + 1);
  const out = reach.map((size, i) => {
    const [before, behind] = pads[i]!;
    const steps = (x.shape[i + 2]! + before + behind - size) / strides[i]!;
    const count = (isCeil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    // A place that starts beyond the input is none.
    return isCeil && (count - 1) * strides[i]! >= x.shape[i + 2]! + before ? count - 1 : count;
  });
  if (out.some((count) => count < 1)) call.refuse(`an input as large as the window [${reach}]`, `[${x.shape}]`);
  const beyond = out.map((count, i) => {
    const [before, behind] = pads[i]!;
    return Math.max(0, (count - 1) * strides[i]! + reach[i]! - (x.shape[i + 2]! + before + behind));
  });
  requireSize([x.shape[0]!, x.shape[1]!, ...out]);
  return { ...moving, out, beyond };
}

/** The input with its border, `[batch, ..., channels]`. */
function bordered(x: Value, { pads, beyond }: Places, fill: number): tf.Tensor {
  const tensor = tf.cast(x.in(channelsLast(x.rank)), 'float32');
  return padSpatial(
    tensor,
    pads.map(([before, behind], i) => [before, behind + beyond[i]!]),
    fill,
  );
}

/** For each place in the window what lies there, at all places of the window. */
function tapsOf(x: Value, places: Places, fill: number): tf.Tensor[] {
  const input = bordered(x, places, fill);
  const axes = places.out.map((_, i) => i + 1);
  return offsets(places).map((at) => {
    const ends = at.map((offset, i) => offset + (places.out[i]! - 1) * places.strides[i]! + 1);
    return stridedSlice(input, at, ends, { axes, steps: places.strides });
  });
}

/** Every place in the window, dilated, in row-major order. */
function offsets({ kernel, dilations }: Window): number[][] {
  return kernel.reduce<number[][]>(
    (all, size, i) => all.flatMap((at) => inOrder(size).map((k) => [...at, k * dilations[i]!])),
    [[]],
  );
}

function optionsOf(call: Call, { kernel, strides, dilations, pads }: Window): PoolOptions {
  return { size: kernel, strides, dilations, pads, ceil: call.flag('ceil_mode') };
}

function maxPool(call: Call, x: Value): Value | Value[] {
  const places = placesOf(call, x);
  const last = channelsLast(x.rank);
  if (call.node.outputs.filter((name) => name !== '').length > 1) return withIndices(call, x, places);
  const y = maxPoolPadded(tf.cast(x.in(last), 'float32'), optionsOf(call, places));
  return Value.of(x.type, x.isFloat ? y : tf.cast(y, 'int32'), last);
}

/** The largest numbers, and where in the whole input each lies. */
function withIndices(call: Call, x: Value, places: Places): Value[] {
  const sides = x.shape.slice(2);
  const steps = sides.map((_, axis) =>
    sizeOf(call.flag('storage_order') ? sides.slice(0, axis) : sides.slice(axis + 1)),
  );
  const taps = tapsOf(x, places, -Infinity);
  let best: { y: tf.Tensor; index: tf.Tensor } | undefined;
  offsets(places).forEach((at, k) => {
    const index = placeTensor(places, (out) =>
      out.reduce((sum, place, i) => sum + (place * places.strides[i]! + at[i]! - places.pads[i]![0]) * steps[i]!, 0),
    );
    const shown = tf.add(tf.zerosLike(taps[k]!).cast('int32'), index);
    if (!best) return void (best = { y: taps[k]!, index: shown });
    const isMore = tf.greater(taps[k]!, best.y);
    best = { y: tf.maximum(best.y, taps[k]!), index: tf.where(isMore, shown, best.index) };
  });
  const [batch, channels] = x.shape as [number, number];
  const planes = tf.range(0, batch * channels, 1, 'int32').mul(tf.scalar(sizeOf(sides), 'int32'));
  const starts = tf.reshape(planes, [batch, ...sides.map(() => 1), channels]);
  const last = channelsLast(x.rank);
  const y = x.isFloat ? best!.y : tf.cast(best!.y, 'int32');
  return [Value.of(x.type, y, last), Value.of('int64', tf.add(best!.index, starts), last)];
}

/** A whole number for each place of the window, `[1, ..., 1]`. */
function placeTensor({ out }: Places, value: (place: number[]) => number): tf.Tensor {
  const place = out.map(() => 0);
  const data = Int32Array.from({ length: sizeOf(out) }, () => {
    const result = value(place);
    for (let i = out.length - 1; i >= 0 && ++place[i]! === out[i]; i--) place[i] = 0;
    return result;
  });
  return tf.tensor(data, [1, ...out, 1], 'int32');
}

function averagePool(call: Call, x: Value): Value {
  const last = channelsLast(x.rank);
  const options = optionsOf(call, placesOf(call, x));
  const y = averagePoolPadded(x.in(last), { ...options, countPadding: call.flag('count_include_pad') });
  return Value.of(x.type, y, last);
}
