import * as tf from '@tensorflow/tfjs';
import { integers, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

add(
  'reshape',
  () => [uniform([3, 4])],
  (x) => tf.reshape(x, [2, 6]),
);
add(
  'expandDims',
  () => [uniform([3, 4])],
  (x) => tf.expandDims(x, 1),
);
add(
  'squeeze',
  () => [uniform([3, 1, 4])],
  (x) => tf.squeeze(x),
);
add(
  'transpose',
  () => [uniform([2, 3, 4])],
  (x) => tf.transpose(x, [2, 0, 1]),
);
add(
  'reverse',
  () => [uniform([3, 4])],
  (x) => tf.reverse(x, 1),
);
add(
  'tile',
  () => [uniform([2, 3])],
  (x) => tf.tile(x, [2, 3]),
);
add(
  'broadcastTo',
  () => [uniform([1, 3])],
  (x) => tf.broadcastTo(x, [4, 3]),
);
add(
  'concat',
  () => [uniform([2, 3]), uniform([2, 4])],
  (a, b) => tf.concat([a, b], 1),
);
add(
  'stack',
  () => [uniform([2, 3]), uniform([2, 3])],
  (a, b) => tf.stack([a, b], 1),
);
add(
  'unstack',
  () => [uniform([2, 3])],
  (x) => tf.unstack(x),
);
add(
  'split',
  () => [uniform([4, 6])],
  (x) => tf.split(x, [1, 5], 1),
);
add(
  'slice',
  () => [uniform([4, 6])],
  (x) => tf.slice(x, [1, 2], [2, 3]),
);
add(
  'stridedSlice',
  () => [uniform([5, 6])],
  (x) => tf.stridedSlice(x, [4, 0], [0, 6], [-2, 2]),
  false,
);
add(
  'pad',
  () => [uniform([2, 3])],
  (x) =>
    tf.pad(
      x,
      [
        [1, 2],
        [0, 1],
      ],
      0.5,
    ),
);
for (const mode of ['reflect', 'symmetric'] as const)
  add(
    `mirrorPad ${mode}`,
    () => [uniform([3, 3])],
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        mode,
      ),
    false,
  );
add(
  'gather',
  () => [uniform([5, 3])],
  (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32')),
);
addFixed(
  'gather by an input',
  () => [uniform([2, 5, 3]), integers([2, 4], 5)],
  (x, i) => tf.gather(x, i, 1, 1),
);
add(
  'gatherND',
  () => [uniform([4, 3])],
  (x) =>
    tf.gatherND(
      x,
      tf.tensor2d(
        [
          [0, 1],
          [3, 2],
        ],
        undefined,
        'int32',
      ),
    ),
  false,
);
addFixed(
  'scatterND',
  () => [uniform([2])],
  (x) => tf.scatterND(tf.tensor2d([[0], [3]], undefined, 'int32'), x, [5]),
);
addFixed(
  'tensorScatterUpdate',
  () => [uniform([5]), uniform([2])],
  (x, u) => tf.tensorScatterUpdate(x, tf.tensor2d([[0], [3]], undefined, 'int32'), u),
);
addFixed(
  'sparseToDense',
  () => [uniform([2])],
  (x) => tf.sparseToDense(tf.tensor1d([1, 3], 'int32'), x, [5], tf.scalar(0.5)),
);
addFixed(
  'oneHot',
  () => [integers([5], 4)],
  (x) => tf.oneHot(x, 4, 2, -1),
);
add(
  'batchToSpaceND',
  () => [uniform([4, 2, 2, 1])],
  (x) =>
    tf.batchToSpaceND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
);
add(
  'spaceToBatchND',
  () => [uniform([1, 3, 4, 1])],
  (x) =>
    tf.spaceToBatchND(
      x,
      [2, 2],
      [
        [0, 1],
        [0, 0],
      ],
    ),
);
add(
  'depthToSpace',
  () => [uniform([1, 2, 2, 8])],
  (x: tf.Tensor4D) => tf.depthToSpace(x, 2),
  false,
);
addFixed(
  'meshgrid',
  () => [uniform([3]), uniform([4])],
  (a, b) => tf.meshgrid(a, b),
);
addFixed(
  'diag',
  () => [uniform([3])],
  (x) => tf.diag(x),
);
addFixed(
  'fill, range, linspace, eye',
  () => [uniform([3])],
  (x) => [tf.add(x, tf.fill([3], 2)), tf.add(x, tf.range(0, 3)), tf.add(x, tf.linspace(0, 1, 3)), tf.add(x, tf.eye(3))],
);

export const SHAPES = cases;
