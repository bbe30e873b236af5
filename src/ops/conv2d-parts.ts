import tf from '../common/tf.cjs';
import { nativeBackend } from '../engine/native.js';
import type { ConvInfo } from './conv-info.js';
import { nativeFilterGradient, nativeForward, nativeInputGradient } from './conv2d-native.js';
import { plainFilterGradient, plainForward, plainInputGradient } from './conv2d-plain.js';

/** What TensorFlow's own kernels say, where oneDNN is off (`TF_ENABLE_ONEDNN_OPTS=0`) or not part of the build (macOS). */
const REFUSED = /do not yet support dilation|grouped convolutions are not supported|filter_size does not have enough/;

/** `y [batch, out height, out width, out]` of a convolution, with any stride, padding, dilation and number of groups. */
export function convForward(info: ConvInfo, x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D {
  const backend = nativeBackend();
  const plain = (): tf.Tensor4D => plainForward(info, x, filter);
  return backend ? nativeOr(plain, () => nativeForward(backend, info, x, filter)) : plain();
}

/** Its gradient in `x`: the native backprop ops where TensorFlow has them, else a convolution of `dy` with the flipped filter. */
export function convInputGradient(info: ConvInfo, filter: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  const backend = nativeBackend();
  const plain = (): tf.Tensor4D => plainInputGradient(info, filter, dy);
  return backend ? nativeOr(plain, () => nativeInputGradient(backend, info, filter, dy)) : plain();
}

/** Its gradient in `filter`: the native backprop ops, else one matrix product per tap. */
export function convFilterGradient(info: ConvInfo, x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  const backend = nativeBackend();
  const plain = (): tf.Tensor4D => plainFilterGradient(info, x, dy);
  return backend ? nativeOr(plain, () => nativeFilterGradient(backend, info, x, dy)) : plain();
}

function nativeOr(plain: () => tf.Tensor4D, native: () => tf.Tensor4D): tf.Tensor4D {
  try {
    return native();
  } catch (error) {
    if (error instanceof Error && REFUSED.test(error.message)) return plain();
    throw error;
  }
}
