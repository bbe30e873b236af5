import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../engine/native.js';
import { nativeFilterGradient, nativeInputGradient } from './conv2d-native.js';
import { plainFilterGradient, plainInputGradient } from './conv2d-plain.js';

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
 * For `y = conv2d(x, filter)` with `x [batch, height, width, in]`, `filter [kh, kw, in, out]` and `dy` like `y`:
 * on tensorflow the native backprop ops where it has them, else a convolution of `dy` with the flipped filter, and one matrix product per tap.
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
    const backend = nativeBackend();
    const plainX = (): tf.Tensor4D => plainInputGradient(info, filter, grad);
    const plainFilter = (): tf.Tensor4D => plainFilterGradient(info, last(x), grad);
    if (!backend) return { x: () => back(plainX()), filter: plainFilter };
    return {
      x: () => back(nativeOr(plainX, () => nativeInputGradient(backend, info, filter, grad))),
      filter: () => nativeOr(plainFilter, () => nativeFilterGradient(backend, info, last(x), grad)),
    };
  },
};

/** What TensorFlow's own kernels say, where oneDNN is off (`TF_ENABLE_ONEDNN_OPTS=0`) or not part of the build (macOS). */
const UNDILATED = /do not yet support dilation/;

function nativeOr(plain: () => tf.Tensor4D, native: () => tf.Tensor4D): tf.Tensor4D {
  try {
    return native();
  } catch (error) {
    if (error instanceof Error && UNDILATED.test(error.message)) return plain();
    throw error;
  }
}
