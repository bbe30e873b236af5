import * as tf from '@tensorflow/tfjs';
import type { NativeBackend, OpAttr } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';
import type { ConvInfo } from './conv-info.js';
import { tapsFilterGradient, wantsTaps } from './conv2d-taps.js';

/** `dx`, by TensorFlow's Conv2DBackpropInput. */
export function nativeInputGradient(
  backend: NativeBackend,
  info: ConvInfo,
  filter: tf.Tensor4D,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  return tf.tidy(() => {
    const sides = fixedPadding(info);
    const [batch, height, width, channels] = info.inShape;
    const padded = sides
      ? [batch, height + sides.top + sides.bottom, width + sides.left + sides.right, channels]
      : info.inShape;
    const inputs = [tf.tensor1d(padded, 'int32'), filter, dy];
    const dx = backend.executeSingleOutput('Conv2DBackpropInput', convAttrs(backend, info), inputs) as tf.Tensor4D;
    return sides ? tf.slice4d(dx, [0, sides.top, sides.left, 0], info.inShape) : dx;
  });
}

/** `dW`, by TensorFlow's Conv2DBackpropFilter, or by matrix products where they are faster. */
export function nativeFilterGradient(
  backend: NativeBackend,
  info: ConvInfo,
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  if (wantsTaps(info)) return tapsFilterGradient(backend, info, x, dy);
  return tf.tidy(() => {
    const sides = fixedPadding(info);
    const seen = sides
      ? tf.pad4d(x, [
          [0, 0],
          [sides.top, sides.bottom],
          [sides.left, sides.right],
          [0, 0],
        ])
      : x;
    const inputs = [sampled(info, seen), tf.tensor1d(info.filterShape, 'int32'), dy];
    return backend.executeSingleOutput('Conv2DBackpropFilter', convAttrs(backend, info), inputs) as tf.Tensor4D;
  });
}

/**
 * The part of `x` that a strided 1x1 convolution sees. oneDNN's AVX-512 kernel for the filter's gradient gathers those pixels itself
 * where the input is the output times the stride, and then writes past its buffer unless channels fill its blocks of 16, which
 * corrupts the heap (TensorFlow 2.21). An input without the rows and columns that go unseen takes another kernel.
 */
function sampled(info: ConvInfo, x: tf.Tensor4D): tf.Tensor4D {
  const { filterHeight, filterWidth, strideHeight, strideWidth, inChannels, outHeight, outWidth, batchSize } = info;
  if (filterHeight * filterWidth > 1 || strideHeight * strideWidth === 1 || inChannels % 16 === 0) return x;
  const [height, width] = [(outHeight - 1) * strideHeight + 1, (outWidth - 1) * strideWidth + 1];
  return tf.slice(x, [0, 0, 0, 0], [batchSize, height, width, inChannels]);
}

/**
 * The padding where it is neither `same` nor `valid`; the gradient then is that of `valid` on the padded input. oneDNN's backprops, the
 * only dilated ones, take no explicit paddings, and the ones that do are ten times slower.
 */
function fixedPadding({ padInfo }: ConvInfo): ConvInfo['padInfo'] | null {
  return padInfo.type === 'SAME' || padInfo.type === 'VALID' ? null : padInfo;
}

function convAttrs(backend: NativeBackend, info: ConvInfo): OpAttr[] {
  const make = attributes(backend.binding);
  return [
    make.text('padding', info.padInfo.type === 'SAME' ? 'SAME' : 'VALID'),
    make.type('T', backend.binding.TF_FLOAT),
    make.int('strides', [1, info.strideHeight, info.strideWidth, 1]),
    make.text('data_format', 'NHWC'),
    make.int('dilations', [1, info.dilationHeight, info.dilationWidth, 1]),
    make.bool('use_cudnn_on_gpu', true),
  ];
}
