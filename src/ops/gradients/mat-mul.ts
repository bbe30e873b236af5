import tf from '../../common/tf.cjs';
import { matMul } from '../mat-mul.js';
import { sumTo } from '../shapes.js';

/** Gradients of a matrix product, also where its batches broadcast, for which TensorFlow.js has none. */
export const matMulGradient: tf.GradConfig = {
  kernelName: tf.BatchMatMul,
  inputsToSave: ['a', 'b'],
  gradFunc: (given, saved, attrs) => {
    const dy = given as tf.Tensor;
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
    const da = () => (transposeA ? matMul(b, dy, transposeB, true) : matMul(dy, b, false, !transposeB));
    const db = () => (transposeB ? matMul(dy, a, true, transposeA) : matMul(a, dy, !transposeA, false));
    return { a: () => sumTo(da(), a.shape), b: () => sumTo(db(), b.shape) };
  },
};
