import * as tf from '@tensorflow/tfjs';
import { conv2d, convTranspose2d, type ConvOptions } from '../../../src/ops/index.js';
import { flat, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

interface Sizes extends Required<ConvOptions> {
  groups: number;
}

/** Every product of a convolution `x [b, h, w, c] * filter -> y`: the three values that meet. */
function visit(
  x: number[],
  filter: number[],
  y: number[],
  { strides, dilations, pads, groups }: Sizes,
  meet: (x: number, filter: number, y: number) => void,
): void {
  const [seen, filters] = [filter[2]!, filter[3]! / groups];
  make(y, (index) => {
    const [b, row, column, out] = index as [number, number, number, number];
    for (let ky = 0; ky < filter[0]!; ky++)
      for (let kx = 0; kx < filter[1]!; kx++)
        for (let c = 0; c < seen; c++) {
          const from = [
            row * strides[0] + ky * dilations[0] - pads[0],
            column * strides[1] + kx * dilations[1] - pads[2],
          ] as const;
          if (from[0] < 0 || from[0] >= x[1]! || from[1] < 0 || from[1] >= x[2]!) continue;
          const channel = Math.floor(out / filters) * seen + c;
          meet(flat(x, [b, ...from, channel]), flat(filter, [ky, kx, c, out]), flat(y, index));
        }
    return 0;
  });
}

/** Height or width of the result. */
function lengthOf(size: number, kernel: number, axis: 0 | 1, { strides, dilations, pads }: Sizes): number {
  const room = size + pads[2 * axis]! + pads[2 * axis + 1]! - dilations[axis] * (kernel - 1) - 1;
  return Math.floor(room / strides[axis]) + 1;
}

const full = (options: ConvOptions, groups: number): Sizes => ({
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
  ...options,
  groups,
});

function add(x: number[], filter: number[], options: ConvOptions = {}): OpCase {
  const sizes = full(options, x[3]! / filter[2]!);
  const y = [x[0]!, lengthOf(x[1]!, filter[0]!, 0, sizes), lengthOf(x[2]!, filter[1]!, 1, sizes), filter[3]!];
  return {
    name: `conv2d, [${x}] by [${filter}], ${JSON.stringify(options)}`,
    shapes: [x, filter],
    run: (a, b) => conv2d(a as tf.Tensor4D, b as tf.Tensor4D, options),
    reference: (a, b) => {
      const result = make(y, () => 0);
      visit(x, filter, y, sizes, (i, j, k) => (result.values[k]! += a!.values[i]! * b!.values[j]!));
      return result;
    },
  };
}

/** The transposed one scatters what the other gathers; `output` is its height and width by hand. */
function addTransposed(
  x: number[],
  filter: number[],
  groups: number,
  output: [number, number],
  options: ConvOptions & { outputPadding?: [number, number] } = {},
): OpCase {
  const y = [x[0]!, ...output, filter[2]! * groups];
  return {
    name: `convTranspose2d, [${x}] by [${filter}], ${groups} groups, ${JSON.stringify(options)}`,
    shapes: [x, filter],
    run: (a, b) => convTranspose2d(a as tf.Tensor4D, b as tf.Tensor4D, groups, options),
    reference: (a, b) => {
      const result = make(y, () => 0);
      visit(y, filter, x, full(options, groups), (i, j, k) => (result.values[i]! += a!.values[k]! * b!.values[j]!));
      return result;
    },
  };
}

function depthwise(filter: number[], strides: [number, number], dilation: number, pad: unknown): OpCase {
  const pads = pad === 'valid' ? [0, 0, 0, 0] : (pad as number[][]).slice(1, 3).flat();
  const multiplier = filter[3]!;
  const same = add([1, 7, 8, 3], [filter[0]!, filter[1]!, 1, 3 * multiplier], {
    strides,
    dilations: [dilation, dilation],
    pads: pads as [number, number, number, number],
  });
  return {
    name: `tf.depthwiseConv2d, [${filter}], strides ${strides}, dilation ${dilation}, padding ${JSON.stringify(pad)}`,
    shapes: [[1, 7, 8, 3], filter],
    run: (a, b) => tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad as 'same', 'NHWC', dilation),
    reference: (a, b) => same.reference(a!, { ...b!, shape: same.shapes[1]! } as NdArray),
  };
}

// prettier-ignore
export const CONVOLUTION_CASES: OpCase[] = [
  add([2, 5, 6, 2], [3, 3, 2, 3]),
  add([1, 7, 6, 2], [3, 3, 2, 3], { pads: [1, 1, 1, 1] }),
  add([1, 7, 6, 2], [3, 2, 2, 3], { pads: [2, 0, 1, 3], strides: [2, 1] }),
  add([1, 9, 8, 2], [3, 3, 2, 3], { strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] }),
  add([1, 9, 8, 2], [3, 3, 2, 2], { strides: [2, 3], dilations: [3, 2], pads: [1, 0, 0, 2] }),
  ...[[4, 2], [6, 3]].flatMap(([channels, groups]) => {
    const filter = [3, 3, channels! / groups!, 2 * groups!];
    return [
      add([1, 6, 7, channels!], filter),
      add([2, 6, 7, channels!], filter, { strides: [2, 2], pads: [0, 1, 1, 1] }),
      add([1, 8, 9, channels!], filter, { dilations: [2, 2], pads: [2, 2, 2, 2] }),
      add([1, 8, 9, channels!], filter, { strides: [2, 1], dilations: [1, 2], pads: [1, 0, 0, 2] }),
      add([1, 9, 9, channels!], filter, { strides: [2, 2], dilations: [2, 2] }),
    ];
  }),
  // Depthwise, with one filter per channel and with two.
  ...[4, 8].flatMap((filters) => [
    add([2, 6, 7, 4], [3, 3, 1, filters], { pads: [1, 1, 1, 1] }),
    add([1, 6, 7, 4], [3, 3, 1, filters], { strides: [2, 2], pads: [0, 1, 0, 1] }),
    add([1, 6, 7, 4], [3, 3, 1, filters], { strides: [2, 2], pads: [1, 1, 1, 1] }),
    add([1, 6, 7, 4], [3, 2, 1, filters], { strides: [2, 1], pads: [1, 2, 0, 1] }),
    add([1, 8, 9, 4], [3, 3, 1, filters], { dilations: [2, 2], pads: [2, 2, 2, 2] }),
    add([1, 8, 9, 4], [3, 3, 1, filters], { strides: [2, 2], dilations: [2, 2], pads: [2, 2, 2, 2] }),
  ]),
  add([1, 1, 9, 4], [1, 3, 2, 4], { strides: [1, 2], pads: [0, 0, 1, 1] }),
  addTransposed([1, 4, 5, 3], [3, 3, 2, 3], 1, [9, 11], { strides: [2, 2] }),
  addTransposed([2, 4, 5, 3], [3, 3, 2, 3], 1, [7, 9], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  addTransposed([1, 4, 5, 3], [3, 3, 2, 3], 1, [8, 10], { strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 1] }),
  addTransposed([1, 4, 3, 3], [4, 2, 2, 3], 1, [12, 6], { strides: [3, 2], pads: [0, 1, 0, 0] }),
  addTransposed([1, 4, 5, 4], [3, 3, 1, 4], 2, [9, 11], { strides: [2, 2] }),
  addTransposed([1, 4, 5, 4], [4, 4, 1, 4], 4, [8, 10], { strides: [2, 2], pads: [1, 1, 1, 1] }),
  addTransposed([1, 4, 5, 4], [3, 3, 3, 4], 2, [8, 7], { dilations: [2, 1] }),
  addTransposed([1, 4, 5, 2], [3, 3, 2, 2], 1, [11, 10], { strides: [2, 2], dilations: [2, 2], pads: [0, 1, 2, 2], outputPadding: [1, 1] }),
  depthwise([3, 3, 3, 1], [1, 1], 1, 'valid'),
  depthwise([3, 3, 3, 2], [2, 2], 1, [[0, 0], [1, 1], [1, 1], [0, 0]]),
  depthwise([3, 3, 3, 2], [1, 1], 2, [[0, 0], [2, 2], [1, 2], [0, 0]]),
  depthwise([3, 3, 3, 1], [2, 1], 1, 'valid'),
  {
    name: 'tf.conv2dTranspose',
    shapes: [[1, 4, 5, 3], [3, 3, 2, 3]],
    run: (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [1, 9, 11, 2], 2, 'valid'),
    reference: addTransposed([1, 4, 5, 3], [3, 3, 2, 3], 1, [9, 11], { strides: [2, 2] }).reference,
  },
  {
    name: 'tf.depthwiseConv2d as tf.layers calls it, without dilations',
    shapes: [[1, 7, 8, 3], [3, 3, 3, 2]],
    run: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'valid', 'NHWC', null as never),
    reference: depthwise([3, 3, 3, 2], [1, 1], 1, 'valid').reference,
  },
];
