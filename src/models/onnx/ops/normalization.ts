import tf from '../../../common/tf.cjs';
import { batchNormFrozen } from '../../../ops/index.js';
import { channelsLast, inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { requireSize, Value } from '../value.js';
import { elementwise } from './elementwise.js';
import { rootOfSquares } from './reduce.js';
import type { Call, Family } from './op.js';

/** Normalizations: by running statistics, and by those of each input. */
export const normalization: Family = {
  BatchNormalization: (call, x, scale, offset, mean, variance) => {
    const value = call.need(x, 'X');
    const tensors = [scale, offset, mean, variance].map(
      (input) => call.need(input, 'scale, B, mean and var').tensor() as tf.Tensor1D,
    );
    return batchNormalization(call, value, tensors as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]);
  },
  InstanceNormalization: (call, x, scale, offset) => {
    const value = call.need(x, 'input');
    const last = channelsLast(value.rank);
    const y = standardized(value.in(last), inOrder(value.rank).slice(1, -1), call.float('epsilon', 1e-5)).y;
    return Value.of(
      value.type,
      tf.add(tf.mul(y, call.need(scale, 'scale').tensor()), call.need(offset, 'B').tensor()),
      last,
    );
  },
  GroupNormalization: (call, x, scale, offset) => {
    const value = call.need(x, 'X');
    const [batch, channels, ...sides] = value.shape as [number, number, ...number[]];
    const groups = call.int('num_groups', 1);
    const grouped = value.reshaped([batch, groups, channels / groups, ...sides]);
    const places = grouped.axes.flatMap((axis, place) => (axis > 1 ? [place] : []));
    const { y } = standardized(grouped.in(grouped.axes), places, call.float('epsilon', 1e-5));
    const plain = Value.of(value.type, y, grouped.axes).reshaped(value.shape);
    // Up to version 20 one number for each group.
    const perChannel = (input: Value | undefined): Value => {
      const given = call.need(input, 'scale and bias');
      const each =
        given.size === channels
          ? given.tensor()
          : tf.reshape(tf.tile(tf.reshape(given.tensor(), [groups, 1]), [1, channels / groups]), [channels]);
      return Value.of(value.type, each).reshaped([channels, ...sides.map(() => 1)]);
    };
    return affine(call, plain, perChannel(scale), perChannel(offset));
  },
  LayerNormalization: (call, x, scale, offset) => {
    const value = call.need(x, 'X');
    const places = placesFrom(value, positive(call.int('axis', -1), value.rank));
    const { y, mean, factor } = standardized(value.in(value.axes), places, call.float('epsilon', 1e-5));
    const [result, ...statistics] = [y, mean, factor].map((tensor) => Value.of(value.type, tensor, value.axes));
    return [affine(call, result!, call.need(scale, 'Scale'), offset), ...statistics];
  },
  RMSNormalization: (call, x, scale) => {
    const value = call.need(x, 'X');
    const tensor = value.in(value.axes);
    const square = tf.mean(tf.square(tensor), placesFrom(value, positive(call.int('axis', -1), value.rank)), true);
    const y = tf.mul(tensor, tf.rsqrt(tf.add(square, call.float('epsilon', 1e-5))));
    return affine(call, Value.of(value.type, y, value.axes), call.need(scale, 'scale'));
  },
  MeanVarianceNormalization: (call, x) => {
    const value = call.need(x, 'X');
    const places = call.list('axes', [0, 2, 3]).map((axis) => value.axes.indexOf(positive(axis, value.rank)));
    const { mean, variance } = tf.moments(value.in(value.axes), places, true);
    const y = tf.div(tf.sub(value.in(value.axes), mean), tf.add(tf.sqrt(variance), 1e-9));
    return Value.of(value.type, y, value.axes);
  },
  LpNormalization: (call, x) => {
    const value = call.need(x, 'input');
    const place = value.axes.indexOf(positive(call.int('axis', -1), value.rank));
    const tensor = value.in(value.axes);
    const size =
      call.int('p', 2) === 1
        ? tf.sum(tf.abs(tensor), place, true)
        : rootOfSquares(tf.sum(tf.square(tensor), place, true));
    return Value.of(value.type, tf.divNoNan(tensor, size), value.axes);
  },
  LRN: (call, x) => {
    const value = call.need(x, 'X');
    const last = channelsLast(value.rank);
    const size = call.int('size', 1);
    if (size < 1) call.refuse('a size from 1 on', String(size));
    requireSize([value.size, size]);
    const tensor = value.in(last);
    const squares = tf.pad(
      tf.square(tensor),
      last.map((_, place) =>
        place === last.length - 1 ? [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)] : [0, 0],
      ),
    );
    const neighbours = inOrder(size).map((start) =>
      tf.slice(
        squares,
        last.map((_, place) => (place === last.length - 1 ? start : 0)),
        tensor.shape,
      ),
    );
    const sum = tf.mul(tf.addN(neighbours), call.float('alpha', 1e-4) / size);
    return Value.of(
      value.type,
      tf.div(tensor, tf.pow(tf.add(sum, call.float('bias', 1)), call.float('beta', 0.75))),
      last,
    );
  },
};

/** Places of an axis and all behind it. */
function placesFrom(x: Value, axis: number): number[] {
  return x.axes.flatMap((one, place) => (one >= axis ? [place] : []));
}

/** `(x - mean) / sqrt(variance + epsilon)` along some places. */
function standardized(x: tf.Tensor, places: number[], epsilon: number): Record<'y' | 'mean' | 'factor', tf.Tensor> {
  const { mean, variance } = tf.moments(x, places, true);
  const factor = tf.rsqrt(tf.add(variance, epsilon));
  return { y: tf.mul(tf.sub(x, mean), factor), mean, factor };
}

function affine(call: Call, x: Value, scale: Value, offset?: Value): Value {
  const scaled = elementwise(call, { tensor: (a, b) => tf.mul(a!, b!) }, x, scale);
  return offset ? elementwise(call, { tensor: (a, b) => tf.add(a!, b!) }, scaled, offset) : scaled;
}

/** By the running statistics, or by the batch's, which then move the running ones. */
function batchNormalization(
  call: Call,
  x: Value,
  [scale, offset, mean, variance]: [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D],
): Value[] {
  const last = channelsLast(x.rank);
  const tensor = x.in(last);
  const epsilon = call.float('epsilon', 1e-5);
  const [batch, channels] = [x.shape[0] ?? 1, x.shape[1] ?? 1];
  // An image stays as it is, so that a graph for inference finds the convolution in front.
  const flat = (
    x.rank === 4 ? tensor : tf.reshape(tensor, [batch, sizeOf(x.shape.slice(2)), 1, channels])
  ) as tf.Tensor4D;
  const normalized = (by: { mean: tf.Tensor1D; variance: tf.Tensor1D }): Value =>
    Value.of(x.type, tf.reshape(batchNormFrozen(flat, { scale, offset, ...by }, epsilon), tensor.shape), last);
  if (!call.flag('training_mode')) return [normalized({ mean, variance })];
  const own = tf.moments(flat, [0, 1, 2]) as { mean: tf.Tensor1D; variance: tf.Tensor1D };
  const y = tf.add(tf.mul(tf.mul(tf.sub(flat, own.mean), tf.rsqrt(tf.add(own.variance, epsilon))), scale), offset);
  const momentum = call.float('momentum', 0.9);
  const moved = (old: tf.Tensor, now: tf.Tensor): Value =>
    Value.of(x.type, tf.add(tf.mul(old, momentum), tf.mul(now, 1 - momentum)));
  return [Value.of(x.type, tf.reshape(y, tensor.shape), last), moved(mean, own.mean), moved(variance, own.variance)];
}
