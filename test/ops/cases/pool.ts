import * as tf from '@tensorflow/tfjs';
import { averagePoolPadded, maxPoolPadded, type AveragePoolOptions } from '../../../src/ops/index.js';
import { at, indices, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

type How = 'max' | 'average';

/** The number of windows along an axis, as PyTorch counts them. */
function windows(
  length: number,
  size: number,
  stride: number,
  dilation: number,
  pads: number[],
  ceil: boolean,
): number {
  let count = 0;
  // One after the other, while it ends in the padded picture, or with ceil: begins before the padding behind.
  for (let begin = -pads[0]!; ; begin += stride) {
    const fits = begin + dilation * (size - 1) < length + pads[1]!;
    const previousFits = begin - stride + dilation * (size - 1) < length + pads[1]! - 1;
    if (!fits && !(ceil && begin < length && previousFits)) return count;
    count++;
  }
}

/** Every window value by value; `length` of `size` spatial axes behind the first. */
function pooled(how: How, x: NdArray, options: AveragePoolOptions): NdArray {
  const { size, countPadding = false, ceil = false } = options;
  const strides = options.strides ?? size.map(() => 1);
  const dilations = options.dilations ?? size.map(() => 1);
  const pads = options.pads ?? size.map(() => [0, 0]);
  const shape = x.shape.map((length, axis) => {
    const i = axis - 1;
    return i in size ? windows(length, size[i]!, strides[i]!, dilations[i]!, pads[i]!, ceil) : length;
  });
  return make(shape, (index) => {
    let [sum, count, largest] = [0, 0, -Infinity];
    for (const tap of indices(size)) {
      const place = index.with(0, index[0]!);
      tap.forEach((step, i) => (place[i + 1] = index[i + 1]! * strides[i]! - pads[i]![0]! + step * dilations[i]!));
      const value = at(x, place);
      const isPadding = tap.every((_, i) => place[i + 1]! < x.shape[i + 1]! + pads[i]![1]!);
      if (!Number.isNaN(value)) [sum, largest] = [sum + value, Math.max(largest, value)];
      if (!Number.isNaN(value) || (countPadding && isPadding)) count++;
    }
    return how === 'max' ? largest : sum / count;
  });
}

function add(how: How, shape: number[], options: AveragePoolOptions): OpCase {
  return {
    name: `${how}Pool, [${shape}], ${JSON.stringify(options)}`,
    shapes: [shape],
    run: (x) => (how === 'max' ? maxPoolPadded(x!, options) : averagePoolPadded(x!, options)),
    reference: (x) => pooled(how, x!, options),
  };
}

// prettier-ignore
const BOTH = (how: How): OpCase[] => [
  add(how, [2, 6, 7, 3], { size: [3, 3], strides: [2, 2], pads: [[1, 1], [1, 1]] }),
  add(how, [1, 6, 7, 2], { size: [3, 2], strides: [2, 1], pads: [[0, 2], [1, 0]] }),
  add(how, [1, 6, 7, 2], { size: [3, 3], strides: [2, 2], ceil: true }),
  add(how, [1, 6, 6, 2], { size: [2, 2], strides: [3, 3], ceil: true, pads: [[1, 0], [0, 1]] }),
  add(how, [1, 5, 8, 2], { size: [1, 2], strides: [2, 4], ceil: true, pads: [[0, 0], [1, 1]] }),
  add(how, [1, 8, 9, 2], { size: [3, 2], dilations: [2, 3], pads: [[1, 2], [0, 1]] }),
  add(how, [1, 9, 9, 2], { size: [2, 2], dilations: [3, 2], strides: [2, 3] }),
  add(how, [2, 9, 3], { size: [3], strides: [2], pads: [[1, 1]] }),
  add(how, [1, 4, 5, 6, 2], { size: [2, 3, 2], strides: [1, 2, 2], pads: [[1, 0], [1, 1], [0, 1]] }),
  add(how, [1, 5, 5, 5, 1], { size: [2, 2, 2], strides: [2, 2, 2], ceil: true }),
];

// prettier-ignore
export const POOL_CASES: OpCase[] = [
  ...BOTH('max'),
  ...BOTH('average'),
  add('average', [2, 6, 7, 3], { size: [3, 3], strides: [2, 2], pads: [[1, 1], [1, 1]], countPadding: true }),
  add('average', [1, 6, 7, 2], { size: [3, 3], strides: [2, 2], pads: [[1, 0], [1, 1]], countPadding: true, ceil: true }),
  add('average', [1, 8, 9, 2], { size: [3, 2], dilations: [2, 3], pads: [[1, 2], [0, 1]], countPadding: true }),
  {
    name: 'tf.avgPool, same',
    shapes: [[1, 6, 7, 2]],
    run: (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'),
    reference: (x) => pooled('average', x!, { size: [3, 3], strides: [2, 2], pads: [[0, 1], [1, 1]] }),
  },
];
