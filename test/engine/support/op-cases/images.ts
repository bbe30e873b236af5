import * as tf from '@tensorflow/tfjs';
import { image, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

for (const [align, half] of [
  [false, false],
  [true, false],
  [false, true],
] as const) {
  const kind = align ? ', aligned corners' : half ? ', half-pixel centres' : '';
  add(
    `resizeBilinear${kind}`,
    () => [image()],
    (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [9, 4], align, half),
  );
  add(
    `resizeNearestNeighbor${kind}`,
    () => [image()],
    (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [9, 4], align, half),
  );
}
addFixed(
  'image.threshold',
  () => [tf.round(uniform([4, 4, 1], 0, 255))],
  (x: tf.Tensor3D) => tf.image.threshold(x, 'binary', false, 0.5),
);
addFixed(
  'image.cropAndResize',
  () => [image(), uniform([3, 4], 0, 1)],
  (x: tf.Tensor4D, b: tf.Tensor2D) => tf.image.cropAndResize(x, b, tf.tensor1d([0, 1, 1], 'int32'), [4, 5]),
);
addFixed(
  'image.flipLeftRight',
  () => [image()],
  (x: tf.Tensor4D) => tf.image.flipLeftRight(x),
);
addFixed(
  'image.grayscaleToRGB',
  () => [uniform([2, 3, 4, 1])],
  (x: tf.Tensor4D) => tf.image.grayscaleToRGB(x),
);
addFixed(
  'image.rgbToGrayscale',
  () => [image()],
  (x: tf.Tensor4D) => tf.image.rgbToGrayscale(x),
);
addFixed(
  'image.nonMaxSuppression',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, s: tf.Tensor1D) => tf.image.nonMaxSuppression(b, s, 3),
);
addFixed(
  'image.nonMaxSuppressionWithScore',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, scores: tf.Tensor1D) => Object.values(tf.image.nonMaxSuppressionWithScore(b, scores, 3)),
);
addFixed(
  'image.nonMaxSuppressionPadded',
  () => [uniform([6, 4], 0, 1), uniform([6])],
  (b: tf.Tensor2D, s: tf.Tensor1D) => [tf.image.nonMaxSuppressionPadded(b, s, 5, 0.5, 0, true)['selectedIndices']!],
);

export const IMAGES = cases;
