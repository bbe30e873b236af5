import tf from '../../common/tf.cjs';
import { convFilterGradient, convInputGradient } from '../conv2d-parts.js';

/** What a recorded Conv2D kernel carries. */
interface ConvAttrs {
  strides: [number, number] | number;
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat: 'NHWC' | 'NCHW';
  dilations: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * The gradient of conv2d, with any stride, padding and dilation; TensorFlow.js has none for dilated ones on any engine.
 *
 * For `y = conv2d(x, filter)` with `x [batch, height, width, in]`, `filter [kh, kw, in, out]` and `dy` like `y`.
 */
export const conv2dGradient: tf.GradConfig = {
  kernelName: tf.Conv2D,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = attrs as unknown as ConvAttrs;
    const isFirst = dataFormat === 'NCHW';
    // The gradients compute with the channels last.
    const last = (tensor: tf.Tensor4D): tf.Tensor4D => (isFirst ? tf.transpose(tensor, [0, 2, 3, 1]) : tensor);
    const back = (tensor: tf.Tensor4D): tf.Tensor4D => (isFirst ? tf.transpose(tensor, [0, 3, 1, 2]) : tensor);
    const info = tf.backend_util.computeConv2DInfo(
      isFirst ? [x.shape[0], x.shape[2], x.shape[3], x.shape[1]] : x.shape,
      filter.shape,
      strides,
      dilations,
      isFirst && Array.isArray(pad) ? [pad[0], pad[2], pad[3], pad[1]] : pad,
      dimRoundingMode,
      false,
      'channelsLast',
    );
    const grad = last(dy as tf.Tensor4D);
    return {
      x: () => back(convInputGradient(info, filter, grad)),
      filter: () => convFilterGradient(info, last(x), grad),
    };
  },
};
