import tf from '../../../common/tf.cjs';
import { stridedSlice } from '../../../ops/index.js';
import { inOrder, positive } from '../axes.js';
import { takenData } from '../tensor-data.js';
import { Value } from '../value.js';
import { isFolded } from './elementwise.js';
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
    return sliced(call, value, named, from, to, steps?.numbers() ?? from.map(() => 1));
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
    const y = cumulativeProduct(value.in(value.axes), place, call.flag('exclusive'), call.flag('reverse'));
    return Value.of(value.type, y, value.axes);
  },
};

/** Python's `start:end:step` along some axes. */
function sliced(call: Call, x: Value, axes: number[], starts: number[], ends: number[], steps: number[]): Value {
  if (axes.some((axis) => x.shape[axis] === undefined)) call.refuse(`axes of ${x.rank}`, `[${axes}]`);
  if (steps.includes(0)) call.refuse('steps that are not 0', `[${steps}]`);
  if ([starts, ends, steps].some(({ length }) => length !== axes.length))
    call.refuse(`${axes.length} starts, ends and steps`, `[${starts}], [${ends}] and [${steps}]`);
  if (isFolded(x)) return axes.reduce((result, axis, i) => hostSlice(result, axis, starts[i]!, ends[i]!, steps[i]!), x);
  const places = axes.map((axis) => x.axes.indexOf(axis));
  return Value.of(x.type, stridedSlice(x.in(x.axes), starts, ends, { axes: places, steps }), x.axes);
}

function hostSlice(x: Value, axis: number, start: number, end: number, step: number): Value {
  const size = x.shape[axis]!;
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const inside = (place: number): number => Math.min(high, Math.max(low, positive(place, size)));
  const count = Math.max(0, Math.ceil((inside(end) - inside(start)) / step));
  const places = inOrder(count).map((i) => inside(start) + i * step);
  return Value.ofHost(x.type, x.shape.with(axis, count), takenData(x.data(), x.shape, axis, places));
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

/** The numbers of an axis one by one, each with the axis of size 1; a split into one part has no gradient in TensorFlow.js. */
export function parts(tensor: tf.Tensor, axis: number): tf.Tensor[] {
  const count = tensor.shape[axis]!;
  return count === 1 ? [tensor] : tf.split(tensor, count, axis);
}

/** Number by number: TensorFlow.js' own has no gradient. */
function cumulativeProduct(x: tf.Tensor, axis: number, isExclusive: boolean, isReverse: boolean): tf.Tensor {
  const numbers = isReverse ? parts(x, axis).toReversed() : parts(x, axis);
  let product = tf.onesLike(numbers[0]!);
  const products = numbers.map((number) => {
    const before = product;
    product = tf.mul(product, number);
    return isExclusive ? before : product;
  });
  return tf.concat(isReverse ? products.reverse() : products, axis);
}
