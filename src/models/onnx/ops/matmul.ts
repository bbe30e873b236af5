import tf from '../../../common/tf.cjs';
import { matMul } from '../../../ops/index.js';
import { equalAxes, inOrder } from '../axes.js';
import { requireSize, Value } from '../value.js';
import { broadcast, elementwise } from './elementwise.js';
import type { Call, Family } from './op.js';

/** Matrix products. */
export const matmul: Family = {
  MatMul: (call, a, b) => product(call, call.need(a, 'A'), call.need(b, 'B')),
  Gemm: (call, a, b, c) => {
    const turned = (value: Value, flag: string): Value => (call.flag(flag) ? value.transposed([1, 0]) : value);
    for (const value of [call.need(a, 'A'), call.need(b, 'B')])
      if (value.rank !== 2) call.refuse('matrices', `[${value.shape}]`);
    const result = product(call, turned(call.need(a, 'A'), 'transA'), turned(call.need(b, 'B'), 'transB'));
    const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)];
    const scaled = scale(call, result, alpha);
    return c ? elementwise(call, { tensor: (x, y) => tf.add(x!, y!) }, scaled, scale(call, c, beta)) : scaled;
  },
};

function scale(call: Call, x: Value, factor: number): Value {
  return factor === 1 ? x : elementwise(call, { tensor: (tensor) => tf.mul(tensor!, factor) }, x);
}

/** As numpy's matmul: a list counts as a row on the left and a column on the right, axes in front of the last two broadcast. */
export function product(call: Call, a: Value, b: Value): Value {
  if (a.rank === 0 || b.rank === 0) call.refuse('matrices', 'a number');
  const left = a.rank === 1 ? a.reshaped([1, ...a.shape]) : a;
  const right = b.rank === 1 ? b.reshaped([...b.shape, 1]) : b;
  if (left.shape.at(-1) !== right.shape.at(-2)) call.refuse('sides that match', `[${a.shape}] and [${b.shape}]`);
  requireSize([
    ...broadcast(call, [left.shape.slice(0, -2), right.shape.slice(0, -2)]),
    left.shape.at(-2)!,
    right.shape.at(-1)!,
  ]);
  const result = right.rank === 2 && left.rank > 2 ? byOneMatrix(left, right) : batched(left, right);
  if (a.rank > 1 && b.rank > 1) return result;
  const { shape, rank } = result;
  return result.reshaped(
    shape.filter((_, axis) => !(a.rank === 1 && axis === rank - 2) && !(b.rank === 1 && axis === rank - 1)),
  );
}

/** All rows of all matrices at once; they may lie in any order as long as their numbers lie last. */
function byOneMatrix(left: Value, right: Value): Value {
  const inner = left.shape.at(-1)!;
  const axes = left.axes.at(-1) === left.rank - 1 ? left.axes : inOrder(left.rank);
  const flat = tf.reshape(left.in(axes), [left.size / Math.max(1, inner), inner]);
  const { tensor, isTurned } = matrices(right);
  const result = tf.matMul(flat as tf.Tensor2D, tensor as tf.Tensor2D, false, isTurned);
  const sides = axes.slice(0, -1).map((axis) => left.shape[axis]!);
  return Value.of(left.type, tf.reshape(result, [...sides, right.shape[1]!]), axes);
}

function batched(left: Value, right: Value): Value {
  const [a, b] = [matrices(left), matrices(right)];
  return Value.of(left.type, matMul(a.tensor, b.tensor, a.isTurned, b.isTurned));
}

/** The matrices as they lie, if need be with rows and columns exchanged, which the product undoes. */
function matrices(x: Value): { tensor: tf.Tensor; isTurned: boolean } {
  const axes = inOrder(x.rank);
  const turned = [...axes.slice(0, -2), x.rank - 1, x.rank - 2];
  const isTurned = !x.lies(axes) && equalAxes(x.axes, turned);
  return { tensor: x.in(isTurned ? turned : axes), isTurned };
}
