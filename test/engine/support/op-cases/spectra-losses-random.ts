import * as tf from '@tensorflow/tfjs';
import { integers, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

addFixed(
  'abs of complex numbers',
  () => [uniform([4]), uniform([4])],
  (re, im) => tf.abs(tf.complex(re, im)),
);
addFixed(
  'broadcastArgs',
  () => [tf.tensor1d([1, 3], 'int32'), tf.tensor1d([2, 1], 'int32')],
  (a, b) => tf.broadcastArgs(a, b),
);
addFixed(
  'fft',
  () => [uniform([2, 8]), uniform([2, 8])],
  (re, im) => {
    const y = tf.fft(tf.complex(re, im));
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'ifft',
  () => [uniform([2, 8]), uniform([2, 8])],
  (re, im) => {
    const y = tf.ifft(tf.complex(re, im));
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'rfft',
  () => [uniform([2, 8])],
  (x) => {
    const y = tf.rfft(x);
    return [tf.real(y), tf.imag(y)];
  },
);
addFixed(
  'irfft',
  () => [uniform([1, 5]), uniform([1, 5])],
  (re, im) => tf.irfft(tf.complex(re, im)),
);
addFixed(
  'signal.stft',
  () => [uniform([16])],
  (x: tf.Tensor1D) => tf.real(tf.signal.stft(x, 8, 4)),
);

add(
  'losses.meanSquaredError',
  () => [uniform([3, 4]), uniform([3, 4])],
  (a, b) => tf.losses.meanSquaredError(a, b),
);
add(
  'losses.huberLoss',
  () => [uniform([3, 4]), uniform([3, 4])],
  (a, b) => tf.losses.huberLoss(a, b),
);
add(
  'losses.softmaxCrossEntropy',
  () => [uniform([3, 4])],
  (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4), x),
);
add(
  'losses.sigmoidCrossEntropy',
  () => [uniform([3, 4])],
  (x) => tf.losses.sigmoidCrossEntropy(tf.onesLike(x), x),
);
add(
  'losses.logLoss',
  () => [uniform([3, 4], 0.1, 0.9)],
  (x) => tf.losses.logLoss(tf.onesLike(x), x),
);
addFixed(
  'randomUniform with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.randomUniform([4], 0, 1, 'float32', 7)),
);
addFixed(
  'randomNormal with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.randomNormal([4], 0, 1, 'float32', 7)),
);
addFixed(
  'truncatedNormal with a seed',
  () => [uniform([4])],
  (x) => tf.add(x, tf.truncatedNormal([4], 0, 1, 'float32', 7)),
);
addFixed(
  'dropout with a seed',
  () => [uniform([4])],
  (x) => tf.dropout(x, 0.5, undefined, 7),
);
addFixed(
  'multinomial with a seed',
  () => [uniform([2, 4])],
  (x: tf.Tensor2D) => tf.multinomial(x, 5, 7),
);
addFixed(
  'string.staticRegexReplace',
  () => [tf.tensor1d(['ab', 'cb'])],
  (x) => tf.string.staticRegexReplace(x, 'b', 'd'),
);
addFixed(
  'linalg.gramSchmidt',
  () => [uniform([3, 3])],
  (x: tf.Tensor2D) => tf.linalg.gramSchmidt(x),
);
addFixed(
  'linalg.qr',
  () => [uniform([3, 3])],
  (x) => tf.linalg.qr(x),
);
addFixed(
  'confusionMatrix',
  () => [integers([9], 3), integers([9], 3)],
  (a: tf.Tensor1D, b: tf.Tensor1D) => tf.math.confusionMatrix(a, b, 3),
);

export const SPECTRA_LOSSES_RANDOM = cases;
