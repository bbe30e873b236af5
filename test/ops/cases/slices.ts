import * as tf from '@tensorflow/tfjs';
import {
  depthToSpace,
  gatherElements,
  gatherNd,
  scatterElements,
  scatterNd,
  spaceToDepth,
  stridedSlice,
  type Reduction,
} from '../../../src/ops/index.js';
import { at, flat, indices, make, type NdArray } from '../support/nd-array.js';
import type { OpCase } from '../support/op-case.js';

const ints = (values: number[], shape: number[]): tf.Tensor => tf.tensor(values, shape, 'int32');

/** Python's slice of `range(size)`, value by value. */
function taken(size: number, start: number, end: number, step: number): number[] {
  const stop = end < 0 ? Math.max(end + size, step < 0 ? -1 : 0) : Math.min(end, size);
  const first = start < 0 ? Math.max(start + size, 0) : Math.min(start, step < 0 ? size - 1 : size);
  const places: number[] = [];
  for (let at = first; step > 0 ? at < stop : at > stop; at += step) places.push(at);
  return places;
}

function slice(shape: number[], axes: number[], starts: number[], ends: number[], steps: number[]): OpCase {
  return {
    name: `stridedSlice of [${shape}], axes ${axes}, ${starts} to ${ends} by ${steps}`,
    shapes: [shape],
    run: (x) => stridedSlice(x!, starts, ends, { axes, steps }),
    reference: (x) => {
      const places = shape.map((size) => Array.from({ length: size }, (_, i) => i));
      axes.forEach((axis, i) => {
        const positive = axis < 0 ? axis + shape.length : axis;
        places[positive] = taken(shape[positive]!, starts[i]!, ends[i]!, steps[i]!);
      });
      const lengths = places.map(({ length }) => length);
      return make(lengths, (index) => at(x!, index.map((place, axis) => places[axis]![place]!))); // prettier-ignore
    },
  };
}

const combine: Record<Reduction, (old: number, update: number) => number> = {
  none: (_old, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  min: Math.min,
  max: Math.max,
};

function scatterSlices(reduction: Reduction, rows: number[][]): OpCase {
  return {
    name: `scatterNd, ${reduction}, at ${JSON.stringify(rows)}`,
    shapes: [
      [3, 4, 2],
      [rows.length, 2],
    ],
    run: (x, updates) => scatterNd(x!, ints(rows.flat(), [rows.length, 2]), updates!, reduction),
    reference: (x, updates) => {
      const y = make(x!.shape, (index) => at(x!, index));
      rows.forEach(([i, j], row) => {
        for (const c of [0, 1]) {
          const place = flat(y.shape, [(i! + 3) % 3, (j! + 4) % 4, c]);
          y.values[place] = combine[reduction](y.values[place]!, at(updates!, [row, c]));
        }
      });
      return y;
    },
  };
}

/** The index in the other array that an element-wise position means. */
const moved = (index: number[], axis: number, to: number, size: number): number[] =>
  index.with(axis, (to + size) % size);

function elements(reduction: Reduction, axis: number, places: number[], shape: number[]): OpCase {
  const size = [3, 4, 2][axis]!;
  return {
    name: `scatterElements, ${reduction}, axis ${axis}`,
    shapes: [[3, 4, 2], shape],
    run: (x, updates) => scatterElements(x!, ints(places, shape), updates!, axis, reduction),
    reference: (x, updates) => {
      const y = make(x!.shape, (index) => at(x!, index));
      [...indices(shape)].forEach((index, i) => {
        const place = flat(y.shape, moved(index, axis, places[i]!, size));
        y.values[place] = combine[reduction](y.values[place]!, at(updates!, index));
      });
      return y;
    },
  };
}

function pickElements(axis: number, places: number[], shape: number[]): OpCase {
  return {
    name: `gatherElements, axis ${axis}`,
    shapes: [[3, 4, 2]],
    run: (x) => gatherElements(x!, ints(places, shape), axis),
    reference: (x) => {
      const positive = axis < 0 ? axis + 3 : axis;
      return make(shape, (index) => at(x!, moved(index, positive, places[flat(shape, index)]!, x!.shape[positive]!)));
    },
  };
}

/** The channel of a block's pixel, by the order. */
const channel = (order: string, row: number, column: number, c: number, channels: number): number =>
  order === 'DCR' ? (row * 2 + column) * channels + c : c * 4 + row * 2 + column;
const spread = (order: string) => (x: NdArray): NdArray =>
  make([2, 4, 6, 3], ([b, y, i, c]) =>
    at(x, [b!, Math.floor(y! / 2), Math.floor(i! / 2), channel(order, y! % 2, i! % 2, c!, 3)]),
  ); // prettier-ignore
const collected = (order: string) => (x: NdArray): NdArray => {
  const y = make([2, 2, 3, 12], () => 0);
  for (const [b, row, column, c] of indices(x.shape) as Generator<[number, number, number, number]>)
    y.values[flat(y.shape, [b, row >> 1, column >> 1, channel(order, row % 2, column % 2, c, 3)])] = at(x, [b, row, column, c]); // prettier-ignore
  return y;
}; // prettier-ignore

export const SLICE_CASES: OpCase[] = [
  slice([5, 6, 3], [0, 1], [1, 0], [5, 6], [2, 3]),
  slice([5, 7], [0, 1], [-1, 5], [0, -100], [-2, -3]),
  slice([4, 5, 2], [-1, 0], [0, 100], [1, -100], [1, -1]),
  slice([1, 2, 3, 4, 5], [3, 4], [0, -4], [100, -1], [2, 1]),
  slice([2, 2, 3, 2, 3, 4], [2, 5], [2, 3], [-4, -5], [-1, -2]),
  slice([6], [0], [1], [4], [1]),
  {
    name: 'gatherNd with places counted from the end, one of them twice',
    shapes: [[4, 3, 2]],
    run: (x) => gatherNd(x!, ints([0, 1, -4, -2, 3, 2, -1, 0], [2, 2, 2])),
    reference: (x) => make([2, 2, 2], ([i, j, c]) => at(x!, [...[[0, 1], [0, 1], [3, 2], [3, 0]][i! * 2 + j!]!, c!])), // prettier-ignore
  },
  {
    name: 'gatherNd with a batch',
    shapes: [[2, 3, 4]],
    run: (x) => gatherNd(x!, ints([0, 2, 2, 1], [2, 2, 1]), 1),
    reference: (x) => make([2, 2, 4], ([b, i, c]) => at(x!, [b!, [0, 2, 2, 1][b! * 2 + i!]!, c!])),
  },
  scatterSlices('none', [[0, 1], [-1, -2], [1, 3]]), // prettier-ignore
  ...(['add', 'mul', 'min', 'max'] as const).map(
    (reduction) =>
    scatterSlices(reduction, [[0, 1], [2, 2], [0, -3], [1, 0]]), // prettier-ignore
  ),
  pickElements(0, [2, 0, -1, 1, 1, 0], [1, 3, 2]),
  pickElements(1, [0, 3, 3, 1, -1, 0, 2, 2, 3, 1, 0, 0], [3, 2, 2]),
  pickElements(-1, [1, 1, 0, 0, -1, 0], [2, 3, 1]),
  elements('none', 1, [0, 3, 2, 1, -1, 0], [3, 1, 2]),
  elements('add', 1, [0, 3, 0, 1, -1, 0, 2, 2, 3, 1, 0, 0], [3, 2, 2]),
  elements('mul', 0, [2, 0, 2, 1, 1, 0, -1, 1], [2, 2, 2]),
  elements('max', 2, [1, 1, 0, 0, -1, 0], [1, 3, 2]),
  ...(['DCR', 'CRD'] as const).flatMap((order): OpCase[] => [
    {
      name: `depthToSpace, ${order}`,
      shapes: [[2, 2, 3, 12]],
      run: (x) => depthToSpace(x as tf.Tensor4D, 2, order),
      reference: spread(order) as OpCase['reference'],
    },
    {
      name: `spaceToDepth, ${order}`,
      shapes: [[2, 4, 6, 3]],
      run: (x) => spaceToDepth(x as tf.Tensor4D, 2, order),
      reference: collected(order) as OpCase['reference'],
    },
  ]),
  {
    name: 'tf.depthToSpace',
    shapes: [[2, 2, 3, 12]],
    run: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, 'NHWC'),
    reference: spread('DCR') as OpCase['reference'],
  },
];
