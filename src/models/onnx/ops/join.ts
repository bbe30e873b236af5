import tf from '../../../common/tf.cjs';
import { inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { hostData, requireSize, Value } from '../value.js';
import { filled } from './constants.js';
import { broadcast, cheapestAxes, elementwise, isFolded, MOST_ON_HOST } from './elementwise.js';
import type { Call, Family } from './op.js';

/** What puts values together, takes them apart, or repeats them. */
export const join: Family = {
  Concat: (call, ...inputs) =>
    concat(
      call,
      inputs.map((input) => call.need(input, 'inputs')),
    ),
  Split: (call, x, sizes) => split(call, call.need(x, 'input'), sizes),
  Tile: (call, x, repeats) => {
    const value = call.need(x, 'input');
    const counts = call.need(repeats, 'repeats').numbers();
    if (counts.length !== value.rank) call.refuse(`${value.rank} numbers of repetitions`, `[${counts}]`);
    requireSize(value.shape.map((side, axis) => side * counts[axis]!));
    return Value.of(
      value.type,
      tf.tile(
        value.in(value.axes),
        value.axes.map((axis) => counts[axis]!),
      ),
      value.axes,
    );
  },
  Expand: (call, x, to) => expand(call, call.need(x, 'input'), call.need(to, 'shape').numbers()),
};

function concat(call: Call, values: Value[]): Value {
  const [first] = values as [Value];
  const axis = positive(call.int('axis', 1), first.rank);
  if (
    values.some(
      ({ rank, shape }) => rank !== first.rank || shape.some((side, i) => i !== axis && side !== first.shape[i]),
    )
  )
    call.refuse(`shapes that differ along axis ${axis} alone`, values.map(({ shape }) => `[${shape}]`).join(' and '));
  requireSize(
    first.shape.with(
      axis,
      values.reduce((sum, { shape }) => sum + shape[axis]!, 0),
    ),
  );
  if (values.every(isFolded)) return joined(values, axis);
  const axes = cheapestAxes(values);
  const tensors = values.map((value) => value.in(axes));
  return Value.of(first.type, tf.concat(tensors, axes.indexOf(axis)), axes);
}

function joined(values: Value[], axis: number): Value {
  const [{ type, shape }] = values as [Value];
  const rows = inOrder(sizeOf(shape.slice(0, axis)));
  const widths = values.map((value) => sizeOf(value.shape.slice(axis)));
  const data = values.map((value) => value.data());
  const all = rows.flatMap((row) =>
    data.flatMap((one, i) => [...one.subarray(row * widths[i]!, (row + 1) * widths[i]!)]),
  );
  return Value.ofHost(
    type,
    shape.with(
      axis,
      values.reduce((sum, value) => sum + value.shape[axis]!, 0),
    ),
    hostData(type, all),
  );
}

/** Sizes are an attribute up to version 12 and an input later; without them the parts are equal, the last may be smaller. */
function split(call: Call, x: Value, given: Value | undefined): Value[] {
  const axis = positive(call.int('axis', 0), x.rank);
  const size = x.shape[axis] ?? call.refuse(`an axis of ${x.rank}`, String(axis));
  const count = call.int('num_outputs') ?? call.node.outputs.length;
  const part = Math.ceil(size / count);
  const sizes =
    given?.numbers() ?? call.list('split') ?? inOrder(count).map((i) => Math.max(0, Math.min(part, size - i * part)));
  if (sizes.reduce((sum, one) => sum + one, 0) !== size || sizes.some((one) => one < 0))
    call.refuse(`sizes of ${size} together`, `[${sizes}]`);
  if (sizes.length === 1) return [x];
  if (x.isHost && x.rank === 1) {
    let at = 0;
    return sizes.map((one) => Value.ofHost(x.type, [one], x.data().slice(at, (at += one))));
  }
  return tf.split(x.in(x.axes), sizes, x.axes.indexOf(axis)).map((tensor) => Value.of(x.type, tensor, x.axes));
}

/** Repeats axes of size 1; one of the shape stands for any size. */
function expand(call: Call, x: Value, to: number[]): Value {
  const shape = broadcast(call, [x.shape, to]);
  const value = x.reshaped([...inOrder(shape.length - x.rank).map(() => 1), ...x.shape]);
  if (x.isHost && sizeOf(shape) <= MOST_ON_HOST)
    return elementwise(call, { host: (one) => one!, tensor: (one) => one! }, x, filled('int64', shape, 0));
  const repeats = shape.map((side, axis) => (value.shape[axis] === side ? 1 : side));
  return Value.of(
    x.type,
    tf.tile(
      value.in(value.axes),
      value.axes.map((axis) => repeats[axis]!),
    ),
    value.axes,
  );
}
