import tf from '../../common/tf.cjs';
import { convFilterGradient, convInputGradient } from '../conv2d-parts.js';

/**
 * The gradient of tf.depthwiseConv2d, with any stride, padding and dilation: that of a convolution with as many groups as channels. TensorFlow.js
 * has none for dilated ones, on wasm none at all, and on tensorflow none for explicit paddings.
 */
export const depthwiseConv2dGradient: tf.GradConfig = {
  kernelName: tf.DepthwiseConv2dNative,
  inputsToSave: ['x', 'filter'],
  gradFunc: (given, saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad, dilations, dimRoundingMode } = attrs as unknown as tf.DepthwiseConv2dNativeAttrs;
    const [height, width, channels, multiplier] = filter.shape;
    const grouped: [number, number, number, number] = [height, width, 1, channels * multiplier];
    // A layer records none where it has none.
    const steps = (dilations as typeof dilations | null) ?? 1;
    const info = tf.backend_util.computeConv2DInfo(x.shape, grouped, strides, steps, pad, dimRoundingMode);
    const dy = given as tf.Tensor4D;
    return {
      x: () => convInputGradient(info, tf.reshape(filter, grouped), dy),
      filter: () => tf.reshape(convFilterGradient(info, x, dy), filter.shape),
    };
  },
};
