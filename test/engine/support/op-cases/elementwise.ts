import * as tf from '@tensorflow/tfjs';
import { bools, integers, opCases, uniform } from './op-case.js';

const { cases, add, addFixed } = opCases();

for (const name of [
  ...(['abs', 'asinh', 'atan', 'cos', 'cosh', 'elu', 'erf', 'exp', 'expm1', 'leakyRelu', 'logSigmoid', 'neg'] as const),
  ...(['relu', 'relu6', 'selu', 'sigmoid', 'sin', 'sinh', 'softplus', 'square', 'step', 'tan', 'tanh'] as const),
  ...(['ceil', 'floor', 'round', 'sign', 'onesLike', 'zerosLike', 'clone'] as const),
])
  add(
    name,
    () => [uniform([2, 5])],
    (x) => tf[name](x),
  );
for (const name of ['acosh', 'log', 'log1p', 'reciprocal', 'rsqrt', 'sqrt'] as const)
  add(
    name,
    () => [uniform([2, 5], 1.1, 3)],
    (x) => tf[name](x),
  );
for (const name of ['acos', 'asin', 'atanh'] as const)
  add(
    name,
    () => [uniform([2, 5], -0.9, 0.9)],
    (x) => tf[name](x),
  );
for (const name of ['isFinite', 'isInf', 'isNaN'] as const)
  addFixed(
    name,
    () => [tf.tensor1d([1, NaN, Infinity])],
    (x) => tf[name](x),
  );
add(
  'clipByValue',
  () => [uniform([9])],
  (x) => tf.clipByValue(x, -1, 1),
);
add(
  'prelu',
  () => [uniform([2, 5]), uniform([5])],
  (x, alpha) => tf.prelu(x, alpha),
);

for (const name of ['maximum', 'minimum', 'squaredDifference'] as const)
  add(
    name,
    () => [uniform([3, 4]), uniform([3, 4])],
    (a, b) => tf[name](a, b),
  );
for (const name of ['add', 'sub', 'mul', 'atan2'] as const)
  add(
    name,
    () => [uniform([3, 4]), uniform([4])],
    (a, b) => tf[name](a, b),
  );
for (const name of ['div', 'floorDiv', 'mod', 'pow'] as const)
  add(
    name,
    () => [uniform([3, 4], 0.5, 3), uniform([4], 0.5, 3)],
    (a, b) => tf[name](a, b),
  );
addFixed(
  'divNoNan',
  () => [uniform([3]), tf.tensor1d([0, 1, 2])],
  (a, b) => tf.divNoNan(a, b),
);
for (const name of ['equal', 'notEqual', 'greater', 'greaterEqual', 'less', 'lessEqual'] as const)
  addFixed(
    name,
    () => [integers([9], 3), integers([9], 3)],
    (a, b) => tf[name](a, b),
  );
for (const name of ['logicalAnd', 'logicalOr', 'logicalXor'] as const)
  addFixed(
    name,
    () => [bools([9]), bools([9])],
    (a, b) => tf[name](a, b),
  );
addFixed(
  'logicalNot',
  () => [bools([9])],
  (a) => tf.logicalNot(a),
);
add(
  'where',
  () => [bools([3, 4]), uniform([3, 4]), uniform([3, 4])],
  (c, a, b) => tf.where(c, a, b),
  false,
);
add(
  'where, gradient of the values',
  () => [uniform([4]), uniform([4])],
  (a, b) => tf.where(tf.tensor1d([true, false, false, true]), a, b),
);
addFixed(
  'int32 arithmetic',
  () => [integers([5], 9), integers([5], 9)],
  (a, b) => tf.floorDiv(tf.mul(a, b), tf.add(a, 1)),
);
for (const type of ['int32', 'bool', 'complex64'] as const)
  addFixed(
    `cast to ${type}`,
    () => [uniform([9])],
    (x) => (type === 'complex64' ? tf.real(tf.cast(x, type)) : tf.cast(x, type)),
  );
add(
  'cast from int32',
  () => [uniform([9])],
  (x) => tf.mul(x, tf.cast(tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8, 9], 'int32'), 'float32')),
);

export const ELEMENTWISE = cases;
