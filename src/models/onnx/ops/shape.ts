import { inOrder, positive } from '../axes.js';
import { sizeOf } from '../tensor-data.js';
import { requireSize, type Value } from '../value.js';
import type { Call, Family } from './op.js';

/** What changes a value's shape, or the order of its axes, and not its numbers. */
export const shape: Family = {
  Reshape: (call, x, to) => {
    const value = call.need(x, 'data');
    const wanted = to?.numbers() ?? call.list('shape', []);
    return value.reshaped(resolved(call, value, wanted));
  },
  Flatten: (call, x) => {
    const value = call.need(x, 'input');
    const axis = positive(call.int('axis', 1), value.rank);
    if (!inOrder(value.rank + 1).includes(axis)) call.refuse(`an axis from 0 to ${value.rank}`, String(axis));
    return value.reshaped([sizeOf(value.shape.slice(0, axis)), sizeOf(value.shape.slice(axis))]);
  },
  Squeeze: (call, x, axes) => {
    const value = call.need(x, 'data');
    const named = axes?.numbers() ?? call.list('axes');
    const gone =
      named?.map((axis) => positive(axis, value.rank)) ?? inOrder(value.rank).filter((axis) => value.shape[axis] === 1);
    const wrong = gone.find((axis) => value.shape[axis] !== 1);
    if (wrong !== undefined) call.refuse('axes of size 1', `axis ${wrong} of [${value.shape}]`);
    return value.reshaped(value.shape.filter((_, axis) => !gone.includes(axis)));
  },
  Unsqueeze: (call, x, axes) => {
    const value = call.need(x, 'data');
    const named = axes?.numbers() ?? call.list('axes', []);
    const rank = value.rank + named.length;
    const added = new Set(named.map((axis) => positive(axis, rank)));
    if (added.size !== named.length || [...added].some((axis) => !(axis >= 0 && axis < rank)))
      call.refuse(`different axes of ${rank}`, `[${named}]`);
    const sides = [...value.shape];
    return value.reshaped(inOrder(rank).map((axis) => (added.has(axis) ? 1 : sides.shift()!)));
  },
  Transpose: (call, x) => {
    const value = call.need(x, 'data');
    const order = call.list('perm') ?? inOrder(value.rank).reverse();
    if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== value.rank)
      call.refuse(`an order of ${value.rank} axes`, `[${order}]`);
    return value.transposed(order);
  },
};

/** Sizes with a 0 (as the input has it) and a -1 (what is left) filled in. */
function resolved(call: Call, { shape: from, size }: Value, wanted: readonly number[]): number[] {
  const copied = wanted.map((side, axis) => (side === 0 && !call.flag('allowzero') ? (from[axis] ?? NaN) : side));
  const rest = copied.indexOf(-1);
  const known = sizeOf(copied.filter((_, axis) => axis !== rest));
  const sides = copied.map((side, axis) => (axis === rest ? size / known : side));
  if (sizeOf(sides) !== size || !sides.every((side) => Number.isInteger(side) && side >= 0))
    call.refuse(`a shape of ${size} values, as [${from}] has`, `[${wanted}]`);
  requireSize(sides);
  return sides;
}
