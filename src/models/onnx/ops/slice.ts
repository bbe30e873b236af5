import * as tf from '@tensorflow/tfjs';
import { inOrder, positive } from '../axes.js';
import { takenData } from '../tensor-data.js';
import { Value } from '../value.js';
import { filled } from './constants.js';
import type { Call, Family } from './op.js';

/** Ranges of a value. */
export const slice: Family = {
  Slice: (call, x, starts, ends, axes, steps) => {
    const value = call.need(x, 'data');
    const from = starts?.numbers() ?? call.list('starts', []);
    const to = ends?.numbers() ?? call.list('ends', []);
    const named = (axes?.numbers() ?? call.list('axes') ?? inOrder(from.length)).map((axis) =>
      positive(axis, value.rank),
    );
    if (named.some((axis) => value.shape[axis] === undefined)) call.refuse(`axes of ${value.rank}`, `[${named}]`);
    return named.reduce(
      (result, axis, i) => sliced(call, result, axis, from[i]!, to[i]!, steps?.numbers()[i] ?? 1),
      value,
    );
  },
  Trilu: (call, x, k) => {
    const value = call.need(x, 'input');
    const [rows, columns] = value.shape.slice(-2) as [number, number];
    const shift = k?.data()[0] ?? 0;
    const isUpper = call.flag('upper', true);
    const kept = new Uint8Array(rows * columns);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        kept[row * columns + column] = Number(isUpper ? column >= row + shift : column <= row + shift);
    const tensor = value.tensor();
    const mask = tf.tensor(kept, [rows, columns], 'bool');
    return Value.of(value.type, tf.where(mask, tensor, tf.zerosLike(tensor)));
  },
  CumSum: (call, x, axis) => {
    const value = call.need(x, 'x');
    const place = value.axes.indexOf(positive(call.need(axis, 'axis').data()[0]!, value.rank));
    return Value.of(
      value.type,
      tf.cumsum(value.in(value.axes), place, call.flag('exclusive'), call.flag('reverse')),
      value.axes,
    );
  },
  CumProd: (call, x, axis) => {
    const value = call.need(x, 'x');
    const place = value.axes.indexOf(positive(call.need(axis, 'axis').data()[0]!, value.rank));
    return Value.of(
      value.type,
      tf.cumprod(value.in(value.axes), place, call.flag('exclusive'), call.flag('reverse')),
      value.axes,
    );
  },
};

/** Python's `start:end:step` of one axis. */
function sliced(call: Call, x: Value, axis: number, start: number, end: number, step: number): Value {
  const size = x.shape[axis]!;
  if (step === 0) call.refuse('a step that is not 0', '0');
  const clamp = (place: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, place < 0 ? place + size : place));
  const first = step > 0 ? clamp(start, 0, size) : clamp(start, -1, size - 1);
  const last = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  const count = Math.max(0, Math.ceil((last - first) / step));
  if (count === size && step === 1) return x;
  if (count === 0)
    return filled(
      x.type,
      x.shape.map((side, i) => (i === axis ? 0 : side)),
      0,
    );
  if (x.isHost && (x.rank === 1 || !x.isFloat)) {
    const places = inOrder(count).map((i) => first + i * step);
    return Value.ofHost(x.type, x.shape.with(axis, count), takenData(x.data(), x.shape, axis, places));
  }
  const place = x.axes.indexOf(axis);
  // A range without its step first, in the direction of memory.
  const low = step > 0 ? first : first + (count - 1) * step;
  const width = (count - 1) * Math.abs(step) + 1;
  const range = window(x.in(x.axes), place, low, width);
  const taken = everyNth(range, place, Math.abs(step));
  return Value.of(x.type, step > 0 ? taken : tf.reverse(taken, place), x.axes);
}

/** Numbers `start` to `start + size` of an axis. */
export function window(tensor: tf.Tensor, axis: number, start: number, size: number): tf.Tensor {
  const { shape } = tensor;
  if (size === shape[axis]) return tensor;
  return tf.slice(
    tensor,
    shape.map((_, i) => (i === axis ? start : 0)),
    shape.map((side, i) => (i === axis ? size : side)),
  );
}

/** Every `step`-th number of an axis from the first on: by a reshape, as TensorFlow.js' strided slice has no gradient. */
export function everyNth(tensor: tf.Tensor, axis: number, step: number): tf.Tensor {
  if (step === 1) return tensor;
  const { shape } = tensor;
  const count = Math.ceil(shape[axis]! / step);
  const short = count * step - shape[axis]!;
  const filled =
    short === 0
      ? tensor
      : tf.pad(
          tensor,
          shape.map((_, i) => [0, i === axis ? short : 0]),
        );
  const before = shape.slice(0, axis).reduce((product, side) => product * side, 1);
  const behind = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const firsts = tf.slice(tf.reshape(filled, [before, count, step, behind]), [0, 0, 0, 0], [before, count, 1, behind]);
  return tf.reshape(
    firsts,
    shape.map((side, i) => (i === axis ? count : side)),
  );
}
