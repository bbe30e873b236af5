import tf from '../../../common/tf.cjs';
import { inOrder } from '../axes.js';
import { requireSize, type Value } from '../value.js';
import type { Call } from './op.js';

/** Sizes of a window that moves over the axes behind batch and channels. */
export interface Window {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** Before and behind each axis. */
  pads: [number, number][];
}

const AUTO_PADS: readonly string[] = ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'];

/** Engines count in 32 bits, some without a check. */
const MOST = 2 ** 31 - 1;

/**
 * A node's window over an input.
 *
 * @param kernel sizes of the window where no attribute says them
 */
export function windowOf(call: Call, x: Value, kernel = call.list('kernel_shape')): Window {
  const count = x.rank - 2;
  if (count < 1) call.refuse('an input [batch, channels, ...]', `[${x.shape}]`);
  if (!kernel) return call.refuse('a kernel_shape', 'none');
  const ones = inOrder(count).map(() => 1);
  const strides = call.list('strides', ones);
  const dilations = call.list('dilations', ones);
  const given = call.list(
    'pads',
    inOrder(2 * count).map(() => 0),
  );
  const mode = call.text('auto_pad', 'NOTSET');
  if (!AUTO_PADS.includes(mode)) call.refuse(`auto_pad ${AUTO_PADS.join(', ')}`, mode);
  const isWhole = (list: number[], low: number, high: number): boolean =>
    list.every((one) => Number.isInteger(one) && one >= low && one <= high);
  if (kernel.length !== count || strides.length !== count || dilations.length !== count || given.length !== 2 * count)
    call.refuse(
      `sizes of ${count} axes`,
      `kernel [${kernel}], strides [${strides}], dilations [${dilations}], pads [${given}]`,
    );
  if (![kernel, strides, dilations].every((list) => isWhole(list, 1, MOST)) || !isWhole(given, 0, Infinity))
    call.refuse(
      `sizes from 1 to ${MOST}, and pads from 0`,
      `kernel [${kernel}], strides [${strides}], dilations [${dilations}], pads [${given}]`,
    );
  const pads = kernel.map((size, i): [number, number] => {
    if (mode === 'NOTSET') return [given[i]!, given[i + count]!];
    if (mode === 'VALID') return [0, 0];
    const side = x.shape[i + 2]!;
    const reach = (size - 1) * dilations[i]! + 1;
    return halves(Math.max(0, (Math.ceil(side / strides[i]!) - 1) * strides[i]! + reach - side), mode);
  });
  requireSize(x.shape.map((side, axis) => side + (pads[axis - 2]?.[0] ?? 0) + (pads[axis - 2]?.[1] ?? 0)));
  return { kernel, strides, dilations, pads };
}

/** A filter `[out, in, ...kernel]` has the size that the node says. */
export function requireKernel(call: Call, { kernel }: Window, filter: Value): void {
  if (kernel.some((size, i) => size !== filter.shape[i + 2]))
    call.refuse(`weights of a kernel [${kernel}]`, `[${filter.shape}]`);
}

/** A border's two sides; of an odd one, the larger is behind for SAME_UPPER. */
export function halves(whole: number, mode: string): [number, number] {
  const half = Math.floor(whole / 2);
  return mode === 'SAME_LOWER' ? [whole - half, half] : [half, whole - half];
}

/** A border around the axes between the first and the last. */
export function padSpatial(tensor: tf.Tensor, pads: readonly [number, number][], fill = 0): tf.Tensor {
  if (pads.every(([before, behind]) => before === 0 && behind === 0)) return tensor;
  return tf.pad(tensor, [[0, 0], ...pads, [0, 0]], fill);
}
