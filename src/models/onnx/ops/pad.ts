import * as tf from '@tensorflow/tfjs';
import { inOrder, positive } from '../axes.js';
import { Value, requireSize } from '../value.js';
import { engineType } from '../value.js';
import { window } from './slice.js';
import type { Family } from './op.js';

/** Borders around a value. */
export const pad: Family = {
  Pad: (call, x, sizes, fill, axes) => {
    const value = call.need(x, 'data');
    const given = sizes?.numbers() ?? call.list('pads') ?? call.list('paddings', []);
    const named = axes?.numbers().map((axis) => positive(axis, value.rank)) ?? inOrder(value.rank);
    if (given.length !== 2 * named.length) call.refuse(`${2 * named.length} sizes`, `[${given}]`);
    const sides = inOrder(value.rank).map((axis): [number, number] => {
      const i = named.indexOf(axis);
      return i < 0 ? [0, 0] : [given[i]!, given[i + named.length]!];
    });
    requireSize(value.shape.map((side, axis) => side + sides[axis]![0] + sides[axis]![1]));
    const mode = call.text('mode', 'constant');
    if (mode === 'constant') return constant(value, sides, fill?.data()[0] ?? call.float('value', 0));
    const place = PLACES[mode] ?? call.refuse('the mode constant, reflect, edge or wrap', mode);
    return sides.reduce((result, [before, behind], axis) => repeated(result, axis, before, behind, place), value);
  },
};

function constant(x: Value, sides: [number, number][], fill: number): Value {
  const tensor = x.in(x.axes);
  // A negative border takes away.
  const cut = x.axes.reduce((result, axis, place) => {
    const [before, behind] = sides[axis]!.map((side) => Math.max(0, -side)) as [number, number];
    return window(result, place, before, x.shape[axis]! - before - behind);
  }, tensor);
  const added = x.axes.map((axis) => sides[axis]!.map((side) => Math.max(0, side)) as [number, number]);
  if (engineType(x.type) !== 'bool') return Value.of(x.type, tf.pad(cut, added, fill), x.axes);
  return Value.of(x.type, tf.cast(tf.pad(tf.cast(cut, 'int32'), added, fill), 'bool'), x.axes);
}

/** Where in an axis of `size` a place outside of it takes its number from. */
const PLACES: Record<string, (place: number, size: number) => number> = {
  edge: (place, size) => Math.min(size - 1, Math.max(0, place)),
  wrap: (place, size) => ((place % size) + size) % size,
  reflect: (place, size) => {
    const period = Math.max(1, 2 * size - 2);
    const inside = ((place % period) + period) % period;
    return inside < size ? inside : period - inside;
  },
};

/** By a gather, whose gradient is right; TensorFlow.js' of a mirrored border is not. */
function repeated(
  x: Value,
  axis: number,
  before: number,
  behind: number,
  place: (place: number, size: number) => number,
): Value {
  if (before === 0 && behind === 0) return x;
  const size = x.shape[axis]!;
  const from = Int32Array.from({ length: size + before + behind }, (_, i) => place(i - before, size));
  return Value.of(x.type, tf.gather(x.in(x.axes), tf.tensor1d(from, 'int32'), x.axes.indexOf(axis)), x.axes);
}
