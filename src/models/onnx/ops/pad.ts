import tf from '../../../common/tf.cjs';
import { pad as padded, type PadMode } from '../../../ops/index.js';
import { inOrder, positive } from '../axes.js';
import { engineType, requireSize, Value } from '../value.js';
import type { Family } from './op.js';

const MODES: readonly string[] = ['constant', 'reflect', 'edge', 'wrap'] satisfies PadMode[];

/** Borders around a value; a negative one takes away. */
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
    if (!MODES.includes(mode)) call.refuse(`the mode ${MODES.join(', ')}`, mode);
    const tensor = value.in(value.axes);
    const isTruth = engineType(value.type) === 'bool';
    const y = padded(
      isTruth ? tf.cast(tensor, 'int32') : tensor,
      value.axes.map((axis) => sides[axis]!),
      mode as PadMode,
      fill?.data()[0] ?? call.float('value', 0),
    );
    return Value.of(value.type, isTruth ? tf.cast(y, 'bool') : y, value.axes);
  },
};
