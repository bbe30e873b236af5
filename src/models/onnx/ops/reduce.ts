import tf from '../../../common/tf.cjs';
import { inOrder, positive, type Axes } from '../axes.js';
import { engineType, Value } from '../value.js';
import { filled } from './constants.js';
import type { Call, Family, Op } from './op.js';

/** One number of many, along axes. */
export const reduce: Family = {
  ReduceSum: of(tf.sum, 0),
  ReduceMean: of(tf.mean, NaN),
  ReduceMax: of(tf.max, -Infinity),
  ReduceMin: of(tf.min, Infinity),
  ReduceProd: of(tf.prod, 1),
  ReduceL1: of((x, axes) => tf.sum(tf.abs(x), axes), 0),
  ReduceL2: of((x, axes) => rootOfSquares(tf.sum(tf.square(x), axes)), 0),
  ReduceLogSum: of((x, axes) => tf.log(tf.sum(x, axes)), -Infinity),
  ReduceLogSumExp: of((x, axes) => tf.logSumExp(x, axes), -Infinity),
  ReduceSumSquare: of((x, axes) => tf.sum(tf.square(x), axes), 0),
  ArgMax: indices(tf.argMax),
  ArgMin: indices(tf.argMin),
};

/** @param ofNone the result of no numbers, which the engines do not agree on */
function of(compute: Compute, ofNone: number): Op {
  return (call, x, axes) => {
    const value = call.need(x, 'data');
    const named = axes?.numbers() ?? call.list('axes');
    const all = call.flag('noop_with_empty_axes') ? [] : inOrder(value.rank);
    const chosen = named?.length ? named : all;
    if (value.size > 0) return reduced(call, value, chosen, compute);
    const gone = chosen.map((axis) => axisOf(call, axis, value.rank));
    const kept = value.shape.map((side, axis) => (gone.includes(axis) ? 1 : side));
    const shape = call.flag('keepdims', true) ? kept : kept.filter((_, axis) => !gone.includes(axis));
    return filled(value.type, shape, ofNone);
  };
}

type Compute = (x: tf.Tensor, axes: number[]) => tf.Tensor;

/** The numbers of some axes as one. */
export function reduced(call: Call, x: Value, named: number[], compute: Compute): Value {
  const gone = new Set(named.map((axis) => axisOf(call, axis, x.rank)));
  const places = [...gone].map((axis) => x.axes.indexOf(axis));
  const tensor = x.in(x.axes);
  const dtype = engineType(x.type);
  // The engine orders numbers only.
  const result = tf.cast(compute(dtype === 'bool' ? tf.cast(tensor, 'int32') : tensor, places), dtype);
  return keepAxes(Value.of(x.type, result, remaining(x.axes, gone)), x, gone, call.flag('keepdims', true));
}

/** The order of the axes that are left, counted anew. */
function remaining(axes: Axes, gone: ReadonlySet<number>): number[] {
  const left = axes.filter((axis) => !gone.has(axis));
  const sorted = [...left].sort((a, b) => a - b);
  return left.map((axis) => sorted.indexOf(axis));
}

function keepAxes(result: Value, { shape }: Value, gone: ReadonlySet<number>, isKept: boolean): Value {
  return isKept ? result.reshaped(shape.map((side, axis) => (gone.has(axis) ? 1 : side))) : result;
}

function axisOf(call: Call, axis: number, rank: number): number {
  const place = positive(axis, rank);
  return place >= 0 && place < rank ? place : call.refuse(`an axis of ${rank}`, String(axis));
}

/** The place of the first, or the last, of the largest or smallest. */
function indices(compute: (x: tf.Tensor, axis: number) => tf.Tensor): Op {
  return (call, x) => {
    const value = call.need(x, 'data');
    const axis = axisOf(call, call.int('axis', 0), value.rank);
    const gone = new Set([axis]);
    const place = value.axes.indexOf(axis);
    const tensor = value.in(value.axes);
    const isLast = call.flag('select_last_index');
    const found = compute(isLast ? tf.reverse(tensor, place) : tensor, place);
    const index = isLast ? tf.sub(tf.scalar(value.shape[axis]! - 1, 'int32'), found) : found;
    return keepAxes(Value.of('int64', index, remaining(value.axes, gone)), value, gone, call.flag('keepdims', true));
  };
}

/** A length out of the sum of its squares; that of nothing has a gradient of 0, not NaN. */
export function rootOfSquares(sum: tf.Tensor): tf.Tensor {
  return tf.sqrt(tf.maximum(tf.cast(sum, 'float32'), 1e-30));
}
