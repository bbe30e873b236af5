import * as tf from '@tensorflow/tfjs';
import { at, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

const ints = (values: number[], shape: number[]): tf.Tensor => tf.tensor(values, shape, 'int32');

/** A slice per axis: where it begins, how many it takes, in which steps. */
type Cut = [begin: number, count: number, step: number];
const sliced = (x: NdArray, cuts: Cut[]): NdArray =>
  make(
    cuts.map(([, count]) => count),
    (index) => at(x, index.map((place, axis) => cuts[axis]![0] + place * cuts[axis]![2])), // prettier-ignore
  );

/** Adds, or puts, each update at its place in the first axis of `x`. */
function scattered(x: NdArray, places: number[], updates: NdArray, how: 'add' | 'put'): NdArray {
  const y = make(x.shape, (index) => at(x, index));
  const width = updates.values.length / places.length;
  for (const [i, place] of places.entries())
    for (let k = 0; k < width; k++) {
      const value = updates.values[i * width + k]!;
      y.values[place * width + k] = how === 'put' ? value : y.values[place * width + k]! + value;
    }
  return y;
}

const gathered = (shape: number[], taken: number[], axis: number): OpCase => ({
  name: `gather, [${shape}] at ${taken} of axis ${axis}`,
  shapes: [shape],
  run: (x) => tf.gather(x!, ints(taken, [taken.length]), axis),
  reference: (x) => {
    const positive = axis < 0 ? axis + shape.length : axis;
    return make(shape.with(positive, taken.length), (index) => at(x!, index.with(positive, taken[index[positive]!]!)));
  },
});

export const POSITION_CASES: OpCase[] = [
  gathered([4, 3, 2], [0, 2, 2, 3, 0], 0),
  gathered([4, 3, 2], [2, 0, 0, 2], 1),
  gathered([4, 3, 2], [1, 1, 0], -1),
  {
    name: 'gather with positions of rank 2',
    shapes: [[2, 4, 3]],
    run: (x) => tf.gather(x!, ints([0, 3, 3, 1], [2, 2]), 1),
    reference: (x) => make([2, 2, 2, 3], ([a, i, j, c]) => at(x!, [a!, [0, 3, 3, 1][i! * 2 + j!]!, c!])),
  },
  {
    name: 'gather with a batch',
    shapes: [[2, 3, 2]],
    run: (x) => tf.gather(x!, ints([2, 0, 1, 1], [2, 2]), 1, 1),
    reference: (x) => make([2, 2, 2], ([b, i, c]) => at(x!, [b!, [2, 0, 1, 1][b! * 2 + i!]!, c!])),
  },
  {
    name: 'gatherND with a place twice',
    shapes: [[4, 3, 2]],
    run: (x) => tf.gatherND(x!, ints([0, 1, 0, 1, 3, 2], [3, 2])),
    reference: (x) => make([3, 2], ([i, c]) => at(x!, [...[[0, 1], [0, 1], [3, 2]][i!]!, c!])), // prettier-ignore
  },
  {
    name: 'scatterND with a place twice',
    shapes: [[3, 2]],
    run: (x) => tf.scatterND(ints([0, 4, 0], [3, 1]), x!, [5, 2]),
    reference: (x) => scattered(make([5, 2], () => 0), [0, 4, 0], x!, 'add'), // prettier-ignore
  },
  {
    name: 'tensorScatterUpdate',
    shapes: [
      [5, 2],
      [2, 2],
    ],
    run: (x, updates) => tf.tensorScatterUpdate(x!, ints([4, 1], [2, 1]), updates!),
    reference: (x, updates) => scattered(x!, [4, 1], updates!, 'put'),
  },
  {
    name: 'stridedSlice',
    shapes: [[5, 6, 3]],
    run: (x) => tf.stridedSlice(x!, [1, 0, 0], [5, 6, 3], [2, 3, 1]),
    reference: (x) => sliced(x!, [[1, 2, 2], [0, 2, 3], [0, 3, 1]]), // prettier-ignore
  },
  {
    name: 'stridedSlice backwards',
    shapes: [[5, 7]],
    run: (x) => tf.stridedSlice(x!, [4, 5], [0, 0], [-2, -3]),
    reference: (x) => sliced(x!, [[4, 2, -2], [5, 2, -3]]), // prettier-ignore
  },
  {
    // Not with a shrunk axis beside a step, which TensorFlow.js takes wrongly on wasm and cpu.
    name: 'stridedSlice with masks, through the first and last value',
    shapes: [[4, 5, 2]],
    run: (x) => tf.stridedSlice(x!, [-1, 3, 1], [2, 0, 2], [-1, 2, 1], 2, 3),
    reference: (x) => sliced(x!, [[3, 4, -1], [0, 3, 2], [1, 1, 1]]), // prettier-ignore
  },
];
