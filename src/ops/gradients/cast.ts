import tf from '../../common/tf.cjs';

/** Between floats a cast hands the gradient on; whole numbers have none, where TensorFlow.js hands it on too. */
export const castGradient: tf.GradConfig = {
  kernelName: tf.Cast,
  gradFunc: (dy, _saved, attrs) => {
    const { dtype } = attrs as unknown as tf.CastAttrs;
    const given = dy as tf.Tensor;
    return { x: () => (dtype === 'float32' ? tf.clone(given) : tf.zeros(given.shape)) };
  },
};
