import tf from '../../common/tf.cjs';

const COMPARISONS = [tf.Equal, tf.NotEqual, tf.Greater, tf.Less, tf.LessEqual, tf.LogicalAnd, tf.LogicalOr];

/**
 * A comparison is constant between the places where it jumps: its gradient is 0. TensorFlow.js has this for `greaterEqual` alone, and
 * refuses the gradient of `where(x > 0, x, y)` for want of the others.
 */
export const comparisonGradients: tf.GradConfig[] = [
  ...COMPARISONS.map((kernelName): tf.GradConfig => ({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_dy, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return { a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) };
    },
  })),
  { kernelName: tf.LogicalNot, gradFunc: (dy) => ({ x: () => tf.zeros((dy as tf.Tensor).shape) }) },
];
