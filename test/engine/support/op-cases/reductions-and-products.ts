import * as tf from '@tensorflow/tfjs';
import { bools, image, integers, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

for (const name of ['sum', 'mean', 'max', 'min', 'prod', 'logSumExp', 'euclideanNorm'] as const) {
  add(
    `${name} of all`,
    () => [uniform([3, 4])],
    (x) => tf[name](x),
  );
  add(
    `${name} along an axis`,
    () => [uniform([3, 4, 2])],
    (x) => tf[name](x, 1, true),
  );
}
for (const name of ['all', 'any'] as const)
  addFixed(
    name,
    () => [bools([3, 4])],
    (x) => tf[name](x, 0),
  );
for (const name of ['argMax', 'argMin'] as const)
  addFixed(
    name,
    () => [uniform([3, 4])],
    (x) => tf[name](x, 1),
  );
add(
  'norm',
  () => [uniform([3, 4])],
  (x) => tf.norm(x, 2, 0),
);
add(
  'moments',
  () => [image()],
  (x) => Object.values(tf.moments(x, [0, 1, 2])),
);
add(
  'cumsum',
  () => [uniform([3, 4])],
  (x) => tf.cumsum(x, 1, true, true),
);
add(
  'cumprod',
  () => [uniform([3, 4])],
  (x) => tf.cumprod(x, 1),
  false,
);
addFixed(
  'bincount',
  () => [integers([9], 4), uniform([9])],
  (x: tf.Tensor1D, w: tf.Tensor1D) => tf.bincount(x, w, 4),
);
add(
  'unsortedSegmentSum',
  () => [uniform([5, 2])],
  (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 0, 2, 1], 'int32'), 3),
);
addFixed(
  'topk',
  () => [uniform([3, 6])],
  (x) => Object.values(tf.topk(x, 2)) as tf.Tensor[],
);
addFixed(
  'unique',
  () => [integers([9], 3)],
  (x) => [tf.unique(x).values, tf.unique(x).indices],
);

add(
  'matMul',
  () => [uniform([2, 3, 4]), uniform([2, 5, 4])],
  (a, b) => tf.matMul(a, b, false, true),
);
add(
  'matMul of matrices',
  () => [uniform([3, 4]), uniform([3, 5])],
  (a, b) => tf.matMul(a, b, true),
);
add(
  'dot',
  () => [uniform([4]), uniform([4])],
  (a, b) => tf.dot(a, b),
);
add(
  'outerProduct',
  () => [uniform([3]), uniform([4])],
  (a: tf.Tensor1D, b: tf.Tensor1D) => tf.outerProduct(a, b),
);
add(
  'einsum',
  () => [uniform([3, 4]), uniform([4, 5])],
  (a, b) => tf.einsum('ij,jk->ik', a, b),
  false,
);
add(
  'fused.matMul',
  () => [uniform([3, 4]), uniform([4, 5]), uniform([5])],
  (a: tf.Tensor2D, b: tf.Tensor2D, bias) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
);
addFixed(
  'linalg.bandPart',
  () => [uniform([4, 4])],
  (x) => tf.linalg.bandPart(x, 1, 0),
);

export const REDUCTIONS_AND_PRODUCTS = cases;
