import * as tf from '@tensorflow/tfjs';
import { image, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

add(
  'conv1d',
  () => [uniform([2, 9, 3]), uniform([3, 3, 4])],
  (x: tf.Tensor3D, f: tf.Tensor3D) => tf.conv1d(x, f, 2, 'same'),
);
add(
  'conv2d',
  () => [image(), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 2, 'same'),
);
add(
  'conv2d, explicit padding',
  () => [image(), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) =>
    tf.conv2d(x, f, 1, [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ]),
);
add(
  'conv2d, dilated',
  () => [image(9), uniform([3, 3, 3, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 1, 'same', 'NHWC', 2),
);
add(
  'conv2dTranspose',
  () => [uniform([1, 3, 3, 4]), uniform([3, 3, 2, 4])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2dTranspose(x, f, [1, 6, 6, 2], 2, 'same'),
);
add(
  'depthwiseConv2d',
  () => [image(), uniform([3, 3, 3, 2])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 1, 'same'),
);
addFixed(
  'depthwiseConv2d, dilated',
  () => [image(9), uniform([3, 3, 3, 2])],
  (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, 1, 'same', 'NHWC', 2),
);
add(
  'separableConv2d',
  () => [image(), uniform([3, 3, 3, 2]), uniform([1, 1, 6, 4])],
  (x: tf.Tensor4D, d: tf.Tensor4D, p: tf.Tensor4D) => tf.separableConv2d(x, d, p, 1, 'same'),
);
add(
  'conv3d',
  () => [uniform([1, 4, 5, 6, 2]), uniform([2, 2, 2, 2, 3])],
  (x: tf.Tensor5D, f: tf.Tensor5D) => tf.conv3d(x, f, 1, 'same'),
);
add(
  'dilation2d',
  () => [image(), uniform([2, 2, 3])],
  (x: tf.Tensor4D, f: tf.Tensor3D) => tf.dilation2d(x, f, 1, 'same'),
);
addFixed(
  'fused.conv2d',
  () => [image(), uniform([3, 3, 3, 4]), uniform([4])],
  (x: tf.Tensor4D, filter: tf.Tensor4D, bias) =>
    tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu6' }),
);
addFixed(
  'fused.depthwiseConv2d',
  () => [image(), uniform([3, 3, 3, 2]), uniform([6])],
  (x: tf.Tensor4D, filter: tf.Tensor4D, bias) =>
    tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'relu' }),
);
for (const name of ['avgPool', 'maxPool'] as const)
  add(
    name,
    () => [image()],
    (x: tf.Tensor4D) => tf[name](x, [2, 3], 2, 'same'),
  );
for (const name of ['avgPool3d', 'maxPool3d'] as const)
  add(
    name,
    () => [uniform([1, 4, 4, 4, 2])],
    (x: tf.Tensor5D) => tf[name](x, 2, 2, 'valid'),
  );
add(
  'pool, dilated',
  () => [image(8)],
  (x: tf.Tensor4D) => tf.pool(x, 2, 'avg', 'same', 2),
);
add(
  'batchNorm',
  () => [image(), uniform([3]), uniform([3], 0.5, 2), uniform([3]), uniform([3])],
  (x: tf.Tensor4D, m: tf.Tensor1D, v: tf.Tensor1D, o: tf.Tensor1D, s: tf.Tensor1D) => tf.batchNorm(x, m, v, o, s, 1e-3),
);
add(
  'localResponseNormalization',
  () => [image()],
  (x: tf.Tensor4D) => tf.localResponseNormalization(x, 2),
);
addFixed(
  'basicLSTMCell',
  () => [uniform([2, 3]), uniform([2, 4]), uniform([2, 4])],
  (x: tf.Tensor2D, c: tf.Tensor2D, h: tf.Tensor2D) =>
    tf.basicLSTMCell(tf.scalar(1), tf.ones([7, 16]), tf.zeros([16]), x, c, h),
);
add(
  'softmax',
  () => [uniform([3, 4])],
  (x) => tf.softmax(x),
);
add(
  'logSoftmax',
  () => [uniform([3, 4])],
  (x) => tf.logSoftmax(x),
);
addFixed(
  'dropout of rate 0',
  () => [uniform([3, 4])],
  (x) => tf.dropout(x, 0),
);

export const LAYERS = cases;
