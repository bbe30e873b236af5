import * as tf from '@tensorflow/tfjs';
import { channelsLast, inOrder, positive } from '../axes.js';
import { requireSize, Value } from '../value.js';
import { interpolation, type Coordinates, type Interpolation } from './interpolation.js';
import type { Call, Family } from './op.js';

/** Other sizes of a picture. */
export const resize: Family = {
  Resize: (call, x, roi, scales, sizes) => {
    const value = call.need(x, 'X');
    // Version 10 has no region, and its scales come second.
    return call.opset < 11 ? resized(call, value, undefined, roi, undefined) : resized(call, value, roi, scales, sizes);
  },
  Upsample: (call, x, scales) => {
    const value = call.need(x, 'X');
    const factors = scales ?? Value.ofNumbers(call.list('scales', []), 'float32');
    return resized(call, value, undefined, factors, undefined);
  },
};

function resized(
  call: Call,
  x: Value,
  roi: Value | undefined,
  scales: Value | undefined,
  sizes: Value | undefined,
): Value {
  const axes = call.list('axes')?.map((axis) => positive(axis, x.rank)) ?? inOrder(x.rank);
  const given = sizes && sizes.size > 0 ? sizesOf(call, x, axes, sizes.numbers()) : undefined;
  const factors = given?.factors ?? scales?.numbers() ?? [];
  if (factors.length !== axes.length) call.refuse(`${axes.length} scales or sizes`, `[${factors}]`);
  const out = x.shape.map((side, axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? side : (given?.sides[i] ?? Math.floor(side * factors[i]!));
  });
  requireSize(out);
  const region = roi && roi.size > 0 ? roi.numbers() : undefined;
  const moved = axes.filter((axis, i) => factors[i] !== 1 || out[axis] !== x.shape[axis] || region);
  return moved.reduce((result, axis) => {
    const i = axes.indexOf(axis);
    const along: Coordinates = { size: x.shape[axis]!, out: out[axis]!, factor: factors[i]! };
    if (region) along.region = [region[i]!, region[i + axes.length]!];
    return resizedAxis(result, axis, interpolation(call, along));
  }, ordered(x));
}

/** Sizes asked for, as the policy about the ratio of the sides changes them. */
function sizesOf(call: Call, x: Value, axes: number[], wanted: number[]): { sides: number[]; factors: number[] } {
  const factors = wanted.map((side, i) => side / x.shape[axes[i]!]!);
  const policy = call.text('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return { sides: wanted, factors };
  const factor = policy === 'not_larger' ? Math.min(...factors) : Math.max(...factors);
  return { sides: axes.map((axis) => Math.floor(factor * x.shape[axis]! + 0.5)), factors: axes.map(() => factor) };
}

/** A picture's channels last, as convolutions leave them. */
function ordered(x: Value): Value {
  return Value.of(
    x.type,
    tf.cast(x.isHost ? x.in(channelsLast(x.rank)) : x.in(x.axes), 'float32'),
    x.isHost ? channelsLast(x.rank) : x.axes,
  );
}

function resizedAxis(x: Value, axis: number, table: Interpolation): Value {
  const place = x.axes.indexOf(axis);
  const tensor = x.in(x.axes);
  const y = 'places' in table ? taken(tensor, place, table.places) : mixed(tensor, place, table.weights, table.out);
  if (!table.outside) return Value.of(x.type, y, x.axes);
  const inside = tf.reshape(
    tf.tensor1d(table.outside.inside),
    y.shape.map((side, i) => (i === place ? side : 1)),
  );
  const beyond = tf.mul(tf.sub(1, inside), table.outside.value);
  return Value.of(x.type, tf.add(tf.mul(y, inside), beyond), x.axes);
}

/** Each output is one input. Whole factors repeat numbers, which is cheaper than to look each up. */
function taken(x: tf.Tensor, axis: number, places: Int32Array): tf.Tensor {
  const size = x.shape[axis]!;
  const factor = places.length / size;
  const isRepeated = Number.isInteger(factor) && places.every((place, i) => place === Math.floor(i / factor));
  if (!isRepeated) return tf.gather(x, tf.tensor1d(places, 'int32'), axis);
  const [before, behind] = around(x, axis);
  const repeated = tf.tile(tf.reshape(x, [before, size, 1, behind]), [1, 1, factor, 1]);
  return tf.reshape(repeated, withSide(x, axis, places.length));
}

/** Each output is a mixture of inputs: a matrix product, whose gradient is right. */
function mixed(x: tf.Tensor, axis: number, weights: Float32Array, out: number): tf.Tensor {
  const size = x.shape[axis]!;
  const [before, behind] = around(x, axis);
  const matrix = tf.tensor3d(weights, [1, out, size]);
  return tf.reshape(tf.matMul(matrix, tf.reshape(x, [before, size, behind]) as tf.Tensor3D), withSide(x, axis, out));
}

function around({ shape }: tf.Tensor, axis: number): [number, number] {
  const size = (sides: number[]): number => sides.reduce((product, side) => product * side, 1);
  return [size(shape.slice(0, axis)), size(shape.slice(axis + 1))];
}

function withSide({ shape }: tf.Tensor, axis: number, size: number): number[] {
  return shape.map((side, i) => (i === axis ? size : side));
}
