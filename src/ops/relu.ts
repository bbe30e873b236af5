import tf from '../common/tf.cjs';
import { nativeBackend } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';

/** ReLU's gradient as one native op where there is one; TensorFlow.js's own takes a step function and a product. */
export const reluGradient: tf.GradConfig = {
  kernelName: tf.Relu,
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const y = (saved as tf.Tensor[])[0]!;
    const backend = nativeBackend();
    return {
      x: () =>
        backend
          ? backend.executeSingleOutput(
              'ReluGrad',
              [attributes(backend.binding).type('T', backend.binding.TF_FLOAT)],
              [dy as tf.Tensor, y],
            )
          : tf.mul(dy as tf.Tensor, tf.step(y)),
    };
  },
};
