import tf from '../../../common/tf.cjs';
import { inOrder, type Axes } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { integerRange, isFloat, isInteger, type ElementType } from '../types.js';
import { hostData, requireSize, Value } from '../value.js';
import type { Call, Op } from './op.js';

/** Constants larger than this are weights rather than sizes: the engine computes with them. */
export const MOST_ON_HOST = 1 << 16;

/** Whether an operation is computed when the graph is built: sizes, places and truth values, and short lists of any numbers. */
export function isFolded(x: Value): boolean {
  return x.isHost && (!x.isFloat || x.rank < 2) && x.size <= MOST_ON_HOST;
}

/** Numpy's broadcasting of shapes. */
export function broadcast(call: Call, shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = inOrder(rank).map((axis) => {
    const sides = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const side = sides.find((one) => one !== 1) ?? 1;
    if (sides.some((one) => one !== 1 && one !== side))
      call.refuse('shapes that broadcast', shapes.map((shape) => `[${shape}]`).join(' and '));
    return side;
  });
  requireSize(result);
  return result;
}

/** Values as tensors of equal rank whose axes are in one order: the one that moves the least. */
export function aligned(call: Call, values: readonly Value[]): { axes: Axes; tensors: tf.Tensor[] } {
  const rank = broadcast(
    call,
    values.map(({ shape }) => shape),
  ).length;
  const full = values.map((value) =>
    value.rank === rank ? value : value.reshaped([...inOrder(rank - value.rank).map(() => 1), ...value.shape]),
  );
  const axes = cheapestAxes(full);
  return { axes, tensors: full.map((value) => value.in(axes)) };
}

/** Of the orders that values of equal rank lie in, the one in which the fewest numbers move. */
export function cheapestAxes(values: readonly Value[]): Axes {
  let best: { axes: Axes; moved: number } | undefined;
  for (const { axes } of values) {
    const moved = values.reduce((sum, value) => sum + (value.isHost || value.lies(axes) ? 0 : value.size), 0);
    if (!best || moved < best.moved) best = { axes, moved };
  }
  // Constants have no order of their own: they follow, unless there is nothing else.
  const first = values.find((value) => !value.isHost);
  return best!.moved === 0 && first
    ? (values.find((value) => !value.isHost && value.rank > 2) ?? first).axes
    : best!.axes;
}

export interface Elementwise {
  /** Of numbers, for what is known when the graph is built; without it the engine computes that too. */
  host?: (...values: number[]) => number;
  /** Of tensors of one rank in one order. */
  tensor: (...tensors: tf.Tensor[]) => tf.Tensor;
  /** Type of the result. Default: that of the first operand. */
  type?: ElementType;
}

/** A result for each element of the operands, which broadcast. */
export function elementwise(call: Call, { host, tensor, type }: Elementwise, ...operands: Value[]): Value {
  const result = type ?? operands[0]!.type;
  const shapes = operands.map(({ shape }) => shape);
  if (host && operands.every((value) => value.isHost && value.size <= MOST_ON_HOST)) {
    const shape = broadcast(call, shapes);
    if (sizeOf(shape) <= MOST_ON_HOST) return onHost(host, result, shape, operands);
  }
  const { axes, tensors } = aligned(call, operands);
  return Value.of(result, wrapped(result, tensor(...tensors)), axes);
}

/** An operation of that many operands. */
export function elementwiseOp(count: number, kind: Elementwise): Op {
  return (call, ...inputs) =>
    elementwise(call, kind, ...inOrder(count).map((i) => call.need(inputs[i], String.fromCharCode(65 + i))));
}

function onHost(
  compute: (...values: number[]) => number,
  type: ElementType,
  shape: number[],
  operands: Value[],
): Value {
  const results = new Float64Array(sizeOf(shape));
  const steps = operands.map((value) => broadcastSteps(value.shape, shape));
  const data = operands.map((value) => value.data());
  const place = shape.map(() => 0);
  for (let i = 0; i < results.length; i++) {
    results[i] = compute(
      ...data.map((values, k) => values[place.reduce((at, p, axis) => at + p * steps[k]![axis]!, 0)]!),
    );
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0;
  }
  return Value.ofHost(
    type,
    shape,
    hostData(type, isInteger(type) ? results.map((value) => wrap(type, value)) : results),
  );
}

/** How far the next element along each axis of `to` is in an array of `shape`; 0 where it repeats. */
function broadcastSteps(shape: readonly number[], to: readonly number[]): number[] {
  const missing = to.length - shape.length;
  return to.map((_, axis) => {
    const own = axis - missing;
    return own < 0 || shape[own] === 1 ? 0 : sizeOf(shape.slice(own + 1));
  });
}

/** A whole number as a type of fewer bits keeps it. */
export function wrap(type: ElementType, value: number): number {
  const [low, high] = integerRange(type);
  if (value >= low && value <= high) return value;
  const count = high - low + 1;
  return ((((value - low) % count) + count) % count) + low;
}

/** A result of 32 bits as a type of fewer keeps it; floats and wider ones stay. */
function wrapped(type: ElementType, tensor: tf.Tensor): tf.Tensor {
  if (!/^u?int(8|16)$/.test(type) || tensor.dtype !== 'int32') return tensor;
  const [low, high] = integerRange(type);
  const count = tf.scalar(high - low + 1, 'int32');
  const from = tf.scalar(low, 'int32');
  return tf.add(tf.mod(tf.sub(tensor, from), count), from);
}

/** The same tensor, through which no gradient flows: for what has none, such as a comparison. */
export function detached(tensor: tf.Tensor): tf.Tensor {
  const engine = tf.engine();
  engine.backend.incRef(tensor.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: tensor.dataId, shape: tensor.shape, dtype: tensor.dtype });
}

/** A number as a tensor of the same type. */
export function scalarLike(value: number, { dtype }: tf.Tensor): tf.Scalar {
  return tf.scalar(value, dtype as 'float32' | 'int32');
}

/** Whether an operand's type is one of floats. */
export function floatOnly(call: Call, value: Value): Value {
  return isFloat(value.type) ? value : call.refuse('floats', value.type);
}
