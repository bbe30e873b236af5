import type * as tf from '@tensorflow/tfjs';
import { conv3d, convTranspose3d, type Conv3dOptions } from '../../../src/ops/index.js';
import { flat, indices, make } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** Every product of a convolution `x * filter -> y` of volumes: the three values that meet. */
function visit(
  [x, filter, y]: [number[], number[], number[]],
  groups: number,
  { strides = [1, 1, 1], dilations = [1, 1, 1], pads }: Conv3dOptions,
  meet: (x: number, filter: number, y: number) => void,
): void {
  for (const index of indices(y))
    for (const tap of indices(filter.slice(0, 4))) {
      const place = [0, 1, 2].map((i) => index[i + 1]! * strides[i]! - (pads?.[i]?.[0] ?? 0) + tap[i]! * dilations[i]!);
      if (place.some((at, i) => at < 0 || at >= x[i + 1]!)) continue;
      const channel = Math.floor(index[4]! / (filter[4]! / groups)) * filter[3]! + tap[3]!;
      meet(flat(x, [index[0]!, ...place, channel]), flat(filter, [...tap, index[4]!]), flat(y, index));
    }
}

/** `y` by hand. */
function add(x: number[], filter: number[], y: number[], options: Conv3dOptions = {}): OpCase {
  return {
    name: `conv3d, [${x}] by [${filter}], ${JSON.stringify(options)}`,
    shapes: [x, filter],
    run: (a, b) => conv3d(a as tf.Tensor5D, b as tf.Tensor5D, options),
    reference: (a, b) => {
      const result = make(y, () => 0);
      visit([x, filter, y], x[4]! / filter[3]!, options, (i, j, k) => (result.values[k]! += a!.values[i]! * b!.values[j]!)); // prettier-ignore
      return result;
    },
  };
}

function addTransposed(
  x: number[],
  filter: number[],
  y: number[],
  options: Conv3dOptions & { outputPadding?: [number, number, number] } = {},
): OpCase {
  const groups = y[4]! / filter[3]!;
  return {
    name: `convTranspose3d, [${x}] by [${filter}], ${JSON.stringify(options)}`,
    shapes: [x, filter],
    run: (a, b) => convTranspose3d(a as tf.Tensor5D, b as tf.Tensor5D, groups, options),
    reference: (a, b) => {
      const result = make(y, () => 0);
      visit([y, filter, x], groups, options, (i, j, k) => (result.values[i]! += a!.values[k]! * b!.values[j]!));
      return result;
    },
  };
}

// prettier-ignore
export const CONV3D_CASES: OpCase[] = [
  add([1, 3, 4, 3, 2], [2, 2, 2, 2, 1], [1, 2, 3, 2, 1]),
  add([1, 5, 4, 4, 2], [3, 2, 3, 1, 2], [1, 3, 4, 4, 2], { strides: [2, 1, 1], pads: [[1, 1], [0, 1], [1, 1]] }),
  add([1, 5, 3, 3, 1], [2, 2, 1, 1, 2], [1, 4, 2, 3, 2], { dilations: [2, 2, 1], pads: [[0, 1], [0, 1], [0, 0]] }),
  addTransposed([1, 2, 2, 3, 2], [2, 2, 2, 1, 2], [1, 4, 4, 6, 1], { strides: [2, 2, 2] }),
  addTransposed([1, 2, 2, 2, 2], [3, 2, 2, 1, 2], [1, 4, 4, 4, 2], { strides: [2, 2, 2], pads: [[1, 1], [0, 0], [0, 0]], outputPadding: [1, 0, 0] }),
];
