import * as tf from '@tensorflow/tfjs';
import { matMul } from '../../../src/ops/index.js';
import { at, flat, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

/** An index of a result as that of an operand which was broadcast. */
const broadcast = (x: NdArray, index: number[]): number =>
  at(
    x,
    index.slice(index.length - x.shape.length).map((place, axis) => (x.shape[axis] === 1 ? 0 : place)),
  );

const elementwise = (shape: number[], f: (...values: number[]) => number) =>
  (...inputs: NdArray[]) => make(shape, (index) => f(...inputs.map((x) => broadcast(x, index)))); // prettier-ignore

function matrixProduct(shape: number[], depth: number, transposeA: boolean, transposeB: boolean): OpCase['reference'] {
  return (a, b) =>
    make(shape, (index) => {
      const batch = index.slice(0, -2);
      const [row, column] = index.slice(-2) as [number, number];
      let sum = 0;
      for (let k = 0; k < depth; k++)
        sum +=
          broadcast(a!, [...batch, ...(transposeA ? [k, row] : [row, k])]) *
          broadcast(b!, [...batch, ...(transposeB ? [column, k] : [k, column])]);
      return sum;
    });
}

/** The extreme over all axes but the first. */
const perRow = (pick: (...values: number[]) => number) => (x: NdArray): NdArray => {
  const width = x.values.length / x.shape[0]!;
  return make([x.shape[0]!], ([row]) => pick(...x.values.subarray(row! * width, (row! + 1) * width)));
}; // prettier-ignore

function cumulative(axis: number, exclusive: boolean, reverse: boolean): OpCase['reference'] {
  return (x) =>
    make(x!.shape, (index) => {
      let sum = 0;
      for (let i = 0; i < x!.shape[axis]!; i++) {
        const isBefore = reverse ? i > index[axis]! : i < index[axis]!;
        if (isBefore || (i === index[axis] && !exclusive)) sum += at(x!, index.with(axis, i));
      }
      return sum;
    });
}

export const ARITHMETIC_CASES: OpCase[] = [
  {
    name: 'maximum, broadcast',
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    run: (a, b) => tf.maximum(a!, b!),
    reference: elementwise([2, 3, 4], Math.max),
  },
  {
    name: 'minimum, broadcast',
    shapes: [[4], [2, 3, 1]],
    run: (a, b) => tf.minimum(a!, b!),
    reference: elementwise([2, 3, 4], Math.min),
  },
  {
    name: 'max over axes',
    shapes: [[3, 4, 2]],
    run: (x) => tf.max(x!, [1, 2]),
    reference: perRow(Math.max) as OpCase['reference'],
  },
  {
    name: 'min over axes',
    shapes: [[3, 4, 2]],
    run: (x) => tf.reshape(tf.min(x!, [1, -1], true), [3]),
    reference: perRow(Math.min) as OpCase['reference'],
  },
  {
    name: 'where with a comparison',
    shapes: [
      [3, 4],
      [3, 4],
    ],
    run: (a, b) => tf.where(tf.logicalAnd(tf.greater(a!, b!), tf.logicalNot(tf.less(a!, 0))), tf.square(a!), b!),
    reference: elementwise([3, 4], (a, b) => (a > b && !(a < 0) ? a * a : b)),
  },
  {
    name: 'a factor that was rounded to a whole number',
    shapes: [[3, 4]],
    run: (x) => tf.mul(x!, tf.cast(tf.cast(tf.mul(x!, 5), 'int32'), 'float32')),
    reference: elementwise([3, 4], (x) => x * Math.trunc(x * 5)),
  },
  {
    name: 'tile of rank 5',
    shapes: [[1, 2, 3, 2, 2]],
    run: (x) => tf.tile(x!, [2, 1, 2, 1, 3]),
    reference: (x) =>
      make([2, 2, 6, 2, 6], (index) =>
        at(
          x!,
          index.map((place, axis) => place % x!.shape[axis]!),
        ),
      ),
  },
  {
    name: 'broadcastTo of rank 6',
    shapes: [[1, 2, 1, 2, 1, 2]],
    run: (x) => tf.broadcastTo(x!, [2, 2, 3, 2, 1, 2]),
    reference: elementwise([2, 2, 3, 2, 1, 2], (x) => x),
  },
  ...((
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const
  ).map(([transposeA, transposeB]) => ({
    name: `matMul, broadcast${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`,
    shapes: [
      [2, 1, ...(transposeA ? [4, 2] : [2, 4])],
      [3, ...(transposeB ? [5, 4] : [4, 5])],
    ],
    run: (a: tf.Tensor, b: tf.Tensor) => matMul(a, b, transposeA, transposeB),
    reference: matrixProduct([2, 3, 2, 5], 4, transposeA, transposeB),
  })) as OpCase[]),
  ...([
    [0, false, false],
    [1, true, false],
    [1, false, true],
    [2, true, true],
  ].map(([axis, exclusive, reverse]) => ({
    name: `cumsum, axis ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
    shapes: [[3, 3, 3]],
    run: (x: tf.Tensor) => tf.cumsum(x, axis as number, exclusive as boolean, reverse as boolean),
    reference: cumulative(axis as number, exclusive as boolean, reverse as boolean),
  })) as OpCase[]),
  {
    name: 'values of topk',
    shapes: [[2, 3, 5]],
    run: (x) => tf.topk(x!, 2).values,
    reference: (x) =>
      make([2, 3, 2], ([i, j, k]) => {
        const start = flat(x!.shape, [i!, j!, 0]);
        return [...x!.values.subarray(start, start + 5)].sort((a, b) => b - a)[k!]!;
      }),
  },
];
