import tf from '../../common/tf.cjs';
import { sumTo } from '../shapes.js';

/**
 * The larger, or smaller, of two: the gradient goes to the one that was taken, to the first of equals. TensorFlow.js has no gradient
 * where the operands broadcast.
 */
const pair = (kernelName: string, takesFirst: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [tf.Tensor, tf.Tensor];
    const first = (): tf.Tensor => tf.mul(dy as tf.Tensor, tf.cast(takesFirst(a, b), 'float32'));
    return {
      a: () => sumTo(first(), a.shape),
      b: () => sumTo(tf.sub(dy as tf.Tensor, first()), b.shape),
    };
  },
});

/** The largest, or smallest, along axes: equal ones share the gradient, as in torch.amax. TensorFlow.js gives each of them all of it. */
const reduction = (kernelName: string): tf.GradConfig => ({
  kernelName,
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, saved, attrs) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    // The two kernels name it differently.
    const { reductionIndices, axis } = attrs as unknown as Partial<tf.MaxAttrs & tf.MinAttrs>;
    const axes = tf.util.parseAxisParam((reductionIndices ?? axis)!, x.shape);
    const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
    return {
      x: () => {
        const taken = tf.cast(tf.equal(x, tf.reshape(y, kept)), 'float32');
        const share = tf.div(tf.reshape(dy as tf.Tensor, kept), tf.sum(taken, axes, true));
        return tf.mul(share, taken);
      },
    };
  },
});

export const extremeGradients: tf.GradConfig[] = [
  pair(tf.Maximum, (a, b) => tf.greaterEqual(a, b)),
  pair(tf.Minimum, (a, b) => tf.lessEqual(a, b)),
  reduction(tf.Max),
  reduction(tf.Min),
];
