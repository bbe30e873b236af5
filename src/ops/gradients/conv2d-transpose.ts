import tf from '../../common/tf.cjs';
import { convFilterGradient, convForward } from '../conv2d-parts.js';

/** The gradient of tf.conv2dTranspose, for which the wasm engine lacks a kernel. */
export const conv2dTransposeGradient: tf.GradConfig = {
  kernelName: tf.Conv2DBackpropInput,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (given, saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad, dimRoundingMode } = attrs as unknown as tf.Conv2DBackpropInputAttrs;
    const dy = given as tf.Tensor4D;
    const info = tf.backend_util.computeConv2DInfo(dy.shape, filter.shape, strides, 1, pad, dimRoundingMode);
    return { dy: () => convForward(info, dy, filter), filter: () => convFilterGradient(info, dy, x) };
  },
};
