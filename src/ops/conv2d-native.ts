import tf from '../common/tf.cjs';
import type { NativeBackend, OpAttr } from '../engine/native.js';
import { attributes } from '../engine/attrs.js';
import { groupsOf, type ConvInfo } from './conv-info.js';
import { tapsFilterGradient, wantsTaps } from './conv2d-taps.js';

/** `y`, by TensorFlow's Conv2D, which tells the groups from the filter's channels, or DepthwiseConv2dNative. */
export function nativeForward(
  backend: NativeBackend,
  info: ConvInfo,
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
): tf.Tensor4D {
  const attrs = convAttrs(backend, info);
  const sides = fixedPadding(info);
  if (isPlainDepthwise(info)) {
    return tf.tidy(() => {
      // TensorFlow fuses the op with what follows, and its fused one aborts the process on paddings of its own (2.21).
      const inputs = [sides ? paddedBy(sides, x) : x, tf.reshape(filter, depthwiseShape(info))];
      return backend.executeSingleOutput('DepthwiseConv2dNative', withoutCudnn(attrs), inputs) as tf.Tensor4D;
    });
  }
  if (sides) {
    const make = attributes(backend.binding);
    const explicit = [0, 0, sides.top, sides.bottom, sides.left, sides.right, 0, 0];
    attrs.splice(0, 1, make.text('padding', 'EXPLICIT'), make.int('explicit_paddings', explicit));
  }
  return backend.executeSingleOutput('Conv2D', attrs, [x, filter]) as tf.Tensor4D;
}

/** `dx`, by TensorFlow's Conv2DBackpropInput or DepthwiseConv2dNativeBackpropInput. */
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
    const [sizes, attrs] = [tf.tensor1d(padded, 'int32'), convAttrs(backend, info)];
    const dx = (
      isPlainDepthwise(info)
        ? backend.executeSingleOutput('DepthwiseConv2dNativeBackpropInput', withoutCudnn(attrs), [
            sizes,
            tf.reshape(filter, depthwiseShape(info)),
            dy,
          ])
        : backend.executeSingleOutput('Conv2DBackpropInput', attrs, [sizes, filter, dy])
    ) as tf.Tensor4D;
    return sides ? tf.slice4d(dx, [0, sides.top, sides.left, 0], info.inShape) : dx;
  });
}

/** `dW`, by TensorFlow's Conv2DBackpropFilter or DepthwiseConv2dNativeBackpropFilter, or by matrix products where they are faster. */
export function nativeFilterGradient(
  backend: NativeBackend,
  info: ConvInfo,
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
): tf.Tensor4D {
  if (wantsTaps(info)) return tapsFilterGradient(backend, info, x, dy);
  return tf.tidy(() => {
    const sides = fixedPadding(info);
    const seen = sides ? paddedBy(sides, x) : x;
    const attrs = convAttrs(backend, info);
    if (isPlainDepthwise(info)) {
      const inputs = [seen, tf.tensor1d(depthwiseShape(info), 'int32'), dy];
      const dw = backend.executeSingleOutput('DepthwiseConv2dNativeBackpropFilter', withoutCudnn(attrs), inputs);
      return tf.reshape(dw, info.filterShape);
    }
    const inputs = [sampled(info, seen), tf.tensor1d(info.filterShape, 'int32'), dy];
    return backend.executeSingleOutput('Conv2DBackpropFilter', attrs, inputs) as tf.Tensor4D;
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

/**
 * Whether TensorFlow's own depthwise kernels compute it: they are faster backwards than those for groups (docs/ops.md), but leave out dilations
 * there without a word, and refuse strides that differ.
 */
function isPlainDepthwise(info: ConvInfo): boolean {
  const { filterShape, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  return (
    filterShape[2] === 1 && groupsOf(info) > 1 && strideHeight === strideWidth && dilationHeight * dilationWidth === 1
  );
}

/** The depthwise ops' layout of the same filter: `[height, width, channels, multiplier]`. */
function depthwiseShape({ filterShape, inChannels, outChannels }: ConvInfo): [number, number, number, number] {
  return [filterShape[0], filterShape[1], inChannels, outChannels / inChannels];
}

function withoutCudnn(attrs: OpAttr[]): OpAttr[] {
  return attrs.filter(({ name }) => name !== 'use_cudnn_on_gpu');
}

function paddedBy({ top, bottom, left, right }: ConvInfo['padInfo'], x: tf.Tensor4D): tf.Tensor4D {
  return tf.pad4d(x, [[0, 0], [top, bottom], [left, right], [0, 0]]); // prettier-ignore
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
